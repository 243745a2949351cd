"""Promises of published images: layers once, compressed well, readable by others, and the same bytes every time."""

import hashlib
import io
import json
import tarfile
from pathlib import Path

import pytest
import zstandard

from dataops.platform.images import engine as engines
from dataops.platform.images import layout as layouts
from dataops.platform.images.layout import blob, publish, read_config, read_manifest
from tests.unit.platform.layouts import Image, put_image

pytestmark = pytest.mark.usefixtures("engine")
BASE = {"etc/os-release": b"Debian", "usr/lib/big": b"the same words " * 5000}


@pytest.fixture
def engine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine whose images are described by `put_image`; nothing is built."""
    monkeypatch.setenv("DATAOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(engines, "add_to_layout", lambda reference, folder: put_image(IMAGES[reference], folder))


IMAGES = {
    "localhost/dataops/base:1": Image("localhost/dataops/base:1", (BASE,)),
    "localhost/dataops/spark:1": Image("localhost/dataops/spark:1", (BASE, {"opt/spark": b"jars"})),
}


def test_a_shared_layer_is_stored_and_counted_once(tmp_path: Path) -> None:
    done = publish({"base:1": "localhost/dataops/base:1", "spark:1": "localhost/dataops/spark:1"}, tmp_path / "out")
    assert done["spark:1"].layers[0] == done["base:1"].layers[0]
    assert done["spark:1"].size == sum(size for _, size in done["spark:1"].layers)
    found = {path.name for path in (tmp_path / "out/blobs/sha256").iterdir()}
    assert len(found) == 2 + 2 * 2, "two layers, and a manifest and a configuration for each image"


def test_every_blob_is_what_its_name_says_and_small(tmp_path: Path) -> None:
    done = publish({"base:1": "localhost/dataops/base:1"}, tmp_path)
    for path in (tmp_path / "blobs/sha256").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
    assert done["base:1"].size < 1000


def test_others_read_the_layers(tmp_path: Path) -> None:
    publish({"base:1": "localhost/dataops/base:1"}, tmp_path)
    layer = read_manifest(tmp_path, "base:1")["layers"][0]
    assert layer["mediaType"] == "application/vnd.oci.image.layer.v1.tar+zstd"
    packed = blob(tmp_path, layer["digest"])
    assert packed.stat().st_size == layer["size"]
    plain = zstandard.ZstdDecompressor().decompress(packed.read_bytes())
    assert f"sha256:{hashlib.sha256(plain).hexdigest()}" in read_config(tmp_path, "base:1")["rootfs"]["diff_ids"]
    with tarfile.open(fileobj=io.BytesIO(plain)) as archive:
        assert archive.getnames() == sorted(BASE)


def test_the_same_image_has_the_same_digest_on_another_machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = publish({"spark:1": "localhost/dataops/spark:1"}, tmp_path / "one")
    monkeypatch.setenv("DATAOPS_CACHE", str(tmp_path / "other-cache"))
    assert publish({"spark:1": "localhost/dataops/spark:1"}, tmp_path / "two") == first
    assert layouts.digest(tmp_path / "two", "spark:1") == first["spark:1"].digest


def test_a_layer_that_was_compressed_before_is_taken_from_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish({"base:1": "localhost/dataops/base:1"}, tmp_path / "one")
    made = []
    compressor = zstandard.ZstdCompressor

    def counted(compression_params: zstandard.ZstdCompressionParameters) -> zstandard.ZstdCompressor:
        made.append(compression_params)
        return compressor(compression_params=compression_params)

    monkeypatch.setattr(zstandard, "ZstdCompressor", counted)
    publish({"spark:1": "localhost/dataops/spark:1"}, tmp_path / "two")
    assert len(made) == 1, "of the two layers, one is in the cache"


def test_a_new_image_of_a_name_replaces_the_old_and_leaves_the_others(tmp_path: Path) -> None:
    publish({"base": "localhost/dataops/base:1", "other": "localhost/dataops/base:1"}, tmp_path)
    publish({"base": "localhost/dataops/spark:1"}, tmp_path)
    names = [one["annotations"][layouts.NAME] for one in json.loads((tmp_path / "index.json").read_text())["manifests"]]
    assert sorted(names) == ["base", "other"]
    assert len(read_manifest(tmp_path, "base")["layers"]) == 2 and len(read_manifest(tmp_path, "other")["layers"]) == 1


def test_no_image_is_no_digest(tmp_path: Path) -> None:
    assert layouts.digest(tmp_path, "base:1") is None


def test_the_ids_of_a_builds_containers_do_not_change_the_digest(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = "localhost/dataops/base:1"
    first = publish({name: name}, tmp_path / "one")[name]
    again = Image(name, (BASE,), "FROM fedcba987654")
    monkeypatch.setattr(engines, "add_to_layout", lambda reference, folder: put_image(again, folder))
    assert publish({name: name}, tmp_path / "two")[name].digest == first.digest
