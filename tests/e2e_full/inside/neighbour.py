"""What one person tries against another and the platform, as text that runs in a kernel of the one.

Each attempt says whom it is meant for, so that the same call against oneself shows that it could have worked.
"""

from __future__ import annotations

import os
import ssl
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import httpx

Whom = dict[str, Any]
Words = dict[str, str]
Call = tuple[str, str, Any]
"""One of calls.py: a method, a path and a body."""

ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
MERGE = {"Content-Type": "application/merge-patch+json"}
STARTED_SECONDS, STUCK_SECONDS = 90, 20


def filled(node: Any, whom: Whom) -> Any:
    """A part of a request with a person's own words in it."""
    if isinstance(node, dict):
        return {key: filled(value, whom) for key, value in node.items()}
    return node.format(**whom) if isinstance(node, str) and node.startswith("{") else node


@cache
def kubernetes() -> httpx.Client:
    """The API server, with the token of this pod's account."""
    token = (ACCOUNT / "token").read_text(encoding="utf-8")
    trust = ssl.create_default_context(cafile=str(ACCOUNT / "ca.crt"))
    headers = {"Authorization": f"Bearer {token}"}
    return httpx.Client(base_url="https://kubernetes.default.svc", verify=trust, headers=headers, timeout=60)


def asked(call: Call, whom: Whom, **headers: str) -> str:
    """The API server's answer: its status, and for a refusal who refused."""
    method, path, body = call
    if method == "PATCH":
        headers |= MERGE
    answer = kubernetes().request(method, path.format(**whom), json=filled(body, whom), headers=headers)
    if answer.status_code != 403:
        return str(answer.status_code)
    message = answer.json()["message"]
    known = {
        "violates PodSecurity": "Pod Security",
        "error looking up service account": "no account",
        " cannot ": "no right",
    }
    return f"403 {next((word for part, word in known.items() if part in message), message[:200])}"


def ran(mine: dict[str, Any]) -> str:
    """What a pod in one's own namespace finds in its volumes, or what it waits for."""
    path = f"/api/v1/namespaces/{os.environ['POD_NAMESPACE']}/pods"
    name = mine["metadata"]["name"]
    answer = kubernetes().post(path, json=mine)
    if answer.status_code != 201:
        return f"{answer.status_code} {answer.json()['message'][:300]}"
    begin, word = time.monotonic(), "not seen"
    try:
        while time.monotonic() - begin < STARTED_SECONDS:
            status = kubernetes().get(f"{path}/{name}").json()["status"]
            if status["phase"] in ("Succeeded", "Failed"):
                return str(status["containerStatuses"][0]["state"]["terminated"].get("message", status["phase"]))
            told = [one.get("message", "") for one in status.get("conditions", []) if one["type"] == "PodScheduled"]
            word = f"{status['phase']} {' '.join(told)}"
            if "not found" in word and time.monotonic() - begin > STUCK_SECONDS:
                return word
            time.sleep(1)
        return word
    finally:
        kubernetes().delete(f"{path}/{name}")


def served(base: str, headers: dict[str, str], call: Call, whom: Whom) -> str:
    """The status of an answer of MLflow or the hub."""
    method, path, body = call
    trust = ssl.create_default_context()
    url = base.rstrip("/") + path.format(**whom)
    return str(
        httpx.request(method, url, json=filled(body, whom), headers=headers, verify=trust, timeout=60).status_code
    )


def mlflow(call: Call, whom: Whom) -> str:
    """MLflow's answer to this server's token."""
    headers = {"Authorization": f"Bearer {os.environ['MLFLOW_TRACKING_TOKEN']}"}
    return served(os.environ["MLFLOW_TRACKING_URI"], headers, call, whom)


def hub(call: Call, whom: Whom) -> str:
    """The hub's answer to this server's token."""
    headers = {"Authorization": f"token {os.environ['JUPYTERHUB_API_TOKEN']}"}
    return served(os.environ["JUPYTERHUB_API_URL"], headers, call, whom)


def every(calls: dict[str, Call], ask: Callable[[Call, Whom], str], whom: Whom) -> Words:
    """What came of each of these calls."""
    return {name: ask(call, whom) for name, call in calls.items()}


def space(text: str) -> dict[str, Any]:
    """What a program of the tests defines, without running it."""
    found: dict[str, Any] = {"__name__": "library"}
    exec(compile(text, "library", "exec"), found)  # nosec B102 - it is one of our own files
    return found


