"""Docker, podman or buildah: the few things the builder asks of any of them."""

import os
import pwd
import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import ca, packages, registry
from dataops.platform.images.recipe import EXTERNAL, Recipe
from dataops.platform.paths import cache_dir
from dataops.platform.process import run, step

# buildah before podman: the two share their storage, and the integration tests bring podman to run containers
ENGINES = ("docker", "buildah", "podman")
NOT_PULLED = re.compile(r"initializing source docker://|failed to resolve source metadata")
ID_RANGES = (Path("/etc/subuid"), Path("/etc/subgid"))
MACHINE_CA = Path("/etc/ssl/certs/ca-certificates.crt")
# mirrors and proxies of the machine that its builds use too
NETWORK = (
    *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"),
    *("PIP_INDEX_URL", "UV_DEFAULT_INDEX", "UV_INDEX_URL", "NPM_CONFIG_REGISTRY", "GOPROXY", "GOSUMDB", "GOPRIVATE"),
)


def choose_engine(wanted: str | None = None) -> str:
    """The engine that is asked for, else the first that works on this machine; buildah is installed on bare Debian.

    Args:
        wanted: What was typed; None means ENGINE of the environment.

    Returns:
        The engine.

    Raises:
        UserError: It is unknown, not there or does not work, or there is none.
    """
    wanted = wanted or os.environ.get("ENGINE")
    if wanted:
        if wanted not in ENGINES:
            raise UserError(f"ENGINE={wanted} is unknown: choose one of {', '.join(ENGINES)}")
        if not shutil.which(wanted):
            raise UserError(f"ENGINE={wanted} is not installed: install it, or leave ENGINE out to use what is there")
        if not _works(wanted):
            raise UserError(
                f"ENGINE={wanted} does not answer: start it (docker also needs buildx), or leave ENGINE out"
            )
        return _with_user_ids(wanted)
    for engine in ENGINES:
        if shutil.which(engine) and _works(engine):
            return _with_user_ids(engine)
    if packages.can_install():
        packages.install("buildah", "runc", "skopeo")
        return "buildah"
    raise UserError("no engine builds images here: install docker with buildx, podman or buildah")


def _with_user_ids(engine: str) -> str:
    """The engine, once it is sure that without root it has user ids to give to the users that packages bring."""
    if engine != "docker" and (uid := os.getuid()):
        names = {str(uid), *(entry.pw_name for entry in pwd.getpwall() if entry.pw_uid == uid)}
        for file in ID_RANGES:
            if not file.is_file() or not names & {line.partition(":")[0] for line in file.read_text().splitlines()}:
                raise UserError(
                    f"user {uid} has no range in {file}, and images hold files of more than one user: "
                    "an administrator adds it, `usermod --add-subuids 100000-165535 --add-subgids 100000-165535 <user>`"
                )
    return engine


def _works(engine: str) -> bool:
    question = ["docker", "buildx", "inspect"] if engine == "docker" else [engine, "--version"]
    return run(question, check=False).returncode == 0


def exists(engine: str, reference: str) -> bool:
    """Whether the engine's storage holds an image."""
    kind = [] if engine == "buildah" else ["image"]
    return (
        run(
            [engine, *kind, "inspect", *(["--type=image"] if engine == "buildah" else []), reference], check=False
        ).returncode
        == 0
    )


