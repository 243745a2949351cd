"""Images of the node's own pods, made of one static program each, and how images get into the node."""

from __future__ import annotations

import hashlib
import io
import json
import sys
import tarfile
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from cluster.settings import SOCKET
from dataops.platform.process import run

FORGET_SECONDS = 20
REF_NAME = "org.opencontainers.image.ref.name"


@dataclass(frozen=True)
class ScratchImage:
    """An image that holds one static program and nothing else.

    Attributes:
        name: Name and tag.
        program: The program on this machine.
        path: Where it is in the image.
        arguments: What it is started with.
        links: Further names of the program in the image.
    """

    name: str
    program: Path
    path: str
    arguments: tuple[str, ...] = ()
    links: tuple[str, ...] = ()

    def save(self, archive: Path) -> None:
        """Write the image as an archive that `docker load` and `ctr images import` read."""
        with tempfile.TemporaryDirectory(dir=archive.parent) as folder:
            layer = Path(folder) / "layer.tar"
            with tarfile.open(layer, "w") as tar:
                tmp = tarfile.TarInfo("tmp")
                tmp.type, tmp.mode = tarfile.DIRTYPE, 0o1777
                tar.addfile(tmp)
                tar.add(self.program.resolve(), self.path.lstrip("/"), filter=_plain)
                for link in self.links:
                    info = tarfile.TarInfo(link.lstrip("/"))
                    info.type, info.linkname = tarfile.SYMTYPE, self.path
                    tar.addfile(info)
            digest = hashlib.sha256(layer.read_bytes()).hexdigest()
            machine = {"x86_64": "amd64", "aarch64": "arm64"}[run(["uname", "-m"]).stdout.strip()]
            config = {
                "architecture": machine,
                "os": "linux",
                "config": {"Entrypoint": [self.path, *self.arguments], "Env": ["PATH=/bin"], "User": "65532"},
                "rootfs": {"type": "layers", "diff_ids": [f"sha256:{digest}"]},
            }
            manifest = [{"Config": "config.json", "RepoTags": [self.name], "Layers": ["layer.tar"]}]
            with tarfile.open(archive, "w") as tar:
                tar.add(layer, "layer.tar")
                for name, content in (("config.json", config), ("manifest.json", manifest)):
                    data = json.dumps(content).encode()
                    info = tarfile.TarInfo(name)
                    info.size = len(data)
                    tar.addfile(info, io.BytesIO(data))


def _plain(info: tarfile.TarInfo) -> tarfile.TarInfo:
    info.mode, info.uid, info.gid, info.mtime = 0o755, 0, 0, 0
    return info


def ctr(*words: str | Path, check: bool = True) -> str:
    """Ask the node's containerd, in the namespace of Kubernetes."""
    return run(["ctr", "--address", SOCKET, "--namespace", "k8s.io", *words], check=check).stdout


def forget_pods() -> bool:
    """End every container and forget it, so that only images stay; tell whether that worked."""
    for kind, how in (("tasks", ("--force",)), ("containers", ())):
        deadline = time.monotonic() + FORGET_SECONDS
        while left := ctr(kind, "list", "-q").split():
            if time.monotonic() > deadline:
                print(f"    the images are not kept, because {len(left)} {kind} do not go", file=sys.stderr)
                return False
            # containerd deletes what ends as well, and whoever is second is told off
            ctr(kind, "delete", *how, *left, check=False)
    return True


def present() -> set[str]:
    """Names of the images that the node has."""
    return {name for name in ctr("images", "list", "-q").split() if not name.startswith("sha256:")}


def import_archive(archive: Path) -> list[str]:
    """Put the images of a saved archive into the node.

    Args:
        archive: What `docker save`, `podman save` or `buildah push docker-archive:` wrote.

    Returns:
        Names of the images that it brought.
    """
    before = present()
    ctr("images", "import", archive)
    return sorted(present() - before)


def import_layout(layout: Path, names: list[str]) -> None:
    """Put images of an OCI layout folder into the node; layers that it has already are not sent again.

    Args:
        layout: What `skopeo copy ... oci:` wrote, uncompressed.
        names: The images, as the layout's index calls them.
    """
    there = set(ctr("content", "list", "-q").split())
    index = json.loads((layout / "index.json").read_text(encoding="utf-8"))
    wanted = [entry for entry in index["manifests"] if entry["annotations"][REF_NAME] in names]
    digests: set[str] = set()
    for entry in wanted:
        manifest = json.loads(_blob(layout, entry["digest"]).read_text(encoding="utf-8"))
        digests |= {entry["digest"], manifest["config"]["digest"], *(layer["digest"] for layer in manifest["layers"])}
        entry["annotations"] = {"io.containerd.image.name": entry["annotations"][REF_NAME]}
    with tempfile.TemporaryDirectory(dir=layout.parent) as folder:
        archive, part = Path(folder) / "part.tar", Path(folder) / "index.json"
        part.write_text(json.dumps({**index, "manifests": wanted}), encoding="utf-8")
        with tarfile.open(archive, "w") as tar:
            tar.add(layout / "oci-layout", "oci-layout")
            tar.add(part, "index.json")
            for digest in sorted(digests - there):
                tar.add(_blob(layout, digest), f"blobs/{digest.replace(':', '/')}")
        ctr("images", "import", archive)


def _blob(layout: Path, digest: str) -> Path:
    return layout / "blobs" / digest.replace(":", "/")


def ensure_images(images: list[ScratchImage]) -> None:
    """Make and import those images that the node does not have."""
    there = present()
    for image in images:
        if image.name not in there:
            with tempfile.TemporaryDirectory() as folder:
                archive = Path(folder) / "image.tar"
                image.save(archive)
                import_archive(archive)
