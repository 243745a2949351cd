"""What happens when a run is late: the triggerer logs one line that monitoring and people can search for."""

import logging
from typing import Any

_LOG = logging.getLogger("dataops.alerts")


async def deadline_missed(owner: str, hours: float, context: dict[str, Any]) -> str:
    """Say which run is late, for how long it may run, and who is called.

    Args:
        owner: who is called.
        hours: how long the run may take.
        context: Airflow's; names the run.
    """
    run = context["dag_run"]
    told = f"run {run['dag_run_id']} of DAG {run['dag_id']} has not finished within {hours:g} hours; call {owner}"
    _LOG.error("%s", told)
    return told
