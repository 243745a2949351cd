"""The platform's images: which there are, building what changed, and bringing them to a cluster of this machine."""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from dataops.platform.images import engine as engines
from dataops.platform.images.recipe import (
    EXTERNAL,
    Recipe,
    build_arguments,
    image_names,
    parents,
    read_recipe,
    reference,
    timestamp,
)
from dataops.platform.images.rootfs import base_image, provide
from dataops.platform.paths import cache_dir, oci_layout_dir
from dataops.platform.process import run, step
from dataops.platform.versions import load_versions


def image_refs(root: Path) -> dict[str, str]:
    """The full name of every image as the checkout stands; a tag is the hash of what goes into the image.

    Args:
        root: The repository root.

    Returns:
        Reference by image name.
    """
    versions = load_versions(root)
    outside = base_image(versions)
    return {name: reference(root, read_recipe(root, name), versions, outside) for name in image_names(root)}


def build(root: Path, names: Sequence[str] = (), engine: str | None = None) -> dict[str, str]:
    """Build images, and first those they start from; what the engine has already is left alone.

    Args:
        root: The repository root.
        names: The images; none means all.
        engine: docker, podman or buildah; None chooses.

    Returns:
        Reference by image name.
    """
    recipes = [read_recipe(root, name) for name in names or image_names(root)]
    chosen = engines.choose_engine(engine)
    return {recipe.name: build_recipe(root, recipe, load_versions(root), chosen) for recipe in recipes}


def build_recipe(root: Path, recipe: Recipe, versions: Mapping[str, str], engine: str) -> str:
    """Build one image or stage, and first those it starts from, unless the engine has it.

    Args:
        root: The repository root.
        recipe: The image or stage.
        versions: The pinned versions.
        engine: docker, podman or buildah.

    Returns:
        Its reference.
    """
    outside = base_image(versions)
    name = reference(root, recipe, versions, outside)
    if engines.exists(engine, name):
        return name
    for parent in parents(root, recipe).values():
        build_recipe(root, parent, versions, engine)
    arguments = build_arguments(root, recipe, versions, outside)
    if EXTERNAL in arguments:
        arguments[EXTERNAL] = provide(outside, versions, engine)
    engines.build_image(engine, root, recipe, name, arguments, timestamp(versions))
    return name


def load_into_cluster(root: Path, references: Sequence[str], cluster: str, engine: str | None = None) -> list[str]:
    """Bring built images to a cluster that pulls none; those it has already are left alone.

    Args:
        root: The repository root.
        references: The images.
        cluster: `node` or `kind`; every other cluster pulls from a registry, so nothing is done.
        engine: docker, podman or buildah; None chooses.

    Returns:
        The references that were brought.
    """
    if cluster not in ("node", "kind"):
        return []
    chosen = engines.choose_engine(engine)
    command = [sys.executable, "-m", "cluster"]
    choice = {"CLUSTER": cluster}
    missing = sorted(set(references) - set(run([*command, "images"], cwd=root, env=choice).stdout.split()))
    if not missing:
        return []
    if cluster == "node" and engines.writes_layouts(chosen):
        layout = oci_layout_dir()
        with step(f"load {len(missing)} images into the node: {', '.join(missing)}"):
            for name in missing:
                engines.add_to_layout(name, layout)
            run([*command, "load", str(layout), *missing], cwd=root, env=choice)
        return missing
    for name in missing:
        archive = cache_dir() / f"image-{os.getpid()}.tar"
        try:
            with step(f"load {name} into the {cluster} cluster"):
                engines.save(chosen, name, archive)
                run([*command, "load", str(archive)], cwd=root, env=choice)
        finally:
            archive.unlink(missing_ok=True)
    return missing
