"""`dataops spark`: who holds what of the cluster, a polite end for a session that forgot it, and why one was slow."""

from pathlib import Path
from typing import Annotated

import typer

from dataops.cli.options import Env

spark_app = typer.Typer(no_args_is_help=True, help="Show Spark sessions, end one, and say why one was slow.")


@spark_app.command()
def top(env: Env = "local") -> None:
    """List sessions with owner, executors, cores, memory and how long they have been idle."""
    from dataops.cli.place import place
    from dataops.platform.spark import sessions

    here = place(env)
    sessions.show(sessions.sessions(here.cluster(), here.environment))


@spark_app.command()
def why(
    log: Annotated[str, typer.Argument(help="An application's id, or the path of its event log.")], env: Env = "local"
) -> None:
    """Say why an application was slow, from its event log: skew, spill, small files, idle executors and more."""
    if Path(log).exists():
        from dataops.config import Settings
        from dataops.spark.report import report
        from dataops.spark.report import why as explain

        print(report(*explain(log, Settings.load())))
        return
    from dataops.cli.place import place
    from dataops.platform.spark.history import explain_stored

    here = place(env)
    print(explain_stored(here.cluster(), here.environment, log), end="")


@spark_app.command()
def stop(application: Annotated[str, typer.Argument(help="The id that `top` shows.")], env: Env = "local") -> None:
    """End one session in good order: executors go, the event log is closed, the notebook itself runs on."""
    from dataops.cli.place import place
    from dataops.platform.spark import sessions

    here = place(env)
    ended = sessions.stop(here.cluster(), here.environment, application)
    print(f"stopped {application} of {ended.held.owner}; tell them: restarting the kernel starts a new session")
