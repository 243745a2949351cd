"""`dataops images`: build, name, load and lock the platform's images."""

from typing import Annotated

import typer

from dataops.cli.options import Engine, Env, Registry

images_app = typer.Typer(no_args_is_help=True, help="Build the platform's images and name them.")


@images_app.command("build")
def build(
    names: Annotated[list[str] | None, typer.Argument()] = None, engine: Engine = None, registry: Registry = None
) -> None:
    """Build the named images, or all; what is built already, or in the REGISTRY that is named, is left alone."""
    from dataops.platform.images import builder
    from dataops.platform.paths import repository_root
    from dataops.platform.publish import build_missing

    root, wanted = repository_root(), names or ()
    if registry:
        references = build_missing(root, registry, wanted, engine)
    else:
        references = list(builder.build(root, wanted, engine).values())
    for reference in references:
        print(reference)


@images_app.command("tags")
def tags() -> None:
    """Print the reference of every image as JSON."""
    import json

    from dataops.platform.images.builder import image_refs
    from dataops.platform.paths import repository_root

    print(json.dumps(image_refs(repository_root()), indent=2))


@images_app.command("load")
def load(env: Env = "local", engine: Engine = None) -> None:
    """Bring the built images to the cluster on this machine."""
    from dataops.cli.place import place
    from dataops.platform.guard import provider
    from dataops.platform.images.builder import image_refs, load_into_cluster

    here = place(env)
    references = list(image_refs(here.root).values())
    for reference in load_into_cluster(here.root, references, provider(here.cluster()), engine):
        print(reference)


@images_app.command("lock")
def lock() -> None:
    """Write every hashed dependency lock anew."""
    from dataops.platform.images.lock import write_locks
    from dataops.platform.paths import repository_root
    from dataops.platform.versions import load_versions

    root = repository_root()
    for path in write_locks(root, load_versions(root)):
        print(path)
