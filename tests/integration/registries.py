"""A real registry on loopback behind TLS, and an image of one small layer to put into it."""

import gzip
import hashlib
import io
import json
import socket
import subprocess
import tarfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cluster.binaries import tools
from dataops.platform.tools import build
from tests.unit.tls import make_certificates

PATIENCE_SECONDS = 30
USER, PASSWORD = "somebody", "open sesame"
# bcrypt of the line above, which nothing in Python's library computes
HTPASSWD = f"{USER}:$2b$05$aoDyCLAhkkz6yCTslW5BkuAYvqr1GHTutpGVzS2fQ266RaT7xCzn6\n"
CONFIGURATION = """
version: 0.1
log: {{level: warn, accesslog: {{disabled: true}}}}
storage: {{filesystem: {{rootdirectory: {folder}/data}}, delete: {{enabled: true}}}}
http: {{addr: "127.0.0.1:{port}", tls: {{certificate: {folder}/server.pem, key: {folder}/server.key}}}}
{auth}
"""


@contextmanager
def registry(folder: Path, login: bool = False) -> Iterator[str]:
    """Serve a registry of which `folder/ca` holds the CA, and yield its host and port."""
    certificates = make_certificates(folder)
    for name, file in (("ca", certificates.authority), ("other", certificates.other)):
        (folder / name).mkdir()
        (folder / name / "ca.crt").write_bytes(file.read_bytes())
    (folder / "htpasswd").write_text(HTPASSWD, encoding="utf-8")
    auth = f"auth: {{htpasswd: {{realm: tests, path: {folder}/htpasswd}}}}" if login else ""
    port = _free_port()
    configuration = folder / "config.yml"
    configuration.write_text(CONFIGURATION.format(folder=folder, port=port, auth=auth), encoding="utf-8")
    with (folder / "log").open("w") as log:
        command = [build(tools()["registry"]), "serve", configuration]
        # without the environment: it takes every REGISTRY_* for a setting of its own
        server = subprocess.Popen(command, stdout=log, stderr=log, env={})
        try:
            _await(port, server, folder / "log")
            yield f"127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait()


def _await(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1):
                return
        except OSError:
            if server.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the registry does not serve: {log.read_text(encoding='utf-8')}") from None
            time.sleep(0.1)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


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
