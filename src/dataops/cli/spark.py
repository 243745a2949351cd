"""`dataops spark`: who holds what of the cluster, and a polite end for a session that forgot it."""

from typing import Annotated

import typer

from dataops.cli.options import Env

spark_app = typer.Typer(no_args_is_help=True, help="Show Spark sessions, and end one.")


@spark_app.command()
def top(env: Env = "local") -> None:
    """List sessions with owner, executors, cores, memory and how long they have been idle."""
    from dataops.cli.place import place
    from dataops.platform.spark import sessions

    here = place(env)
    sessions.show(sessions.sessions(here.cluster(), here.environment))


@spark_app.command()
def stop(application: Annotated[str, typer.Argument(help="The id that `top` shows.")], env: Env = "local") -> None:
    """End one session in good order: executors go, the event log is closed, the notebook itself runs on."""
    from dataops.cli.place import place
    from dataops.platform.spark import sessions

    here = place(env)
    ended = sessions.stop(here.cluster(), here.environment, application)
    print(f"stopped {application} of {ended.held.owner}; tell them: restarting the kernel starts a new session")
