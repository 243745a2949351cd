"""`dataops charts`: check the charts with Helm's and chart-testing's own tools."""

import typer

from dataops.cli.options import Env

charts_app = typer.Typer(no_args_is_help=True, help="Check the charts, and show what they open.")


@charts_app.callback()
def charts() -> None:
    """Check the charts, and show what they open."""


@charts_app.command("flows")
def flows() -> None:
    """Print which pods may reach which, as docs/NETWORK.md shows it."""
    from dataops.platform.flows import matrix, read_flows
    from dataops.platform.paths import repository_root

    print(matrix(read_flows(repository_root())))


@charts_app.command("lint")
def lint() -> None:
    """Run `helm lint --strict`, `ct lint` and checkov over every chart and environment."""
    from dataops.platform.chartcheck import lint as run
    from dataops.platform.paths import repository_root

    run(repository_root())


@charts_app.command("install")
def install(env: Env = "local") -> None:
    """Try every chart of the deployed platform by `ct install`, with its `helm test`."""
    from dataops.cli.place import place
    from dataops.platform.chartcheck import install as run

    here = place(env)
    run(here.root, here.cluster(), here.environment)
