"""`dataops new pipeline` and `dataops dag-test`: a pipeline's first minute, and its run without a cluster."""

from typing import Annotated

import typer

from dataops.errors import UserError

new_app = typer.Typer(no_args_is_help=True, help="Write the first version of something.")


@new_app.callback()
def new() -> None:
    """Write the first version of something."""


@new_app.command()
def pipeline(
    name: Annotated[str, typer.Argument(help="Name of the job, the DAG and their files: visits_daily")],
) -> None:
    """Write a table's declaration, its job, its DAG and the tests of both, which pass as they are."""
    from dataops.platform.paths import repository_root
    from dataops.platform.pipeline import write_pipeline

    for path in write_pipeline(repository_root(), name):
        print(path)
    print(f"next: make lint, make test, make dag-test DAG={name}; then make them yours (docs/NEW_PIPELINE.md)")


def dag_test(
    dag: Annotated[str, typer.Argument(envvar="DAG", help="Name of a file in dags/.")] = "",
    load: Annotated[str | None, typer.Option(envvar="LOAD", help="The day the run stands for, YYYY-MM-DD.")] = None,
) -> None:
    """Run a DAG on this machine, without a cluster: Airflow with SQLite, jobs as processes, a lake that goes again."""
    from dataops.platform.local.run import run_dag
    from dataops.platform.paths import repository_root

    if not dag:
        raise UserError("name a DAG: make dag-test DAG=flights")
    raise typer.Exit(0 if run_dag(repository_root(), dag, load) else 1)
