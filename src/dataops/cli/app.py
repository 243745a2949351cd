"""The commands of `dataops`; each imports what it needs when it runs, so that `--help` answers at once."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from dataops.cli.attest import sign, verify
from dataops.cli.bundle import bundle_app
from dataops.cli.charts import charts_app
from dataops.cli.compose import compose
from dataops.cli.images import images_app
from dataops.cli.options import Env
from dataops.cli.pipelines import dag_test, new_app
from dataops.cli.publish import package, push, release
from dataops.cli.s3 import s3_app
from dataops.cli.spark import spark_app
from dataops.commands import GROUPS
from dataops.errors import UserError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
secrets_app = typer.Typer(no_args_is_help=True, help="Create or verify what charts expect to find.")
app.add_typer(images_app, name="images")
app.add_typer(charts_app, name="charts")
app.add_typer(bundle_app, name="bundle")
app.add_typer(spark_app, name="spark")
app.add_typer(s3_app, name="s3")
app.add_typer(new_app, name="new")
app.add_typer(secrets_app, name="secrets")
for name, group in GROUPS.items():
    app.add_typer(group, name=name)


@app.command()
def deploy(
    env: Env = "local", chart: Annotated[str | None, typer.Option("--chart", help="Only this chart.")] = None
) -> None:
    """Install or update the platform, prove that it works, and say where it is."""
    from dataops.cli.place import place
    from dataops.platform.deploy import deploy as run
    from dataops.platform.report import print_urls
    from dataops.platform.smoke import after_deploy, smoke_mode

    here, mode = place(env), smoke_mode()
    here.environment.refuse_unfinished()
    cluster, changed = run(here.root, here.environment, chart)
    green = after_deploy(here.root, cluster, here.environment, mode, changed)
    if chart is None:
        print_urls(here.environment)
    raise typer.Exit(0 if green else 1)


@app.command()
def smoke(
    env: Env = "local", check: Annotated[list[str] | None, typer.Option(help="Only these checks.")] = None
) -> None:
    """Prove that the running platform works, end to end."""
    from dataops.cli.place import place
    from dataops.platform.smoke import known_checks, run_checks

    here, names = place(env), known_checks(check or [])
    raise typer.Exit(0 if run_checks(here.root, here.cluster(), here.environment, names) else 1)


@app.command()
def render(out: Annotated[Path, typer.Option(help="The folder to write to.")], env: Env = "local") -> None:
    """Write what would be installed, one file per chart."""
    from dataops.cli.place import place
    from dataops.platform import helm
    from dataops.platform.charts import charts_of, discover
    from dataops.platform.plan import image_tags, wanted_tags

    here = place(env)
    left = here.environment.unfinished()
    nobody = any(fact.startswith("global.registry ") for fact in left)
    values = {"tags": (wanted_tags if nobody else image_tags)(here.root, here.environment), "checksum": ""}
    charts = charts_of(here.root, here.environment)
    rendered = {f"{chart.name}.yaml": helm.template(chart, here.environment, values) for chart in charts}
    try:
        out.mkdir(parents=True, exist_ok=True)
        for chart in discover(here.root):
            (out / f"{chart.name}.yaml").unlink(missing_ok=True)  # an earlier render may have been of another place
        for name, text in rendered.items():
            (out / name).write_text(text, encoding="utf-8")
            print(out / name)
    except OSError as error:
        raise UserError(f"OUT={out} cannot be written ({error.strerror}): name a folder of yours") from None
    if left:
        named = ", images by tag because no registry can be asked for digests" if nobody else ""
        examples = f"{here.environment.path} still holds {len(left)} example(s): {', '.join(left)}"
        print(f"note: this is to look at, not to install{named}: {examples}", file=sys.stderr)


@app.command()
def bootstrap(env: Env = "local") -> None:
    """Print what an administrator applies before the first deploy, and again when `users:` has changed."""
    from dataops.cli.place import place
    from dataops.platform.bootstrap import documents

    here = place(env)
    print(documents(here.root, here.environment), end="")


@app.command()
def diff(env: Env = "local") -> None:
    """Show what a deploy would change, object by object and line by line."""
    from dataops.cli.place import place
    from dataops.platform import helm
    from dataops.platform.charts import charts_of
    from dataops.platform.plan import image_tags, make_plan

    here = place(env)
    cluster = here.cluster()
    releases, tags = helm.releases(cluster, here.environment), image_tags(here.root, here.environment)
    for chart in charts_of(here.root, here.environment):
        plan = make_plan(cluster, chart, here.environment, tags, releases)
        print("\n  ".join([f"{chart.name}:", *(plan.changes or ["nothing to change"])]))
        for line in helm.explain(plan.manifest, plan.existing):
            print(f"    {line}")


@app.command()
def doctor(
    env: Env = "local", as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False
) -> None:
    """Check a place before or after a deploy; ends with 0 (all is well), 1 (warnings) or 2 (errors)."""
    from dataops.platform.doctor import examine

    raise typer.Exit(examine(env, as_json))


@app.command()
def status(env: Env = "local") -> None:
    """Show what runs and the memory it takes."""
    from dataops.cli.place import place
    from dataops.platform.report import print_status

    here = place(env)
    print_status(here.cluster(), here.environment)


@app.command()
def urls(env: Env = "local") -> None:
    """Show where the web pages are and how to log in."""
    from dataops.cli.place import place
    from dataops.platform.report import print_urls

    print_urls(place(env).environment)


@app.command()
def uninstall(env: Env = "local") -> None:
    """Remove the platform's releases; volumes, Secrets and namespaces stay."""
    from dataops.cli.place import place
    from dataops.platform.deploy import uninstall as run

    here = place(env)
    removed = run(here.cluster(), here.root, here.environment)
    names = ", ".join(here.environment.every_namespace)
    print(f"removed: {', '.join(removed) or 'nothing was installed'}; Secrets and volumes stay in {names}")


@secrets_app.command("ensure")
def secrets_ensure(
    env: Env = "local",
    given: Annotated[
        Path | None,
        typer.Option("--from", envvar="FROM", help="Folder of files <secret>.<key>: the values others give."),
    ] = None,
) -> None:
    """Create missing Secrets (elsewhere than on ENV=local only with --from), verify them, and write the CA."""
    from dataops.cli.place import place
    from dataops.platform.deploy import prepare

    here = place(env)
    prepare(here.root, here.cluster(), here.environment, given)


for command in (compose, dag_test, package, push, release, sign, verify):
    app.command()(command)
