"""Small images as an engine writes them: an OCI layout with plain layers."""

import hashlib
import io
import json
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Image:
    """An image to write: its name, the files of each layer, and what the builder noted."""

    name: str
    layers: tuple[Mapping[str, bytes], ...]
    comment: str = "FROM 0123456789ab"


def _layer(files: Mapping[str, bytes]) -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name in sorted(files):
            info = tarfile.TarInfo(name)
            info.size = len(files[name])
            archive.addfile(info, io.BytesIO(files[name]))
    return content.getvalue()


def put_image(image: Image, folder: Path) -> None:
    """Add an image to a folder, as `skopeo copy` does without compressing."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)

    def put(content: bytes) -> dict[str, str | int]:
        digest = hashlib.sha256(content).hexdigest()
        (blobs / digest).write_bytes(content)
        return {"digest": f"sha256:{digest}", "size": len(content)}

    layers = [put(_layer(files)) for files in image.layers]
    described = {"rootfs": {"diff_ids": [one["digest"] for one in layers]}, "history": [{"comment": image.comment}]}
    config = put(json.dumps(described).encode())
    manifest = put(json.dumps({"config": config, "layers": layers}).encode())
    entry = {**manifest, "annotations": {"org.opencontainers.image.ref.name": image.name}}
    index = folder / "index.json"
    others = json.loads(index.read_text(encoding="utf-8"))["manifests"] if index.is_file() else []
    index.write_text(json.dumps({"manifests": [*others, entry]}), encoding="utf-8")
