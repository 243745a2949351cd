"""The private certificate authority of ENV=local, and the trust bundle that every client reads."""

import datetime
import ipaddress
import os
import ssl
import warnings
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import pkcs12
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from dataops.errors import UserError

CA_YEARS = 10
SERVER_DAYS = 825


def new_ca() -> tuple[str, str]:
    """Make a certificate authority.

    Returns:
        Its certificate and its key, as PEM.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "DataOps local CA")])
    usage = x509.KeyUsage(
        digital_signature=False,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=True,
        crl_sign=True,
        encipher_only=False,
        decipher_only=False,
    )
    builder = (
        _builder(name, name, key.public_key(), datetime.timedelta(days=365 * CA_YEARS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage, critical=True)
    )
    return _pem(builder.sign(key, hashes.SHA256())), _key_pem(key)


def new_server(ca_certificate: str, ca_key: str, names: list[str]) -> tuple[str, str]:
    """Make a server's certificate.

    Args:
        ca_certificate: The signing CA's certificate, as PEM.
        ca_key: Its key.
        names: The host names and addresses the server answers to.

    Returns:
        The certificate and its key, as PEM.
    """
    issuer = x509.load_pem_x509_certificate(ca_certificate.encode())
    signer = serialization.load_pem_private_key(ca_key.encode(), password=None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    builder = (
        _builder(subject, issuer.subject, key.public_key(), datetime.timedelta(days=SERVER_DAYS))
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    return _pem(builder.sign(signer, hashes.SHA256())), _key_pem(key)


def system_roots() -> str:
    """The root certificates this machine trusts, as PEM.

    Raises:
        UserError: The machine has no bundle.
    """
    paths = ssl.get_default_verify_paths()
    for candidate in (os.environ.get("SSL_CERT_FILE"), paths.cafile, paths.openssl_cafile):
        if candidate and Path(candidate).is_file():
            return Path(candidate).read_text(encoding="utf-8")
    raise UserError("this machine has no bundle of root certificates: install ca-certificates or set SSL_CERT_FILE")


def truststore(bundle: str) -> bytes:
    """The certificates of a bundle as a PKCS12 file that Java reads without a password.

    Args:
        bundle: Certificates as PEM.

    Returns:
        The file's bytes.
    """
    certificates = parse(bundle.encode(), "the CA bundle")
    entries = [pkcs12.PKCS12Certificate(one, f"ca-{number}".encode()) for number, one in enumerate(certificates)]
    return pkcs12.serialize_java_truststore(entries, serialization.NoEncryption())


def parse(bundle: bytes, name: str) -> list[x509.Certificate]:
    """Read the certificates of a bundle.

    Args:
        bundle: Certificates as PEM.
        name: What people know it by, for the message.

    Returns:
        The certificates.

    Raises:
        UserError: It holds none, or a broken one.
    """
    try:
        with warnings.catch_warnings():
            # old public roots with a serial number of zero are no fault of ours
            warnings.simplefilter("ignore", CryptographyDeprecationWarning)
            return x509.load_pem_x509_certificates(bundle)
    except ValueError:
        raise UserError(f"{name} holds no readable certificate: name a file with certificates in PEM") from None


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: datetime.timedelta
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + life)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
    )


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(serialization.Encoding.PEM).decode()


def _key_pem(key: ec.EllipticCurvePrivateKey) -> str:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    ).decode()
