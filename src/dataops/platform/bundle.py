"""One folder with all that a site without internet needs: made where there is internet, checked and installed there."""

import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import registry
from dataops.platform.bundle_inputs import download_jars, download_packages, jar_locks, package_locks, sha256
from dataops.platform.charts import discover
from dataops.platform.images import builder
from dataops.platform.images import engine as engines
from dataops.platform.images import layout as layouts
from dataops.platform.images.recipe import REGISTRY
from dataops.platform.paths import cache_dir
from dataops.platform.process import run, step
from dataops.platform.tools import ensure_tool
from dataops.platform.versions import load_versions

LIST = "bundle.json"
IMAGES, CHARTS, PACKAGES, JARS, TOOLS = "images", "charts", "packages", "jars", "tools"
NAME = "org.opencontainers.image.ref.name"  # where an OCI layout keeps an image's name
NEEDED_GB = 4  # with room to grow; the list of a bundle says what it is


@dataclass(frozen=True)
class Bundle:
    """A bundle as its list describes it.

    Attributes:
        folder: Where it lies.
        made_from: The commit of the checkout that made it.
        images: The digest of each image by name and tag.
        files: Size and sha256 of every file, by its path in the folder.
    """

    folder: Path
    made_from: str
    images: dict[str, str]
    files: dict[str, tuple[int, str]]


def create(root: Path, out: Path, engine: str | None = None) -> Bundle:
    """Write a bundle of the checkout; images that are not built yet are built.

    Args:
        root: The repository root.
        out: The folder; a bundle that lies there is replaced when the new one is complete.
        engine: docker, podman or buildah; None chooses.

    Returns:
        The bundle.

    Raises:
        UserError: The folder holds something else, the disk is too small, or a download fails.
    """
    _check_place(out)
    chosen = engines.choose_engine(engine)
    built, versions = builder.build(root, engine=chosen), load_versions(root)
    partial = out.with_name(f"{out.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for name in (CHARTS, PACKAGES, JARS, TOOLS):
        (partial / name).mkdir(parents=True)
    if layouts.reads_storage(chosen):
        layouts.publish({_short(reference): reference for reference in built.values()}, partial / IMAGES)
    else:
        for reference in built.values():
            with step(f"write {reference}"):
                registry.copy(engines.source(chosen, reference), f"oci:{partial / IMAGES}:{_short(reference)}")
    helm = ensure_tool("helm")
    for chart in discover(root):
        run([helm, "package", chart.path, "--destination", partial / CHARTS])
    shutil.copy(helm, partial / TOOLS)
    download_packages(package_locks(root, versions), partial / PACKAGES)
    for lock in jar_locks(root, versions):
        download_jars(lock, partial / JARS)
    with step("list every file with its size and sha256"):
        write_list(partial, _commit(root))
    shutil.rmtree(out, ignore_errors=True)
    partial.rename(out)
    return read(out)


def _check_place(out: Path) -> None:
    if out.exists() and not (out / LIST).is_file() and (not out.is_dir() or any(out.iterdir())):
        raise UserError(f"{out} holds something that is no bundle: name an empty folder in OUT")
    disk = next(folder for folder in out.absolute().parents if folder.is_dir())
    free = shutil.disk_usage(disk).free / 1e9
    if free < NEEDED_GB:
        raise UserError(
            f"{disk} has {free:.1f} GB free, a bundle takes up to {NEEDED_GB}: make room, or name another OUT"
        )


def _short(reference: str) -> str:
    return reference.removeprefix(f"{REGISTRY}/")


def _commit(root: Path) -> str:
    done = run(["git", "-C", root, "describe", "--always", "--dirty", "--abbrev=40"], check=False)
    return done.stdout.strip() or "a checkout without Git"


def write_list(folder: Path, made_from: str) -> None:
    """List what a folder holds.

    Args:
        folder: The bundle, complete but for its list.
        made_from: The commit of the checkout that made it.
    """
    index = json.loads((folder / IMAGES / "index.json").read_text(encoding="utf-8"))
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    content = {
        "made_from": made_from,
        "images": {entry["annotations"][NAME]: entry["digest"] for entry in index["manifests"]},
        "files": [
            {"path": path.relative_to(folder).as_posix(), "size": path.stat().st_size, "sha256": sha256(path)}
            for path in paths
        ],
    }
    (folder / LIST).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def read(folder: Path) -> Bundle:
    """Read the list of a bundle.

    Args:
        folder: The bundle.

    Returns:
        What its list says; nothing is checked yet.

    Raises:
        UserError: There is no list, or it is damaged.
    """
    try:
        content = json.loads((folder / LIST).read_text(encoding="utf-8"))
        files = {entry["path"]: (int(entry["size"]), str(entry["sha256"])) for entry in content["files"]}
        return Bundle(folder, content["made_from"], dict(content["images"]), files)
    except FileNotFoundError:
        raise UserError(
            f"{folder} is no bundle, {LIST} is not in it: name one that `make bundle` wrote in BUNDLE"
        ) from None
    except (ValueError, KeyError, TypeError):
        raise UserError(f"{folder / LIST} is damaged: copy the bundle again") from None


def verify(folder: Path) -> Bundle:
    """Check that a bundle is what was written: every file, its size and its checksum, and none beside them.

    Args:
        folder: The bundle.

    Returns:
        The bundle.

    Raises:
        UserError: A file is missing, damaged or not listed.
    """
    bundle = read(folder)
    with step(f"check {len(bundle.files)} files of {folder}"):
        found = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()} - {LIST}
        wrong = [f"{path} is missing" for path in sorted(set(bundle.files) - found)]
        wrong += [f"{path} is not listed" for path in sorted(found - set(bundle.files))]
        for path in sorted(found & set(bundle.files)):
            size, expected = bundle.files[path]
            if (folder / path).stat().st_size != size or sha256(folder / path) != expected:
                wrong.append(f"{path} is damaged")
    if wrong:
        more = f" and {len(wrong) - 3} more" if len(wrong) > 3 else ""
        raise UserError(f"{folder} is not what was written ({', '.join(wrong[:3])}{more}): copy the bundle again")
    return bundle


def install(root: Path, folder: Path, target: str) -> Bundle:
    """Bring a bundle's images to a registry and its tools to this machine, so that `deploy` needs nothing from outside.

    Args:
        root: The repository root.
        folder: The bundle.
        target: The registry, what stands before an image's name.

    Returns:
        The bundle.

    Raises:
        UserError: The bundle is damaged or was made of another state, or the registry refuses.
    """
    bundle = verify(folder)
    for reference in builder.image_refs(root).values():
        if _short(reference) not in bundle.images:
            raise UserError(
                f"{folder} lacks {_short(reference)}, which this checkout deploys: check out {bundle.made_from}, "
                "which the bundle was made from, with the same BASE_IMAGE"
            )
    programs = cache_dir() / "bin"
    programs.mkdir(exist_ok=True)
    for file in (folder / TOOLS).iterdir():
        if not (programs / file.name).exists():
            shutil.copy(file, programs)
    for name, digest in bundle.images.items():
        there = f"{target}/{name}"
        if registry.digest(there) == digest:
            continue
        with step(f"push {there}"):
            registry.copy(f"oci:{folder / IMAGES}:{name}", there)
        if registry.digest(there) != digest:
            raise UserError(
                f"{there} has another digest than the bundle's image: its registry must keep images as they are"
            )
    return bundle
