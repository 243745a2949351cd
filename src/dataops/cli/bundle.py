"""`dataops bundle`: all that a site without internet needs, in one folder."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from dataops.cli.options import Engine, Env

if TYPE_CHECKING:
    from dataops.platform.bundle import Bundle

bundle_app = typer.Typer(no_args_is_help=True, help="Carry the platform to a site without internet.")

DEFAULT = Path("dist/bundle")
Folder = Annotated[Path, typer.Option("--bundle", envvar="BUNDLE", help="The folder of the bundle.")]


@bundle_app.command("create")
def create(
    out: Annotated[Path, typer.Option(envvar="OUT", help="The folder to write.")] = DEFAULT, engine: Engine = None
) -> None:
    """Write every image, chart, Python package and jar, with a list of their digests and sizes."""
    from dataops.platform import bundle
    from dataops.platform.paths import repository_root

    _tell(bundle.create(repository_root(), out, engine))


@bundle_app.command("verify")
def verify(folder: Folder = DEFAULT) -> None:
    """Check every file of a bundle against its list."""
    from dataops.platform import bundle

    _tell(bundle.verify(folder))


@bundle_app.command("install")
def install(folder: Folder = DEFAULT, env: Env = "local") -> None:
    """Check a bundle, push its images to the environment's registry, and deploy them by digest."""
    from dataops.cli.app import deploy
    from dataops.cli.place import place
    from dataops.platform import bundle
    from dataops.platform.smoke import smoke_mode

    here = place(env)
    target = here.registry()
    # what a deploy would refuse is refused before gigabytes travel
    smoke_mode()
    here.cluster()
    _tell(bundle.install(here.root, folder, target))
    deploy(env)


def _tell(bundle: "Bundle") -> None:
    for name, digest in bundle.images.items():
        print(f"{name} {digest}")
    sizes = [size for size, _ in bundle.files.values()]
    print(f"{bundle.folder}: {len(sizes)} files, {sum(sizes) / 1e9:.2f} GB, made from {bundle.made_from}")
