"""Promises of the signatures, with GPG and skopeo themselves: whatever was changed, `make verify` is red."""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform import registry
from dataops.platform.attest import attest, signing
from dataops.platform.images import builder
from dataops.platform.images import engine as engines
from dataops.platform.images.layout import publish
from tests.unit.platform.attested import NAME, SPARK, checkout, published
from tests.unit.platform.layouts import Image, put_image


@pytest.fixture
def layout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where a published image lies."""
    return published(tmp_path, monkeypatch)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with one image, in one commit."""
    return checkout(tmp_path)


@pytest.fixture(scope="session")
def keyring(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, dict[str, str]]]:
    """A GPG home of the tests' own with two keys, and their fingerprints."""
    home = tmp_path_factory.mktemp("gnupg")
    home.chmod(0o700)
    environment = {**os.environ, "GNUPGHOME": str(home)}
    prints = {}
    for mail in ("owner@example.com", "other@example.com"):
        command = ["gpg", "--batch", "--passphrase", "", "--quick-generate-key", mail, "rsa2048", "sign", "never"]
        subprocess.run(command, env=environment, check=True, capture_output=True)
        listed = ["gpg", "--batch", "--with-colons", "--list-keys", mail]
        said = subprocess.run(listed, env=environment, check=True, capture_output=True, text=True).stdout
        prints[mail] = signing.FINGERPRINT.findall(said)[0]
    yield home, prints
    subprocess.run(["gpgconf", "--kill", "all"], env=environment, check=False, capture_output=True)


@pytest.fixture
def signed(
    root: Path, layout: Path, keyring: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch
) -> tuple[Path, str]:
    """A checkout whose image is signed, and the fingerprint of who did it."""
    home, prints = keyring
    monkeypatch.setenv("GNUPGHOME", str(home))
    monkeypatch.setattr(builder, "build", lambda root, engine: {"spark": NAME})
    monkeypatch.setattr(builder, "image_refs", lambda root: {"spark": NAME})
    monkeypatch.setattr(engines, "choose_engine", lambda wanted: "git")  # it tells its version as an engine does
    attest.sign(root, "owner@example.com")
    return root, prints["owner@example.com"]


def test_what_was_signed_is_verified(signed: tuple[Path, str]) -> None:
    root, key = signed
    (line,) = attest.verify(root, key)
    assert line.startswith(f"{NAME} sha256:")
    assert (root / "dist/attest/key.asc").read_text().startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----")
    told = json.loads((root / "dist/attest/spark/provenance.json").read_text())
    names = [one["name"] for one in told["predicate"]["buildDefinition"]["resolvedDependencies"]]
    assert names == ["source", "debian root file system", "locks/spark.txt"]


@pytest.mark.parametrize("file", attest.FILES)
def test_one_changed_byte_of_any_file_is_red(signed: tuple[Path, str], file: str) -> None:
    root, key = signed
    path = root / "dist/attest/spark" / file
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match="do not use these images"):
        attest.verify(root, key)


@pytest.mark.parametrize("file", attest.FILES)
def test_a_missing_file_is_named(signed: tuple[Path, str], file: str) -> None:
    root, key = signed
    (root / "dist/attest/spark" / file).unlink()
    with pytest.raises(UserError, match=f"spark: {file} missing"):
        attest.verify(root, key)


def test_a_list_with_a_part_less_is_red(signed: tuple[Path, str]) -> None:
    root, key = signed
    path = root / "dist/attest/spark/sbom.cdx.json"
    content = json.loads(path.read_text())
    content["components"].pop()
    content.pop("dependencies")
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match="provenance.json names another sbom.cdx.json"):
        attest.verify(root, key)


def test_the_word_of_another_key_does_not_count(signed: tuple[Path, str]) -> None:
    root, _ = signed
    with pytest.raises(UserError, match="signature-1 is not this manifest's by this key"):
        attest.verify(root, "other@example.com")


def test_statements_about_one_image_do_not_serve_another(
    signed: tuple[Path, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    root, key = signed
    shutil.copytree(root / "dist/attest/spark", root / "dist/attest/mlflow")
    other = {"spark": NAME, "mlflow": "localhost/dataops/mlflow:1"}
    monkeypatch.setattr(builder, "image_refs", lambda root: other)
    with pytest.raises(UserError, match="mlflow: signature-1 is not this manifest's"):
        attest.verify(root, key)


def test_an_image_that_was_replaced_is_red(
    signed: tuple[Path, str], layout: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root, key = signed
    changed = Image(NAME, (*SPARK.layers, {"opt/evil": b"x"}))
    monkeypatch.setattr(engines, "add_to_layout", lambda reference, folder: put_image(changed, folder))
    publish({NAME: NAME}, layout)
    with pytest.raises(UserError, match="on this machine is another image, sha256:"):
        attest.verify(root, key)


def test_the_registrys_image_is_compared(signed: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> None:
    root, key = signed
    asked = []

    def digest(reference: str) -> str | None:
        asked.append(reference)
        return "sha256:" + "0" * 64

    monkeypatch.setattr(registry, "digest", digest)
    with pytest.raises(UserError, match="registry.example.com/dataops/spark:1 is another image"):
        attest.verify(root, key, "registry.example.com/dataops")
    assert asked == ["registry.example.com/dataops/spark:1"]


@pytest.mark.parametrize(
    ("key", "sentence"),
    [
        ("", "name the GPG key to sign with: KEY=<fingerprint or mail>; `gpg --quick-generate-key"),
        ("nobody@example.com", "KEY=nobody@example.com is not in your GPG keyring as a key to sign with"),
        ("example.com", "KEY=example.com names 2 keys of your GPG keyring"),
    ],
)
def test_a_key_that_cannot_be_used_is_one_sentence(
    keyring: tuple[Path, dict[str, str]], monkeypatch: pytest.MonkeyPatch, key: str, sentence: str
) -> None:
    monkeypatch.setenv("GNUPGHOME", str(keyring[0]))
    with pytest.raises(UserError) as error:
        signing.fingerprint(key, secret=True)
    assert str(error.value).startswith(sentence) and "\n" not in str(error.value)
