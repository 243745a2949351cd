"""What people read after a deploy: where the pages are, how to log in, what runs and the memory it takes."""

import json
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.table import Table

from dataops.platform.environment import Environment
from dataops.platform.kube import Cluster

MIB = 1024 * 1024


@dataclass(frozen=True)
class Page:
    """One web page of the platform.

    Attributes:
        title: What people call it.
        key: Its node port's name in the environment file.
        host: The first part of its name behind an ingress or a route.
        user: Who logs in.
        secret: Secret and key with the password; None where nobody logs in.
    """

    title: str
    key: str
    host: str
    user: str
    secret: tuple[str, str] | None

    def url(self, environment: Environment) -> str:
        """The page's address, or a word where it is not exposed."""
        match environment.values["exposure"]:
            case "nodePort":
                return f"http://{environment.values['domain']}:{environment.get(f'nodePorts.{self.key}')}"
            case "route" if self.key not in environment.get("routes"):
                return "not exposed"
            case "ingress" | "route":
                return f"https://{self.host}.{environment.values['domain']}"
        return "not exposed"


PAGES = (
    Page("JupyterHub (notebooks)", "jupyterhub", "jupyterhub", "any name", ("hub-login", "password")),
    Page("Airflow (DAGs)", "airflow", "airflow", "admin", ("airflow-admin", "password")),
    Page("MLflow (runs, models)", "mlflow", "mlflow", "admin", ("mlflow-auth", "admin-password")),
    Page("Spark history", "history", "spark-history", "", None),
)


def print_urls(environment: Environment) -> None:
    """Print each page with its address, its user and the command that shows its password."""
    print(f"\nThe platform, ENV={environment.name}")
    for page in PAGES:
        print(f"  {page.title:<24} {page.url(environment)}" + (f"  (user: {page.user})" if page.user else ""))
        if page.key == "jupyterhub" and environment.get("login.kind") != "password":
            print(f"  {'':<24} with the account of {environment.get('login.kind')}")
        elif page.secret:
            name, key = page.secret
            path = key.replace(".", "\\.")
            word = f"kubectl -n {environment.servers} get secret {name} -o jsonpath='{{.data.{path}}}' | base64 -d"
            print(f"  {'':<24} password: {word}")
    if environment.local:
        print("kubectl talks to this cluster after: export KUBECONFIG=$PWD/.cluster/kubeconfig")
    print("Next: `make smoke` proves it again, `make status` shows what runs, README.md says how to change things.")


def print_status(cluster: Cluster, environment: Environment) -> None:
    """Print every pod of the platform with its state, restarts and memory, and the sums by the kubelet's figures."""
    memory = working_sets(cluster)
    table = Table(title=f"Pods of the platform, ENV={environment.name}")
    for column in ("namespace", "pod", "state", "restarts", "memory MiB"):
        table.add_column(column, justify="right" if column in ("restarts", "memory MiB") else "left")
    total = 0
    for namespace in environment.every_namespace:
        for pod in cluster.core.list_namespaced_pod(namespace).items:
            used = memory.get((namespace, pod.metadata.name), 0)
            total += used
            statuses: list[Any] = pod.status.container_statuses or []
            restarts = sum(status.restart_count for status in statuses)
            waiting = next((one.state.waiting.reason for one in statuses if one.state.waiting), None)
            table.add_row(namespace, pod.metadata.name, waiting or pod.status.phase, str(restarts), f"{used / MIB:.0f}")
    console = Console()
    console.print(table)
    console.print(f"Working set of all platform pods: {total / MIB:.0f} MiB")


def working_sets(cluster: Cluster) -> dict[tuple[str, str], int]:
    """The memory of each pod in bytes, as the kubelets' summaries say, by namespace and name."""
    found: dict[tuple[str, str], int] = {}
    for node in cluster.core.list_node().items:
        text = cluster.core.connect_get_node_proxy_with_path(
            node.metadata.name, "stats/summary", _preload_content=False
        ).data
        summary: dict[str, Any] = json.loads(text)
        for pod in summary["pods"]:
            reference = pod["podRef"]
            found[(reference["namespace"], reference["name"])] = pod.get("memory", {}).get("workingSetBytes", 0)
    return found
