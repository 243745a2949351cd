"""`dataops s3`: what the store can do."""

from typing import Annotated

import typer

s3_app = typer.Typer(no_args_is_help=True, help="Find out what the S3 store can do.")


@s3_app.callback()
def _group() -> None:
    """Keep `check` a command of its own, although it is the only one."""


@s3_app.command()
def check(
    env: Annotated[
        str | None,
        typer.Option(
            "--env", help="Check from inside this place's cluster; without it from here, with S3_* as set here."
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
    settings: Annotated[
        bool, typer.Option("--settings", help="Print what passed, for environments/<env>.yaml.")
    ] = False,
) -> None:
    """Try the store in every way the platform uses it; ends with 1 if something it needs fails."""
    import json

    from rich.console import Console

    from dataops.cli.place import place
    from dataops.platform.s3check import check_here, check_inside
    from dataops.s3.check import fragment
    from dataops.s3.check.report import show

    here = place(env) if env else None
    report = check_inside(here.root, here.cluster(), here.environment) if here else check_here()
    if as_json:
        print(json.dumps(report.document(), indent=2))
    elif settings:
        print(fragment(report.settings), end="")
    else:
        show(report, Console(highlight=False))
    raise typer.Exit(1 if report.failed else 0)