def build_image(
    engine: str, root: Path, recipe: Recipe, reference: str, arguments: Mapping[str, str], date: int
) -> None:
    """Build one image; what it downloads goes through the machine's CA and mirrors, of which no layer keeps a trace.

    Args:
        engine: The engine.
        root: The repository root, which is the build context.
        recipe: The image.
        reference: Its name and tag.
        arguments: Its build arguments.
        date: The time that its files bear, in seconds; with it two builds are the same bytes.

    Raises:
        UserError: The build failed; where the image it starts from could not be pulled, the message names that one.
    """
    command = [engine, "build", "--file", str(recipe.dockerfile), "--tag", reference]
    command += (
        ["--network", "host"]
        if engine == "docker"
        else ["--layers", "--isolation", "chroot", "--format", "docker", "--timestamp", str(date)]
    )
    command += ["--target", recipe.target] if recipe.target else []
    command += [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
    log = cache_dir() / "logs" / f"image-{recipe.name}.log"
    with _secrets() as secrets, step(f"build image {recipe.name} with {engine}"):
        words = [word for name, path in secrets.items() for word in ("--secret", f"id={name},src={path}")]
        try:
            run([*command, *words, str(root)], env={"DOCKER_BUILDKIT": "1", "SOURCE_DATE_EPOCH": str(date)}, log=log)
        except UserError as error:
            if not NOT_PULLED.search(str(error)):
                raise
            origin = arguments.get(EXTERNAL, "the image it starts from")
            raise UserError(
                f"{origin}, which image {recipe.name} starts from, cannot be pulled "
                f"({str(error).splitlines()[-1].removeprefix('Error: ')}): "
                f"check the network and your log-in to its registry, or name another one with {EXTERNAL}"
            ) from error


@contextmanager
def _secrets() -> Iterator[dict[str, Path]]:
    """Files that builds may read while they run: the CA bundle, mirrors, Maven's settings."""
    named = os.environ.get("BUILD_CA")
    if named not in (None, "", "none"):
        if not Path(named).is_file():
            raise UserError(
                f"BUILD_CA={named} is not a file: name a PEM bundle, or leave it out to use the machine's own"
            )
        ca.parse(Path(named).read_bytes(), f"BUILD_CA={named}")
    found = {"ca": Path(named or MACHINE_CA), "maven": Path.home() / ".m2" / "settings.xml"}
    with tempfile.TemporaryDirectory() as folder:
        network = Path(folder) / "network"
        lines = [f"{name}={_quoted(os.environ[name])}\n" for name in NETWORK if os.environ.get(name)]
        if lines:
            network.write_text("".join(lines), encoding="utf-8")
            found["network"] = network
        yield {name: path for name, path in found.items() if path.is_file()}


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "'\\''") + "'"


def import_rootfs(engine: str, archive: Path, reference: str, date: int) -> None:
    """Make an image of one layer from a tar of a root file system; what buildah makes bears a date."""
    if engine != "buildah":
        run([engine, "import", str(archive), reference])
        return
    container = run(["buildah", "from", "scratch"]).stdout.strip()
    try:
        run(["buildah", "add", "--quiet", container, str(archive), "/"])
        run(["buildah", "commit", "--quiet", "--timestamp", str(date), container, reference])
    finally:
        run(["buildah", "rm", container])


def save(engine: str, reference: str, archive: Path) -> None:
    """Write an image to an archive that containerd imports."""
    if engine == "docker":
        run(["docker", "save", "--output", str(archive), reference])
    else:
        run([engine, "push", "--quiet", reference, f"docker-archive:{archive}:{reference}"])


def writes_layouts(engine: str) -> bool:
    """Whether skopeo can copy the engine's images into a folder that shares layers, so that only new ones travel."""
    return engine != "docker" and shutil.which("skopeo") is not None


def source(engine: str, reference: str) -> str:
    """How skopeo calls an image of the engine."""
    return f"docker-daemon:{reference}" if engine == "docker" else f"containers-storage:{reference}"


def add_to_layout(reference: str, layout: Path) -> None:
    """Copy an image of podman or buildah into an OCI layout folder; layers that lie there are not written again."""
    target = f"oci:{layout}:{reference}"
    command = ["skopeo", "copy", "--quiet", "--dest-oci-accept-uncompressed-layers"]
    run([*command, source("buildah", reference), target])


def registry_trust() -> dict[str, str]:
    """The environment in which programs also believe registries whose CA lies in the folder REGISTRY_CERT_DIR."""
    folder = os.environ.get("REGISTRY_CERT_DIR")
    return {"SSL_CERT_DIR": folder} if folder else {}


def push(engine: str, reference: str, target: str) -> None:
    """Push an image to a registry; the engine does it, which alone knows how its storage is kept inside a container."""
    run([engine, "tag", reference, target])
    done = run([engine, "push", target], env=registry_trust(), check=False)
    run([engine, "rmi", target], check=False)
    if done.returncode:
        raise registry.refusal(target, done.stderr)


def pull(engine: str, target: str, reference: str) -> None:
    """Take an image of a registry into the engine's storage under another name."""
    done = run([engine, "pull", target], env=registry_trust(), check=False)
    if done.returncode:
        raise registry.refusal(target, done.stderr)
    run([engine, "tag", target, reference])
    run([engine, "rmi", target], check=False)
