"""The history server's pod, which may read every event log: the report is made there, with its key."""

from __future__ import annotations

from dataops.errors import UserError
from dataops.platform.environment import Environment
from dataops.platform.kube import Cluster

SELECTOR = "app.kubernetes.io/name=spark,app.kubernetes.io/component=history"
PATIENCE_SECONDS = 300


def explain_stored(cluster: Cluster, environment: Environment, log: str) -> str:
    """Say why an application was slow whose event log lies in the store.

    Args:
        cluster: Where the history server runs.
        environment: Names its namespace.
        log: The application's id, or the path of its log in the store.

    Returns:
        The report.

    Raises:
        UserError: There is no such log, or no history server runs.
    """
    namespace = environment.servers
    pods = cluster.core.list_namespaced_pod(namespace, label_selector=SELECTOR).items
    running = [pod.metadata.name for pod in pods if pod.status.phase == "Running"]
    if not running:
        raise UserError(f"the history server does not run in {namespace}: see `make status`, or name a local file")
    command = ["python", "-m", "dataops.spark.report", log]
    return cluster.execute(namespace, running[0], command, PATIENCE_SECONDS)
