"""The images everybody writes first: built from bench/naive, weighed as a push would send them, and taken away."""

import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path

from dataops.platform.images import engine as engines
from dataops.platform.images.layout import read_manifest
from dataops.platform.paths import cache_dir
from dataops.platform.process import run, step

FOLDER = Path(__file__).with_suffix("")
DEBIAN = "localhost/naive/debian:1"
# what a company's proxy asks of every build; the files are the machine's, mounted while a step runs
TRUST = {
    "PIP_CERT": "/run/ca/ca-certificates.crt",
    "NODE_EXTRA_CA_CERTS": "/run/ca/ca-certificates.crt",
    "MAVEN_OPTS": "-Djavax.net.ssl.trustStore=/run/ca/java/cacerts",
}


def names() -> list[str]:
    """The naive images, one per component."""
    return sorted(path.parent.name for path in FOLDER.glob("*/Dockerfile"))


def weigh(name: str, versions: Mapping[str, str]) -> dict[str, int]:
    """The compressed size of each layer of a naive image by its digest; measured once per recipe and versions.

    Args:
        name: The image.
        versions: The pinned versions.

    Returns:
        Sizes in bytes, the lowest layer first.
    """
    recipe = (FOLDER / name / "Dockerfile").read_text(encoding="utf-8")
    wanted = {one: versions[one] for one in re.findall(r"^ARG (\w+)", recipe, re.MULTILINE) if one in versions}
    state = hashlib.sha256(json.dumps([recipe, wanted, versions["IMAGES_DATE"]]).encode()).hexdigest()[:12]
    kept = cache_dir() / "bench" / f"naive-{name}-{state}.json"
    if not kept.is_file():
        sizes = _measure(name, wanted, versions["DEBIAN_RELEASE"])
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(json.dumps(sizes), encoding="utf-8")
    found: dict[str, int] = json.loads(kept.read_text(encoding="utf-8"))
    return found


def _measure(name: str, wanted: Mapping[str, str], release: str) -> dict[str, int]:
    _provide_debian(release)
    reference = f"localhost/naive/{name}:1"
    command = [
        "buildah",
        "build",
        "--layers",
        "--isolation",
        "chroot",
        "--format",
        "docker",
        "--volume",
        "/etc/ssl/certs:/run/ca:ro",
    ]
    arguments = {"DEBIAN": DEBIAN, **TRUST, **wanted}
    command += [word for key, value in arguments.items() for word in ("--build-arg", f"{key}={value}")]
    command += ["--tag", reference, "--file", str(FOLDER / name / "Dockerfile"), str(FOLDER)]
    with step(f"build the naive {name}"):
        run(command, log=cache_dir() / "logs" / f"naive-{name}.log")
    try:
        with step(f"weigh the naive {name}"), tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
            run(["skopeo", "copy", "--quiet", engines.source("buildah", reference), f"oci:{folder}:{reference}"])
            layers = read_manifest(Path(folder), reference)["layers"]
            return {layer["digest"]: layer["size"] for layer in layers}
    finally:
        run(["buildah", "rmi", reference])


def _provide_debian(release: str) -> None:
    """Debian as its published image is: minbase, without the archives of packages."""
    if engines.exists("buildah", DEBIAN):
        return
    with step("make the Debian of the naive images"), tempfile.TemporaryDirectory(dir=cache_dir()) as folder:
        archive = Path(folder) / "debian.tar"
        run(["mmdebstrap", "--variant=minbase", release, str(archive)])
        engines.import_rootfs("buildah", archive, DEBIAN, 0)
