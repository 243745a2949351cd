"""`dataops sign` and `verify`: what is known about the images for sure."""

from typing import Annotated

import typer

from dataops.cli.options import Engine, Registry

Key = Annotated[str, typer.Option(envvar="KEY", help="The GPG key: fingerprint, key id or mail address.")]


def sign(key: Key = "", engine: Engine = None) -> None:
    """List what every image holds and where it comes from, and sign both with your GPG key, into dist/attest."""
    from dataops.platform.attest.attest import sign as run
    from dataops.platform.paths import repository_root

    root = repository_root()
    for folder in run(root, key, engine):
        print(folder.relative_to(root))


def verify(key: Key = "", registry: Registry = None) -> None:
    """Check what dist/attest says of every image, against REGISTRY or what this machine published."""
    from dataops.platform.attest.attest import verify as run
    from dataops.platform.paths import repository_root

    for line in run(repository_root(), key, registry):
        print(line)
