"""Signatures with the owner's own GPG key, in the form that OpenShift's nodes can insist on (simple signing)."""

import re
import shutil
import tempfile
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import packages
from dataops.platform.process import run

CREATE = "gpg --quick-generate-key 'Data platform <platform@example.com>' rsa3072 sign 2y"
FINGERPRINT = re.compile(r"^fpr:+([0-9A-F]{40}):", re.MULTILINE)


def fingerprint(key: str, secret: bool) -> str:
    """The fingerprint of a key of the owner's GPG keyring.

    Args:
        key: What GPG knows it by: fingerprint, key id or mail address.
        secret: Whether it must be able to sign.

    Returns:
        40 hexadecimal digits.

    Raises:
        UserError: No key was named, or the keyring has none or several of that name.
    """
    use = "sign with" if secret else "trust"
    if not key:
        raise UserError(f"name the GPG key to {use}: KEY=<fingerprint or mail>; `{CREATE}` makes one")
    for program, package in (("gpg", "gnupg"), ("skopeo", "skopeo")):
        if not shutil.which(program):
            packages.install(package)
    kind = "--list-secret-keys" if secret else "--list-keys"
    done = run(["gpg", "--batch", "--with-colons", "--fingerprint", kind, "--", key], check=False)
    blocks = re.split(r"^(?=sec:|pub:)", done.stdout, flags=re.MULTILINE)[1:]
    found = [match[1] for block in blocks if (match := FINGERPRINT.search(block))]
    if not found:
        fix = f"`{CREATE}` makes one" if secret else "import it with `gpg --import`, from somebody you trust"
        raise UserError(f"KEY={key} is not in your GPG keyring as a key to {use}: {fix}")
    if len(found) > 1:
        raise UserError(f"KEY={key} names {len(found)} keys of your GPG keyring: name one by its fingerprint")
    return found[0]


def sign_image(manifest: Path, identity: str, key: str, signature: Path) -> None:
    """Sign an image's manifest under a name.

    Args:
        manifest: The manifest.
        identity: The name that policies ask for, e.g. localhost/dataops/spark:0123456789ab.
        key: Fingerprint of the key.
        signature: The file to write.
    """
    run(["skopeo", "standalone-sign", "--output", signature, manifest, identity, key])


def sign_file(file: Path, key: str) -> None:
    """Sign a file; the signature lies beside it as <file>.asc."""
    command = ["gpg", "--batch", "--yes", "--armor", "--local-user", key, "--output", f"{file}.asc", "--detach-sign"]
    run([*command, str(file)])


def image_problem(manifest: Path, identity: str, key: str, signature: Path) -> str | None:
    """What is wrong with an image's signature; None when the key signed this manifest under this name."""
    done = run(["skopeo", "standalone-verify", manifest, identity, key, signature], check=False)
    return None if done.returncode == 0 else "is not this manifest's by this key"


def file_problem(file: Path, key: str) -> str | None:
    """What is wrong with the signature beside a file; None when the key made it."""
    done = run(["gpg", "--batch", "--status-fd", "1", "--verify", f"{file}.asc", str(file)], check=False)
    valid = [line.split() for line in done.stdout.splitlines() if line.startswith("[GNUPG:] VALIDSIG ")]
    # the signing key, and last the primary key it belongs to
    return (
        None if done.returncode == 0 and any(key in (words[2], words[-1]) for words in valid) else "is not by this key"
    )


def export(key: str, target: Path) -> None:
    """Write the public key, for nodes and for those who verify; the private one stays in the keyring."""
    with tempfile.TemporaryDirectory() as folder:
        partial = Path(folder) / "key"
        run(["gpg", "--batch", "--armor", "--output", partial, "--export", key])
        shutil.copyfile(partial, target)
