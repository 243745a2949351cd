"""An image and a checkout whose parts, origin and signature are told: what the tests of them share."""

import io
import subprocess
import zipfile
from pathlib import Path

import pytest

from dataops.platform.images import engine as engines
from dataops.platform.images.layout import publish
from tests.unit.platform.layouts import Image, put_image

NAME = "localhost/dataops/spark:1"
DPKG = b"""Package: bash
Status: install ok installed
Architecture: amd64
Version: 5.2.15-2+b8

Package: gone
Status: deinstall ok config-files
Architecture: amd64
Version: 1
"""


def jar(group: str, name: str, version: str, packed: str = "") -> bytes:
    """A jar as Maven writes them, with another one packed into it if wanted."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for artifact in filter(None, (name, packed)):
            text = f"#made by Maven\ngroupId={group}\nartifactId={artifact}\nversion={version}\n"
            archive.writestr(zipfile.ZipInfo(f"META-INF/maven/{group}/{artifact}/pom.properties"), text)
    return content.getvalue()


SPARK = Image(
    NAME,
    (
        {"var/lib/dpkg/status": DPKG, "opt/old-1.0.jar": jar("org", "old", "1.0")},
        {
            "opt/venv/lib/python3.11/site-packages/Py_YAML-6.dist-info/METADATA": b"Name: Py_YAML\nVersion: 6\n\ntext",
            "opt/proxy/node_modules/@types/node/package.json": b'{"name": "@types/node", "version": "2.0.0"}',
            "usr/lib/jvm/java/release": b'JAVA_VERSION="17.0.1"\n',
            "opt/spark/jars/a-1.0.jar": jar("org", "a", "1.0", packed="b"),
            "opt/spark/jars/nameless-2.0.jar": jar("org", "", "2.0"),
            "opt/.wh.old-1.0.jar": b"",
        },
    ),
)


def published(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Publish the image; from now on it is what the engine holds."""
    monkeypatch.setenv("DATAOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(engines, "add_to_layout", lambda reference, folder: put_image(SPARK, folder))
    folder = tmp_path / "cache" / "published"
    publish({NAME: NAME}, folder)
    return folder


def git(root: Path, *words: str) -> None:
    """Run git in a checkout."""
    who = ["-c", "user.name=a", "-c", "user.email=a@example.com"]
    subprocess.run(["git", "-C", str(root), *who, *words], check=True, capture_output=True)


def checkout(tmp_path: Path) -> Path:
    """Make a checkout with one image, in one commit."""
    folder = tmp_path / "checkout"
    files = {
        "images/spark/Dockerfile": "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\nCOPY locks/spark.txt /lock\n",
        "locks/spark.txt": "pyspark==1\n",
        "versions.env": "IMAGES_DATE=2026-01-31\nDEBIAN_RELEASE=bookworm\n",
        ".dockerignore": "",
        ".gitignore": "dist/\n",
    }
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder
