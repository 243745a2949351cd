"""Promises of the jar fetcher that runs in the spark build: coordinates in, checked files out."""

import hashlib
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

from tests.unit.platform.scripts import script

LOCK = "# comment\n\norg.postgresql:postgresql:1.2.3 0123\n"


@pytest.fixture(scope="module")
def fetch_jars() -> ModuleType:
    """The script of the image, imported from where it lies."""
    return script("images/spark/build/fetch_jars.py")


def test_lock_is_coordinate_and_checksum(fetch_jars: ModuleType) -> None:
    assert fetch_jars.parse_lock(LOCK) == {"org.postgresql:postgresql:1.2.3": "0123"}


def test_project_names_each_coordinate(fetch_jars: ModuleType) -> None:
    pom = ET.fromstring(fetch_jars.project(["g:a:1", "h:b_2.12:2"], Path("/jars")))  # noqa: S314 - our own text
    assert [[part.text for part in item] for item in pom.iter("artifactItem")] == [
        ["g", "a", "1"],
        ["h", "b_2.12", "2"],
    ]
    assert pom.findtext(".//outputDirectory") == "/jars"


def test_other_bytes_are_refused(fetch_jars: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a-1.jar").write_bytes(b"jar")
    right = hashlib.sha256(b"jar").hexdigest()
    assert fetch_jars.wrong_checksums({"g:a:1": right}, tmp_path) == []
    assert fetch_jars.wrong_checksums({"g:a:1": "0" * 64}, tmp_path) == [f"g:a:1 has sha256 {right}, not {'0' * 64}"]


def test_jvm_trusts_what_the_bundle_adds(
    fetch_jars: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pems = {}
    for name in ("system", "company"):
        key, pem = tmp_path / f"{name}.key", tmp_path / f"{name}.pem"
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name}", "-days", "1"]
        subprocess.run([*command, "-keyout", str(key), "-out", str(pem)], check=True, capture_output=True)
        pems[name] = pem.read_text()
    monkeypatch.setattr(fetch_jars, "SYSTEM_BUNDLE", tmp_path / "system.pem")
    asked: list[list[str]] = []
    monkeypatch.setattr(fetch_jars, "SYSTEM_TRUSTSTORE", tmp_path / "system.pem")
    monkeypatch.setattr(fetch_jars.subprocess, "run", lambda command, **_: asked.append(command))
    bundle = tmp_path / "bundle.pem"
    bundle.write_text(pems["system"] + pems["company"])
    assert fetch_jars.truststore_options(bundle, tmp_path) == [f"-Djavax.net.ssl.trustStore={tmp_path / 'cacerts'}"]
    assert len(asked) == 1 and (tmp_path / "0.pem").read_text() == pems["company"]
    bundle.write_text(pems["system"])
    assert fetch_jars.truststore_options(bundle, tmp_path) == []
    assert fetch_jars.truststore_options(tmp_path / "none.pem", tmp_path) == []
