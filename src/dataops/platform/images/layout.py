"""Images as a registry gets them: an OCI layout whose layers are compressed once, as small as zstd makes them.

An engine compresses at every push, and with gzip. Here the cache knows a compressed layer by the digest of its content,
so a layer that several images share, or that an earlier release had, costs nothing again, and the same content always
becomes the same bytes.
"""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from dataops.platform import registry
from dataops.platform.images import engine as engines
from dataops.platform.paths import cache_dir, published_dir
from dataops.platform.process import step

# packed once, fetched by every node; a window of 128 MB finds what a layer's files share, readers allow far more
LEVEL, WINDOW = 22, 27
ZSTD = zstandard.ZstdCompressionParameters.from_level(LEVEL, window_log=WINDOW, enable_ldm=True)
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+zstd"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
INDEX = "application/vnd.oci.image.index.v1+json"
NAME = "org.opencontainers.image.ref.name"


@dataclass(frozen=True)
class Published:
    """An image as it lies in a layout.

    Attributes:
        digest: The manifest's digest, which registries and pods know the image by.
        layers: The digest and the compressed size of each layer, the lowest first.
    """

    digest: str
    layers: tuple[tuple[str, int], ...]

    @property
    def size(self) -> int:
        """Bytes that a node without any of the layers fetches."""
        return sum(size for _, size in self.layers)


def reads_storage(engine: str) -> bool:
    """Whether layers can be taken from an engine's storage: without root only the engine knows where they are."""
    return os.getuid() == 0 and engines.writes_layouts(engine)


def push(engine: str, local: str, remote: str) -> None:
    """Push an image to a registry, as small as it gets where its storage can be read; else the engine does it its way.

    Args:
        engine: docker, podman or buildah.
        local: The image.
        remote: Its name in the registry.
    """
    if not reads_storage(engine):
        engines.push(engine, local, remote)
        return
    publish({local: local}, published_dir())
    registry.copy(f"oci:{published_dir()}:{local}", remote)


def publish(references: Mapping[str, str], layout: Path) -> dict[str, Published]:
    """Write images of buildah or podman into an OCI layout with compressed layers.

    Args:
        references: The images, by the name that the layout is to know each by.
        layout: The folder; what it holds already stays.

    Returns:
        What was written, by the same names.
    """
    _blobs(layout).mkdir(parents=True, exist_ok=True)
    (layout / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}', encoding="utf-8")
    with tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
        plain = Path(folder)
        for reference in references.values():
            engines.add_to_layout(reference, plain)
        packed = _compress(plain, references.values())
        return {name: _publish(plain, reference, packed, layout, name) for name, reference in references.items()}


def _compress(plain: Path, references: Collection[str]) -> dict[str, Path]:
    """The compressed form of every layer of some images, the largest first so that no core waits for it at the end."""
    layers = {one["digest"]: one["size"] for name in references for one in read_manifest(plain, name)["layers"]}
    order = sorted(layers, key=lambda one: -layers[one])
    with step("compress the layers that are new"):
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            return dict(zip(order, pool.map(lambda one: _compressed(blob(plain, one)), order), strict=True))


def _publish(plain: Path, reference: str, packed: Mapping[str, Path], layout: Path, name: str) -> Published:
    manifest = read_manifest(plain, reference)
    config = _put(_lasting(blob(plain, manifest["config"]["digest"]).read_bytes()), layout)
    layers = []
    for path in [packed[one["digest"]] for one in manifest["layers"]]:
        known_as = f"sha256:{path.suffix[1:]}"
        _link(path, blob(layout, known_as))
        layers.append((known_as, path.stat().st_size))
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, **config},
        "layers": [{"mediaType": LAYER, "digest": one, "size": size} for one, size in layers],
    }
    put = _put(json.dumps(document, separators=(",", ":")).encode(), layout)
    _name(layout, name, {"mediaType": MANIFEST, **put})
    return Published(str(put["digest"]), tuple(layers))


def _lasting(config: bytes) -> bytes:
    """An image's configuration without the ids of the containers it was built in, which are others in each build."""
    document = json.loads(config)
    for made in document.get("history", []):
        made.pop("comment", None)
    return json.dumps(document, separators=(",", ":")).encode()


def digest(layout: Path, reference: str) -> str | None:
    """The digest of an image in a layout; None when it holds no such image."""
    path = layout / "index.json"
    manifests = json.loads(path.read_text(encoding="utf-8"))["manifests"] if path.is_file() else []
    return next((str(one["digest"]) for one in manifests if one.get("annotations", {}).get(NAME) == reference), None)


def read_manifest(layout: Path, reference: str) -> dict[str, Any]:
    """The manifest of an image that a layout holds."""
    found = digest(layout, reference)
    assert found, f"{reference} is not in {layout}"
    manifest: dict[str, Any] = json.loads(blob(layout, found).read_bytes())
    return manifest


def read_config(layout: Path, reference: str) -> dict[str, Any]:
    """The configuration of an image that a layout holds."""
    config: dict[str, Any] = json.loads(blob(layout, read_manifest(layout, reference)["config"]["digest"]).read_bytes())
    return config


def _compressed(layer: Path) -> Path:
    """The compressed form of a layer, from the cache or made now; its suffix is its own digest."""
    version = ".".join(map(str, zstandard.ZSTD_VERSION))
    cache = cache_dir() / "layers" / f"zstd-{version}-{LEVEL}-{WINDOW}"
    cache.mkdir(parents=True, exist_ok=True)
    known = next(cache.glob(f"{layer.name}.*"), None)
    if known:
        return known
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        partial = Path(folder) / "layer"
        with layer.open("rb") as plain, partial.open("wb") as packed:
            zstandard.ZstdCompressor(compression_params=ZSTD).copy_stream(plain, packed, size=layer.stat().st_size)
        with partial.open("rb") as file:
            known_as = hashlib.file_digest(file, "sha256").hexdigest()
        return partial.rename(cache / f"{layer.name}.{known_as}")


def _link(source: Path, target: Path) -> None:
    if target.exists():
        return
    try:
        os.link(source, target)
    except OSError:  # another file system
        shutil.copyfile(source, target)


def _blobs(layout: Path) -> Path:
    return layout / "blobs" / "sha256"


def blob(layout: Path, known_as: str) -> Path:
    """Where a layout keeps what has a digest."""
    return _blobs(layout) / known_as.removeprefix("sha256:")


def _put(content: bytes, layout: Path) -> dict[str, str | int]:
    known_as = f"sha256:{hashlib.sha256(content).hexdigest()}"
    blob(layout, known_as).write_bytes(content)
    return {"digest": known_as, "size": len(content)}


def _name(layout: Path, reference: str, described: dict[str, str | int]) -> None:
    path = layout / "index.json"
    before = json.loads(path.read_text(encoding="utf-8"))["manifests"] if path.is_file() else []
    others = [one for one in before if one["annotations"][NAME] != reference]
    manifests = [*others, {**described, "annotations": {NAME: reference}}]
    index = {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}
    path.write_text(json.dumps(index, indent=2), encoding="utf-8")
