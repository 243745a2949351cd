"""Fetch the jars of a lock by their Maven coordinates and refuse any whose checksum differs from the committed one."""

import hashlib
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SYSTEM_BUNDLE = Path("/etc/ssl/certs/ca-certificates.crt")
SYSTEM_TRUSTSTORE = Path("/etc/ssl/certs/java/cacerts")
CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----\n?", re.DOTALL)


def parse_lock(text: str) -> dict[str, str]:
    """Read the lines `group:artifact:version sha256` of a jar lock.

    Args:
        text: The lock; lines that start with # are comments.

    Returns:
        Each coordinate with its checksum.
    """
    lines = [line.split() for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return {coordinate: checksum for coordinate, checksum in lines}


def file_name(coordinate: str) -> str:
    """The file a coordinate is called by Maven, e.g. postgresql-42.7.4.jar."""
    _, artifact, version = coordinate.split(":")
    return f"{artifact}-{version}.jar"


def project(coordinates: list[str], target: Path) -> str:
    """A Maven project that does nothing but copy jars, without what they depend on, into a folder.

    Args:
        coordinates: `group:artifact:version` of each jar.
        target: The folder.

    Returns:
        The text of its pom.xml.
    """
    items = "".join(
        "<artifactItem><groupId>{}</groupId><artifactId>{}</artifactId><version>{}</version></artifactItem>".format(
            *coordinate.split(":")
        )
        for coordinate in coordinates
    )
    return (
        "<project><modelVersion>4.0.0</modelVersion><groupId>dataops</groupId><artifactId>jars</artifactId>"
        "<version>1</version><build><plugins><plugin><artifactId>maven-dependency-plugin</artifactId><configuration>"
        f"<outputDirectory>{target}</outputDirectory><artifactItems>{items}</artifactItems>"
        "</configuration></plugin></plugins></build></project>"
    )


def wrong_checksums(lock: dict[str, str], folder: Path) -> list[str]:
    """Name each jar of a lock whose file in a folder is not the locked one."""
    found = {name: hashlib.sha256((folder / file_name(name)).read_bytes()).hexdigest() for name in lock}
    return [f"{name} has sha256 {found[name]}, not {lock[name]}" for name in lock if found[name] != lock[name]]


def truststore_options(bundle: Path, folder: Path) -> list[str]:
    """Make a truststore that also trusts what a build's own CA bundle adds to the system's.

    Args:
        bundle: The build's CA bundle; need not exist.
        folder: Where the truststore may be written.

    Returns:
        The options that make a JVM use it; none when there is nothing to add.
    """
    if not bundle.is_file():
        return []
    known = set(CERTIFICATE.findall(SYSTEM_BUNDLE.read_text(encoding="utf-8")))
    extra = [pem for pem in CERTIFICATE.findall(bundle.read_text(encoding="utf-8")) if pem not in known]
    if not extra:
        return []
    store = folder / "cacerts"
    store.write_bytes(SYSTEM_TRUSTSTORE.read_bytes())
    for number, pem in enumerate(extra):
        certificate = folder / f"{number}.pem"
        certificate.write_text(pem, encoding="utf-8")
        keytool = ["keytool", "-importcert", "-noprompt", "-storepass", "changeit", "-alias", f"build-{number}"]
        subprocess.run([*keytool, "-keystore", str(store), "-file", str(certificate)], check=True, capture_output=True)
    return [f"-Djavax.net.ssl.trustStore={store}"]


def main(lock_path: str, target: str) -> int:
    """Fetch the jars of a lock into a folder.

    Args:
        lock_path: The lock.
        target: The folder.

    Returns:
        The exit code: 1 when a checksum differs.
    """
    lock = parse_lock(Path(lock_path).read_text(encoding="utf-8"))
    settings = Path("/run/secrets/maven")
    options = ["-s", str(settings)] if settings.is_file() else []
    with tempfile.TemporaryDirectory() as folder:
        options += truststore_options(Path("/run/secrets/ca"), Path(folder))
        pom = Path(folder, "pom.xml")
        pom.write_text(project(list(lock), Path(target)), encoding="utf-8")
        command = ["mvn", "-q", "-B", "-f", str(pom), "-Dmaven.repo.local=/root/.cache/maven", *options]
        subprocess.run([*command, "dependency:copy"], check=True)
    wrong = wrong_checksums(lock, Path(target))
    for line in wrong:
        print(f"error: {line}: run `make lock` if the change is meant", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main(*sys.argv[1:]))
