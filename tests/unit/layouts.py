"""Images of one small layer, written into an OCI layout by hand, and a bundle of them."""

import gzip
import hashlib
import io
import json
import tarfile
from pathlib import Path

from dataops.platform import bundle


def small_image(layout: Path, name: str, content: str = "hello") -> str:
    """Write an image into an OCI layout by hand and return its digest, which nobody has to tell us."""
    blobs = layout / "blobs" / "sha256"
    blobs.mkdir(parents=True, exist_ok=True)

    def blob(data: bytes, kind: str) -> dict[str, object]:
        hashed = hashlib.sha256(data).hexdigest()
        (blobs / hashed).write_bytes(data)
        return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": f"sha256:{hashed}", "size": len(data)}

    layer = io.BytesIO()
    with tarfile.open(fileobj=layer, mode="w") as archive:
        entry = tarfile.TarInfo("greeting")
        entry.size = len(content.encode())
        archive.addfile(entry, io.BytesIO(content.encode()))
    plain = layer.getvalue()
    rootfs = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(plain).hexdigest()}"]}
    config = blob(json.dumps({"architecture": "amd64", "os": "linux", "rootfs": rootfs}).encode(), "config.v1+json")
    layers = [blob(gzip.compress(plain, mtime=0), "layer.v1.tar+gzip")]
    kind = "application/vnd.oci.image.manifest.v1+json"
    manifest = {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers}
    found = blob(json.dumps(manifest).encode(), "manifest.v1+json")
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}', encoding="utf-8")
    index = layout / "index.json"
    known = json.loads(index.read_text(encoding="utf-8"))["manifests"] if index.exists() else []
    entry_of = {**found, "annotations": {"org.opencontainers.image.ref.name": name}}
    index.write_text(json.dumps({"schemaVersion": 2, "manifests": [*known, entry_of]}), encoding="utf-8")
    return str(found["digest"])


def small_bundle(folder: Path, names: list[str]) -> bundle.Bundle:
    """Write a bundle as `dataops bundle create` lays it out, of images of a few bytes."""
    for name in names:
        small_image(folder / bundle.IMAGES, name, content=f"I am {name}")
    for path in ("charts/spark-0.1.0.tgz", "packages/boto3/boto3.whl", "jars/postgresql.jar", "tools/helm-v0"):
        (folder / path).parent.mkdir(parents=True)
        (folder / path).write_text(path, encoding="utf-8")
    bundle.write_list(folder, "a-commit")
    return bundle.read(folder)
