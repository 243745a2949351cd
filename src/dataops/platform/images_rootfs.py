"""The Debian that `base` starts from: a published image, or one made here for machines that can pull none."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from dataops.platform import images_engine as engines
from dataops.platform import packages
from dataops.platform.images_recipe import REGISTRY
from dataops.platform.paths import cache_dir
from dataops.platform.process import run, step

PACKAGES = ("ca-certificates", "libnss-wrapper", "python3", "python3-venv", "tini", "tzdata")
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")


def _options(release: str) -> list[str]:
    excluded = [f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT]
    return ["--variant=minbase", f"--include={','.join(PACKAGES)}", "--aptopt=Acquire::Retries 3", *excluded, release]


def base_image(versions: Mapping[str, str]) -> str:
    """What `base` starts from, by name: the same on every machine, because the tags of all images follow from it.

    Args:
        versions: The pinned versions.

    Returns:
        BASE_IMAGE of the environment, else the name of the rootfs.
    """
    options = " ".join(_options(versions["DEBIAN_RELEASE"]))
    return os.environ.get("BASE_IMAGE") or f"{REGISTRY}/rootfs:{hashlib.sha256(options.encode()).hexdigest()[:12]}"


def provide(reference: str, versions: Mapping[str, str], engine: str) -> str:
    """Have ready what `base` starts from.

    Args:
        reference: What `base_image` returned.
        versions: The pinned versions.
        engine: docker, podman or buildah.

    Returns:
        The image to start from: the reference itself, or Debian's own image where no rootfs can be made.
    """
    if not reference.startswith(f"{REGISTRY}/rootfs:") or engines.exists(engine, reference):
        return reference
    if not shutil.which("mmdebstrap"):
        if not packages.can_install():
            return f"docker.io/library/debian:{versions['DEBIAN_RELEASE']}-slim"
        packages.install("mmdebstrap")
    engines.import_rootfs(engine, _make_rootfs(reference, versions), reference)
    return reference


def _make_rootfs(reference: str, versions: Mapping[str, str]) -> Path:
    archive = cache_dir() / "rootfs" / f"{reference.rpartition(':')[2]}.tar"
    if archive.is_file():
        return archive
    archive.parent.mkdir(exist_ok=True)
    partial = archive.with_suffix(f".{os.getpid()}.tar")
    mirror = os.environ.get("DEBIAN_MIRROR")
    options = _options(versions["DEBIAN_RELEASE"])
    try:
        with step("make a Debian root file system with mmdebstrap, about 45 s"):
            run(["mmdebstrap", *options, str(partial), *([mirror] if mirror else [])])
        partial.rename(archive)
    finally:
        partial.unlink(missing_ok=True)
    return archive
