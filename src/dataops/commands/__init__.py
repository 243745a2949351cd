"""The groups of `dataops` that work wherever the library is: on a machine, in a notebook's terminal, in a job."""

import sys

import typer

from dataops.commands.tables import tables_app
from dataops.errors import UserError

GROUPS = {"tables": tables_app}
"""Each group by its name; `dataops.cli` has them too."""


def main() -> None:
    """Run the command line of a pod, which has no code of the platform; what people can put right is one sentence."""
    app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)

    @app.callback()
    def _groups() -> None:
        """Work with the platform from inside."""

    for name, group in GROUPS.items():
        app.add_typer(group, name=name)
    try:
        app()
    except UserError as error:
        sys.exit(f"error: {error}")
