"""Options that several commands share."""

from typing import Annotated

import typer

Env = Annotated[str, typer.Option("--env", envvar="ENV", help="Name of a file in environments/.")]
Engine = Annotated[str | None, typer.Option(envvar="ENGINE", help="docker, podman or buildah; chosen when not given.")]
Registry = Annotated[
    str | None,
    typer.Option(envvar="REGISTRY", help="What stands before an image's name: registry.example.com/dataops."),
]
