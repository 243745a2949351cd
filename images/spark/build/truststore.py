"""Write the truststore of a Java from a PEM bundle: the same bytes for the same bundle, unlike keytool's."""

import base64
import hashlib
import re
import struct
import sys
from pathlib import Path

CERTIFICATE = re.compile(rb"-----BEGIN CERTIFICATE-----(.+?)-----END CERTIFICATE-----", re.DOTALL)
MAGIC, VERSION, TRUSTED = 0xFEEDFEED, 2, 2
# the password Java reads its own truststore without
PASSWORD = "changeit"


def _text(value: str) -> bytes:
    return struct.pack(">H", len(value)) + value.encode("ascii")


def truststore(bundle: bytes) -> bytes:
    """Pack certificates as a Java keystore (JKS).

    Args:
        bundle: Certificates in PEM form.

    Returns:
        The keystore; its entries bear no date.
    """
    certificates = sorted({base64.b64decode(body) for body in CERTIFICATE.findall(bundle)})
    parts = [struct.pack(">III", MAGIC, VERSION, len(certificates))]
    for certificate in certificates:
        alias = hashlib.sha256(certificate).hexdigest()
        head = struct.pack(">I", TRUSTED) + _text(alias) + struct.pack(">Q", 0) + _text("X.509")
        parts.append(head + struct.pack(">I", len(certificate)) + certificate)
    body = b"".join(parts)
    seal = hashlib.sha1(PASSWORD.encode("utf-16-be") + b"Mighty Aphrodite" + body, usedforsecurity=False)
    return body + seal.digest()


if __name__ == "__main__":
    Path(sys.argv[2]).write_bytes(truststore(Path(sys.argv[1]).read_bytes()))
