"""Publishes images and charts: what a registry holds under its content hash is never built again, only named again."""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import registry
from dataops.platform.charts import discover
from dataops.platform.images import engine as engines
from dataops.platform.images import layout as layouts
from dataops.platform.images.builder import build_recipe
from dataops.platform.images.recipe import REGISTRY, Recipe, image_names, parents, read_recipe, reference
from dataops.platform.images.rootfs import base_image
from dataops.platform.plan import TAG
from dataops.platform.process import run, step
from dataops.platform.tools import ensure_tool
from dataops.platform.versions import load_versions

TARGET = re.compile(r"[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")
RELEASE = re.compile(r"v(\d+\.\d+\.\d+)", re.ASCII)


class Shelf:
    """A registry beside the checkout: what it lacks is built here, with parents that it has taken from it.

    Attributes:
        built: References of what was built here.
    """

    def __init__(self, root: Path, target: str, engine: str | None = None, write: bool = False) -> None:
        """Look at a registry.

        Args:
            root: The repository root.
            target: What stands before the names of its images, e.g. registry.example.com/dataops.
            engine: docker, podman or buildah; None chooses, once something must be built.
            write: Push what was built.

        Raises:
            UserError: The target is not the name of a registry.
        """
        if not TARGET.fullmatch(target):
            raise UserError(
                f"REGISTRY={target} is no registry: write host and path without https://, "
                "e.g. REGISTRY=registry.example.com/dataops"
            )
        self.built: list[str] = []
        self._root, self._target, self._wanted, self._write = root, target, engine, write
        self._versions = load_versions(root)
        self._outside = base_image(self._versions)

    def names(self, recipe: Recipe) -> tuple[str, str]:
        """What an image is called here and in the registry."""
        local = reference(self._root, recipe, self._versions, self._outside)
        return local, f"{self._target}/{local.removeprefix(f'{REGISTRY}/')}"

    def provide(self, recipe: Recipe) -> str:
        """Build an image that the registry lacks, and first what it starts from.

        Args:
            recipe: The image or stage.

        Returns:
            Its name in the registry.
        """
        local, remote = self.names(recipe)
        if registry.digest(remote):
            return remote
        engine = engines.choose_engine(self._wanted)
        if not engines.exists(engine, local):
            for parent in parents(self._root, recipe).values():
                self._take(parent, engine)
            build_recipe(self._root, recipe, self._versions, engine)
            self.built.append(local)
        if self._write:
            with step(f"push {remote}"):
                layouts.push(engine, local, remote)
        return remote

    def _take(self, recipe: Recipe, engine: str) -> None:
        """Have a parent in the engine's storage: the registry's, so that layers are shared, or one built now."""
        local, _ = self.names(recipe)
        remote = self.provide(recipe)
        if not engines.exists(engine, local):
            with step(f"pull {remote}, which others start from"):
                engines.pull(engine, remote, local)


def build_missing(root: Path, target: str, names: Sequence[str] = (), engine: str | None = None) -> list[str]:
    """Build the images that a registry lacks, and push nothing.

    Args:
        root: The repository root.
        target: The registry, e.g. registry.example.com/dataops.
        names: The images; none means all.
        engine: docker, podman or buildah; None chooses.

    Returns:
        References of what was built here.
    """
    shelf = Shelf(root, target, engine)
    for name in names or image_names(root):
        shelf.provide(read_recipe(root, name))
    return shelf.built


def push(root: Path, target: str, tag: str | None = None, engine: str | None = None) -> list[str]:
    """Bring a registry up to date: build and push the images it lacks, give all of them one more tag.

    A tag like v1.2.0 is a release: it also publishes the charts, and it never moves to another image.

    Args:
        root: The repository root.
        target: The registry, e.g. registry.example.com/dataops.
        tag: The name of the commit or release; None gives none.
        engine: docker, podman or buildah; None chooses, once something must be built.

    Returns:
        What is in the registry now: the images by their content hash, the charts by their version.

    Raises:
        UserError: The registry or the tag cannot be used, or a release would change.
    """
    if tag and not TAG.fullmatch(tag):
        raise UserError(f"TAG={tag} is no tag: letters, digits, dots, dashes and underscores, 128 at most")
    release = RELEASE.fullmatch(tag or "")
    if release:
        _check_versions(root, release[1])
    shelf = Shelf(root, target, engine, write=True)
    found = [shelf.provide(read_recipe(root, name)) for name in image_names(root)]
    if tag:
        _name_again(found, tag, fixed=bool(release))
    return [*found, *(push_charts(root, target) if release else [])]


def _name_again(references: list[str], tag: str, fixed: bool) -> None:
    """Give images that a registry has one more tag there, without moving a layer."""
    names = {source: f"{source.rpartition(':')[0]}:{tag}" for source in references}
    pending = {}
    for source, target in names.items():
        wanted, existing = registry.digest(source), registry.digest(target)
        if existing and existing != wanted and fixed:
            raise UserError(
                f"{target} is released already and is another image: a release never changes, make the next"
            )
        if existing != wanted:
            pending[source] = target
    with step(f"tag {len(pending)} of {len(names)} images as {tag}"):
        for source, target in pending.items():
            registry.copy(source, target)


def package(root: Path, out: Path) -> list[Path]:
    """Write every application chart as an archive, with the library chart inside.

    Args:
        root: The repository root.
        out: The folder to write to.

    Returns:
        The archives.
    """
    helm, archives = ensure_tool("helm"), []
    for chart in discover(root):
        run([helm, "package", chart.path, "--destination", out])
        archives.append(out / f"{chart.name}-{chart.version}.tgz")
    return archives


def push_charts(root: Path, target: str) -> list[str]:
    """Package the charts and push those whose version the registry lacks; a published version never changes.

    Args:
        root: The repository root.
        target: The registry; charts stand below charts/ there.

    Returns:
        The charts' names in the registry.
    """
    published = []
    for archive in package(root, root / "dist"):
        name, _, version = archive.name.removesuffix(".tgz").rpartition("-")
        reference_ = f"{target}/charts/{name}:{version}"
        if not registry.holds(reference_):
            with step(f"push {reference_}"):
                run([ensure_tool("helm"), "push", archive, f"oci://{target}/charts"], env=_helm_registry())
        published.append(reference_)
    return published


def _helm_registry() -> dict[str, str]:
    """Helm with the log-in and the trust of everybody else."""
    login = os.environ.get("REGISTRY_AUTH_FILE")
    return {**engines.registry_trust(), **({"HELM_REGISTRY_CONFIG": login} if login else {})}


def _check_versions(root: Path, version: str) -> None:
    for chart in discover(root):
        if chart.version != version:
            raise UserError(
                f"TAG=v{version} is a release, but charts/{chart.name}/Chart.yaml says {chart.version}: "
                f"check out the commit that `make release VERSION={version}` made"
            )
