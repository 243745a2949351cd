"""The Debian that `base` starts from: a published image, or one made here for machines that can pull none."""

import hashlib
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from dataops.platform import packages
from dataops.platform.images import engine as engines
from dataops.platform.images.recipe import REGISTRY, timestamp
from dataops.platform.paths import cache_dir
from dataops.platform.process import run, step

PACKAGES = ("ca-certificates", "libnss-wrapper", "python3", "python3-venv", "tini", "tzdata")
LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
# Perl's library, which libnss-wrapper and git name and nothing here calls; what installations run is in perl-base
PERL = "usr/share/perl usr/lib/x86_64-linux-gnu/perl usr/lib/x86_64-linux-gnu/libperl.so.*"
# `base` compiles Python's modules anew
CLEAN = (
    f'cd "$1" && rm -r {PERL} && ' "find usr -name __pycache__ -prune -exec rm -r {} + && rm -f var/cache/debconf/*-old"
)


def _options(versions: Mapping[str, str]) -> list[str]:
    excluded = [f"--dpkgopt=path-exclude={path}" for path in LEFT_OUT]
    wanted = ["--variant=minbase", f"--include={','.join(PACKAGES)}", "--aptopt=Acquire::Retries 3"]
    return [*wanted, *excluded, f"--customize-hook={CLEAN}", versions["DEBIAN_RELEASE"]]


def base_image(versions: Mapping[str, str]) -> str:
    """What `base` starts from, by name: the same on every machine, because the tags of all images follow from it.

    Args:
        versions: The pinned versions.

    Returns:
        BASE_IMAGE of the environment, else the name of the rootfs.
    """
    options = " ".join([*_options(versions), versions["IMAGES_DATE"]])
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
    engines.import_rootfs(engine, _make_rootfs(reference, versions), reference, timestamp(versions))
    return reference


def _make_rootfs(reference: str, versions: Mapping[str, str]) -> Path:
    archive = cache_dir() / "rootfs" / f"{reference.rpartition(':')[2]}.tar"
    if archive.is_file():
        return archive
    archive.parent.mkdir(exist_ok=True)
    partial = archive.with_suffix(f".{os.getpid()}.tar")
    mirror = os.environ.get("DEBIAN_MIRROR")
    options, date = _options(versions), {"SOURCE_DATE_EPOCH": str(timestamp(versions))}
    try:
        with step("make a Debian root file system with mmdebstrap, about 45 s"):
            run(["mmdebstrap", *options, str(partial), *([mirror] if mirror else [])], env=date)
        partial.rename(archive)
    finally:
        partial.unlink(missing_ok=True)
    return archive
