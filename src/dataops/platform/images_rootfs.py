"""The Debian that `base` starts from: a published image, or one made here for machines that can pull none."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from dataops.platform.images_recipe import REGISTRY
from dataops.platform.paths import cache_dir
from dataops.platform.process import run, step

PACKAGES = ("ca-certificates", "libnss-wrapper", "python3", "python3-venv", "tini", "tzdata")
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")


def _options(release: str) -> list[str]:
    excluded = [f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT]
    return ["--variant=minbase", f"--include={','.join(PACKAGES)}", "--aptopt=Acquire::Retries 3", *excluded, release]


def base_image(versions: Mapping[str, str]) -> str:
    """What `base` starts from.

    Args:
        versions: The pinned versions.

    Returns:
        BASE_IMAGE of the environment, else an image made with mmdebstrap, else (no mmdebstrap) Debian's own image.
    """
    release = versions["DEBIAN_RELEASE"]
    named = os.environ.get("BASE_IMAGE")
    if named:
        return named
    if not shutil.which("mmdebstrap"):
        return f"docker.io/library/debian:{release}-slim"
    return f"{REGISTRY}/rootfs:{hashlib.sha256(' '.join(_options(release)).encode()).hexdigest()[:12]}"


def make_rootfs(reference: str, versions: Mapping[str, str]) -> Path:
    """Make the archive behind a `rootfs` reference, or find it in the cache.

    Args:
        reference: What `base_image` returned.
        versions: The pinned versions.

    Returns:
        A tar of the root file system.
    """
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
