"""A namespace each: what one person can do to another and to the platform, tried with all that her server holds.

Each attempt that somebody may make on their own things is made on them too: it is the right that is missing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from dataops.platform.flows import read_flows
from dataops.platform.smoke.airflow import Airflow
from dataops.platform.smoke.context import Context
from dataops.platform.smoke.hub import Hub
from tests.e2e import pods
from tests.e2e.inside import notebook_attempts
from tests.e2e.inside.reach import OPEN, SILENT
from tests.e2e_full.inside import calls, resident
from tests.e2e_full.people import PEOPLE, declared, facts, namespace_each, run, text

ME, OTHER = PEOPLE
SECRETS = declared()
MINE = [name for name, one in SECRETS.items() if facts().own_namespaces[ME] in one.places(facts())]
WRITES = ("put", "multipart", "copy", "delete", "delete many")
DATA = [*notebook_attempts.REFUSED_BY_S3, *notebook_attempts.REFUSED_BY_CATALOG, *notebook_attempts.REFUSED_DATABASES]
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
    "stop the server": ("DELETE", f"/hub/api/users/{OTHER}/server"),
    "start a kernel": ("POST", f"/user/{OTHER}/api/kernels"),
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
    """

    inside: dict[str, Any]
    outside: dict[str, dict[str, int]]
    open: dict[str, str]
    airflow: int


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """The platform with a namespace for each of the two."""
    with namespace_each(tmp_path_factory.mktemp("facts")) as found:
        yield found


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


@pytest.fixture(scope="module")
def tried(platform: Context) -> Iterator[Tried]:
    """Both work; then the one tries everything, first from her kernel and then from her browser."""
    (node,) = platform.cluster.core.list_node().items
    with ExitStack() as stack:
        people = {name: Hub(platform, name) for name in PEOPLE}
        for hub in people.values():
            stack.enter_context(hub.server())
        kernels = {name: stack.enter_context(hub.kernel()) for name, hub in people.items()}
        left = {name: run(kernel, "resident", "spark", "mlflow", seconds=300) for name, kernel in kernels.items()}
        who = {name: {**server(platform, name), **left[name]} for name in PEOPLE}
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
                "secrets": sorted(SECRETS),
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
        yield Tried(inside, outside, left[OTHER]["open"], dags.get("/api/v2/dags").status_code)


@pytest.mark.parametrize("attempt", calls.PODS)
def test_pods_of_another_are_out_of_reach(tried: Tried, attempt: str) -> None:
    assert tried.inside["pods"][attempt] == "403 no right"
    assert tried.inside["own"]["pods"][attempt] in ("200", "201")


@pytest.mark.parametrize("attempt", calls.NAMESPACE)
@pytest.mark.parametrize("where", ["namespace", "namespace of one's own"])
def test_what_a_namespace_holds_is_read_by_nobody(tried: Tried, where: str, attempt: str) -> None:
    assert tried.inside[where][attempt] == "403 no right"


@pytest.mark.parametrize("attempt", [*calls.CLUSTER, "be somebody else"])
def test_the_platform_and_the_cluster_are_out_of_reach(tried: Tried, attempt: str) -> None:
    assert tried.inside["cluster"][attempt] == "403 no right"


@pytest.mark.parametrize("attempt", calls.ESCAPES)
def test_a_pod_of_ones_own_stays_in_its_box(tried: Tried, attempt: str) -> None:
    assert tried.inside["escapes"][attempt] == "403 Pod Security"


def test_a_pod_of_ones_own_is_not_of_another_account(tried: Tried) -> None:
    assert tried.inside["account"] == "403 no account"


def test_the_home_of_another_cannot_be_mounted(tried: Tried) -> None:
    assert f'persistentvolumeclaim "home-{OTHER}" not found' in tried.inside["home"]
    assert "/mounted/home/diary.txt" in tried.inside["own"]["home"]


def found_secrets(tried: Tried) -> set[str]:
    """The Secrets of which a pod of one's own saw a key, when it asked for all there are."""
    paths: list[str] = ast.literal_eval(tried.inside["secrets"])
    return {tried.inside["own"]["secrets"][path.split("/")[2]] for path in paths}


@pytest.mark.parametrize("name", sorted(set(SECRETS) - set(MINE)))
def test_a_secret_of_others_cannot_be_mounted(tried: Tried, name: str) -> None:
    assert name not in found_secrets(tried)


def test_ones_own_secrets_can_be_mounted(tried: Tried) -> None:
    assert found_secrets(tried) == set(MINE)


@pytest.mark.parametrize("attempt", calls.MLFLOW)
def test_a_run_of_another_cannot_be_changed(tried: Tried, attempt: str) -> None:
    assert tried.inside["mlflow"][attempt] == "403"
    assert tried.inside["own"]["mlflow"][attempt] == "200"


@pytest.mark.parametrize("attempt", calls.HUB)
def test_the_hub_refuses_the_token_of_a_server(tried: Tried, attempt: str) -> None:
    assert tried.inside["hub"][attempt] in ("403", "404")


@pytest.mark.parametrize("attempt", WRITES)
def test_the_folder_of_another_cannot_be_written(tried: Tried, attempt: str) -> None:
    assert tried.inside["store"][attempt] == "AccessDenied"
    assert tried.inside["own"]["store"][attempt] == "done"


def test_sparks_executors_cannot_write_there_either(tried: Tried) -> None:
    assert tried.inside["spark"] == "AccessDenied"
    assert tried.inside["own"]["spark"] == "done"


@pytest.mark.parametrize("attempt", DATA)
def test_lake_and_databases_refuse_what_they_refuse_every_notebook(tried: Tried, attempt: str) -> None:
    word = tried.inside["data"][attempt]
    assert word in ("AccessDenied", "InsufficientPrivilege", "0 rows") or "permission denied for database" in word


@pytest.mark.parametrize("place", resident.LISTENING)
@pytest.mark.parametrize("sender", ["network", "network of an executor"])
def test_nothing_of_another_answers(tried: Tried, sender: str, place: str) -> None:
    assert tried.inside[sender][place] == SILENT
    assert tried.open[place] == OPEN


@pytest.mark.parametrize("name", CLOSED)
def test_servers_that_notebooks_do_not_need_do_not_answer(tried: Tried, name: str) -> None:
    assert tried.inside["network"][name] == tried.inside["network of an executor"][name] == SILENT


@pytest.mark.parametrize("name", CALLED)
def test_servers_that_notebooks_need_answer_them_and_not_their_executors(tried: Tried, name: str) -> None:
    assert tried.inside["network"][name] == OPEN
    assert tried.inside["network of an executor"][name] == SILENT


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_another_are_closed(tried: Tried, page: str) -> None:
    assert tried.outside["other"][page] in (403, 404)
    assert tried.outside["own"][page] == 200


@pytest.mark.parametrize("attempt", CHANGES)
def test_nothing_of_another_can_be_changed_by_a_browser(tried: Tried, attempt: str) -> None:
    assert tried.outside["changes"][attempt] in (403, 404)


def test_airflow_does_not_know_people_of_the_hub(tried: Tried) -> None:
    assert tried.airflow in (401, 403)
