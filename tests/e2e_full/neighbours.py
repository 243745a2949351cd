"""One person against another and the platform, with all that her server holds: what is tried, and what came of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from dataops.platform.flows import read_flows
from dataops.platform.smoke.airflow import Airflow
from dataops.platform.smoke.context import Context
from dataops.platform.smoke.hub import Hub
from dataops.platform.smoke.pods import run_pod
from dataops.pods import job_pod
from tests.e2e import pods
from tests.e2e_full.inside import calls, neighbour
from tests.e2e_full.people import PEOPLE, declared, run, text

ME, OTHER = PEOPLE
PLANTED_SECONDS = 120
# servers that no notebook may call, and those that each may
CLOSED = {"proxy": 8001, "airflow-api-server": 8080, "spark-history": 18080, "kubelet": 10250}
CALLED = {"hub": 8081, "mlflow": 5000}
# what a browser with somebody's own token asks for
PAGES: dict[str, tuple[str, str]] = {
    "who it is": ("GET", "/hub/api/users/{}"),
    "tokens": ("GET", "/hub/api/users/{}/tokens"),
    "progress of the server": ("GET", "/hub/api/users/{}/server/progress"),
    "files": ("GET", "/user/{}/api/contents"),
    "the diary": ("GET", "/user/{}/api/contents/diary.txt"),
    "kernels": ("GET", "/user/{}/api/kernels"),
    "sessions": ("GET", "/user/{}/api/sessions"),
    "a terminal": ("POST", "/user/{}/api/terminals"),
    "Spark's page": ("GET", "/user/{}/proxy/4040/api/v1/applications"),
}
CHANGES: dict[str, tuple[str, str]] = {
    "make a token": ("POST", f"/hub/api/users/{OTHER}/tokens"),
    "start the server": ("POST", f"/hub/api/users/{OTHER}/server"),
    "start a kernel": ("POST", f"/user/{OTHER}/api/kernels"),
    "stop the server": ("DELETE", f"/hub/api/users/{OTHER}/server"),
    "delete the user": ("DELETE", f"/hub/api/users/{OTHER}"),
}


@dataclass(frozen=True)
class Tried:
    """What came of it.

    Attributes:
        inside: Of the attempts from the kernel, as `neighbour.main` returns them.
        outside: Of those from a browser: against the other, and against oneself under `own`.
        open: What the other one reaches of what is theirs.
        airflow: The status of Airflow's answer to a token of the hub.
        administrator: That of the API server's answer to an administrator of the cluster, by attempt.
    """

    inside: dict[str, Any]
    outside: dict[str, dict[str, int]]
    open: dict[str, str]
    airflow: int
    administrator: dict[str, int]


def server(platform: Context, name: str) -> dict[str, Any]:
    """Who somebody is to the cluster."""
    namespace = platform.environment.own_namespaces[name]
    (pod,) = platform.cluster.core.list_namespaced_pod(
        namespace, label_selector=f"hub.jupyter.org/username={name}"
    ).items
    return {"name": name, "namespace": namespace, "pod": pod.metadata.name, "ip": pod.status.pod_ip}


def targets(platform: Context, other: dict[str, Any], listening: dict[str, tuple[str, int]]) -> dict[str, list[Any]]:
    """What the other one's things and the servers are reached by, by their names."""
    found = {name: [other["ip"] if host == "127.0.0.1" else host, port] for name, (host, port) in listening.items()}
    kinds, core = read_flows(platform.root).kinds, platform.cluster.core
    for name, port in {**CLOSED, **CALLED}.items():
        if name == "kubelet":
            found[name] = [str(urlsplit(platform.cluster.server).hostname), port]
            continue
        labels = ",".join(f"{key}={value}" for key, value in kinds[name].labels.items())
        there = core.list_namespaced_pod(platform.environment.servers, label_selector=labels).items
        # one that is on its way out says that it runs
        (pod,) = (one for one in there if one.status.phase == "Running" and not one.metadata.deletion_timestamp)
        found[name] = [pod.status.pod_ip, port]
    return found


def administered(platform: Context, call: neighbour.Call, whom: neighbour.Whom) -> int:
    """The status of the answer that an administrator of the cluster gets to an attempt."""
    method, path, body = call
    headers = neighbour.MERGE if method == "PATCH" else {"Content-Type": "application/json"}
    text, url = json.dumps(neighbour.filled(body, whom)), f"{platform.cluster.server}{path.format(**whom)}"
    http = platform.cluster.api.rest_client.pool_manager
    return int(http.request(method, url, body=text, headers=headers, redirect=False).status)


@contextmanager
def planted(platform: Context) -> Iterator[None]:
    """Have rows in the catalog while the block runs: where nothing is, nobody changes anything."""

    def job(word: str) -> None:
        pod = job_pod(image=platform.job_image, component="task", size="small", spark=False)
        pod["metadata"]["generateName"] = f"e2e-{word}-"
        pod["spec"]["containers"][0]["args"] = ["python", "-c", text("planted"), word]
        run_pod(platform, pod, PLANTED_SECONDS)

    job("plant")
    try:
        yield
    finally:
        job("remove")


@contextmanager
def trial(platform: Context) -> Iterator[Tried]:
    """Both work; then the one tries everything, first from her kernel and then from her browser."""
    (node,) = platform.cluster.core.list_node().items
    with planted(platform), ExitStack() as stack:
        people = {name: Hub(platform, name) for name in PEOPLE}
        for hub in people.values():
            stack.enter_context(hub.server())
        kernels = {name: stack.enter_context(hub.kernel()) for name, hub in people.items()}
        left = {name: run(kernel, "resident", "spark", "mlflow", seconds=300) for name, kernel in kernels.items()}
        who = {name: {**server(platform, name), **left[name]} for name in PEOPLE}
        whom = {**who[OTHER], "node": node.metadata.name}
        kubernetes = {**calls.NAMESPACE, **calls.CLUSTER}
        administrator = {name: administered(platform, call, whom) for name, call in kubernetes.items()}
        inside = run(
            kernels[ME],
            "neighbour",
            "spark",
            seconds=600,
            given={
                "me": who[ME],
                "other": who[OTHER],
                "node": node.metadata.name,
                "targets": targets(platform, who[OTHER], left[OTHER]["listening"]),
                "secrets": sorted(declared()),
            },
            programs={name: pods.program(name)[-1] for name in ("reach", "notebook_attempts")}
            | {"calls": text("calls")},
        )
        http = people[ME].http
        outside = {
            kind: {page: http.request(method, path.format(name)).status_code for page, (method, path) in PAGES.items()}
            for kind, name in (("other", OTHER), ("own", ME))
        }
        outside["changes"] = {name: http.request(method, path).status_code for name, (method, path) in CHANGES.items()}
        dags = platform.http(
            "airflow", headers={"Authorization": http.headers["Authorization"].replace("token", "Bearer")}
        )
        assert Airflow(platform).get("/dags")["total_entries"] > 0
        airflow = dags.get("/api/v2/dags").status_code
        yield Tried(inside, outside, left[OTHER]["open"], airflow, administrator)