def stored(text: str, me: Whom, whom: Whom) -> Words:
    """What the store says to every way of writing into a person's folder, with a copy of an object of one's own."""
    library = space(text)
    source = {"Bucket": library["LAKE"], "Key": f"sandbox/{me['name']}/_source"}
    library["SOURCE"].update(source)
    library["s3"]("put_object", **source, Body=b"attempt")
    return {
        name.partition(": ")[2]: attempt() for name, attempt in library["writes"](f"sandbox/{whom['name']}").items()
    }


def data(text: str) -> Words:
    """What store and databases say to what no notebook may."""
    library = space(text)
    refused = ("REFUSED_BY_S3", "REFUSED_BY_CATALOG", "REFUSED_DATABASES")
    return {name: attempt() for part in refused for name, attempt in library[part].items()}


def seen(text: str) -> Words:
    """What a notebook sees of that in the catalog which it may not change."""
    allowed = space(text)["ALLOWED"]
    return {name: attempt() for name, attempt in allowed.items() if ": see its " in name}


def spark_writes(spark: Any, whom: Whom) -> str:
    """What comes of writing into a person's folder with Spark."""
    try:
        spark.range(1).write.mode("overwrite").parquet(f"s3a://data-lake/sandbox/{whom['name']}/_attempt")
    except Exception as error:  # noqa: BLE001 - whatever Java says is the answer
        return "AccessDenied" if "AccessDenied" in str(error) else str(error)[:300]
    return "done"


def from_executor(spark: Any, text: str, targets: dict[str, list[Any]]) -> Words:
    """What an executor of one's own reaches."""

    def work(wanted: dict[str, list[Any]]) -> Words:
        found: dict[str, Any] = {"__name__": "library"}
        exec(text, found)  # nosec B102 - it is one of our own files
        words: Words = found["reach"](wanted)
        return words

    words: Words = spark.sparkContext.parallelize([targets], 1).map(work).collect()[0]
    return words


def main(spark: Any, given: dict[str, Any], programs: dict[str, str]) -> dict[str, Any]:
    """Try everything.

    Args:
        spark: This kernel's session.
        given: `me` and `other` with their names, namespaces, pods, runs and experiments; `targets` by what they are
            called, each a host and a port; `secrets`, the names of all that exist; the `node`.
        programs: Other programs of the tests as text: `calls`, `reach` and `notebook_attempts`.

    Returns:
        By the kind of attempt and its name what came of it; `own` holds the same against oneself.
    """
    me, other = ({**given[who], "node": given["node"]} for who in ("me", "other"))
    calls, attempts = space(programs["calls"]), programs["notebook_attempts"]
    pod, create = calls["pod"], calls["PODS"]["create a pod"][:2]
    homes = {
        who["name"]: pod({"home": {"persistentVolumeClaim": {"claimName": f"home-{who['name']}"}}})
        for who in (me, other)
    }
    secrets = {f"v{n}": {"secret": {"secretName": name, "optional": True}} for n, name in enumerate(given["secrets"])}
    masters = {"Impersonate-User": "anybody", "Impersonate-Group": "system:masters"}
    impersonated = asked(calls["CLUSTER"]["Secrets of the servers"], me, **masters)
    found: dict[str, Any] = {
        "pods": every(calls["PODS"], asked, other),
        "namespace": every(calls["NAMESPACE"], asked, other),
        "namespace of one's own": every(calls["NAMESPACE"], asked, me),
        "cluster": every(calls["CLUSTER"], asked, me) | {"be somebody else": impersonated},
        "escapes": {name: asked((*create, body), me) for name, body in calls["ESCAPES"].items()},
        "account": asked((*create, pod(serviceAccountName="hub")), me),
        "home": ran(homes[other["name"]]),
        "secrets": ran(pod(secrets)),
        "mlflow": every(calls["MLFLOW"], mlflow, other),
        "hub": every(calls["HUB"], hub, other),
        "store": stored(attempts, me, other),
        "data": data(attempts),
        "spark": spark_writes(spark, other),
        "network": space(programs["reach"])["reach"](given["targets"]),
        "network of an executor": from_executor(spark, programs["reach"], given["targets"]),
    }
    own = {
        "pods": every(calls["PODS"], asked, me),
        "home": ran(homes[me["name"]]),
        "mlflow": every(calls["MLFLOW"], mlflow, me),
        "store": stored(attempts, me, me),
        "data": seen(attempts),
        "spark": spark_writes(spark, me),
        "secrets": {name: given["secrets"][int(name[1:])] for name in secrets},
    }
    return {**found, "own": own}
