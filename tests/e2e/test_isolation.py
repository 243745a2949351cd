"""What the accounts of notebooks, jobs and executors may not do, asked of the real API server with their own tokens."""

from __future__ import annotations

import ssl
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from dataops.platform.kube import connect

KUBECONFIG = Path(__file__).resolve().parents[2] / ".cluster" / "kubeconfig"
ACCOUNTS = {
    "notebook": ("dataops-users", "notebook"),
    "job": ("dataops-jobs", "job"),
    "airflow-task": ("dataops-jobs", "airflow-task"),
    "executor-of-users": ("dataops-users", "executor"),
    "executor-of-jobs": ("dataops-jobs", "executor"),
}
POD = {"metadata": {"name": "intruder"}, "spec": {"containers": [{"name": "main", "image": "any"}]}}
DEBUGGER = {"spec": {"ephemeralContainers": [{"name": "intruder", "image": "any"}]}}
TOKEN = {"spec": {"expirationSeconds": 600}}
PATCH = {"Content-Type": "application/strategic-merge-patch+json"}
SERVERS = "/api/v1/namespaces/dataops"
ATTEMPTS: dict[str, dict[str, Any]] = {
    "list Secrets": {"method": "GET", "url": f"{SERVERS}/secrets"},
    "read a Secret": {"method": "GET", "url": f"{SERVERS}/secrets/s3-root"},
    "list ConfigMaps": {"method": "GET", "url": f"{SERVERS}/configmaps"},
    "read a ConfigMap": {"method": "GET", "url": f"{SERVERS}/configmaps/dataops-env"},
    "create a pod": {"method": "POST", "url": f"{SERVERS}/pods", "json": POD},
    "exec": {"method": "POST", "url": f"{SERVERS}/pods/postgres-0/exec?command=id&stdout=1"},
    "attach": {"method": "POST", "url": f"{SERVERS}/pods/postgres-0/attach?stdout=1"},
    "debug": {
        "method": "PATCH",
        "url": f"{SERVERS}/pods/postgres-0/ephemeralcontainers",
        "json": DEBUGGER,
        "headers": PATCH,
    },
    "token of another account": {"method": "POST", "url": f"{SERVERS}/serviceaccounts/hub/token", "json": TOKEN},
    "Secrets of users": {"method": "GET", "url": "/api/v1/namespaces/dataops-users/secrets"},
    "Secrets of jobs": {"method": "GET", "url": "/api/v1/namespaces/dataops-jobs/secrets"},
    "ConfigMaps of the cluster": {"method": "GET", "url": "/api/v1/configmaps"},
    "nodes": {"method": "GET", "url": "/api/v1/nodes"},
}


@dataclass(frozen=True)
class Api:
    """The API server, and an administrator who hands out tokens of accounts."""

    http: httpx.Client
    core: Any

    def token(self, account: str) -> str:
        namespace, name = ACCOUNTS[account]
        request = {"spec": {"expirationSeconds": 600}}
        return str(self.core.create_namespaced_service_account_token(name, namespace, request).status.token)


@pytest.fixture(scope="module")
def api(deployed: str) -> Iterator[Api]:
    cluster = yaml.safe_load(KUBECONFIG.read_text())["clusters"][0]["cluster"]
    trust = ssl.create_default_context(cadata=b64decode(cluster["certificate-authority-data"]).decode())
    with httpx.Client(base_url=cluster["server"], verify=trust, timeout=30) as http:
        yield Api(http, connect(KUBECONFIG).core)


@pytest.mark.parametrize("attempt", ATTEMPTS)
@pytest.mark.parametrize("account", ACCOUNTS)
def test_an_account_of_users_or_jobs_is_refused(api: Api, account: str, attempt: str) -> None:
    what = dict(ATTEMPTS[attempt])
    headers = {**what.pop("headers", {}), "Authorization": f"Bearer {api.token(account)}"}
    answer = api.http.request(**what, headers=headers)
    assert answer.status_code == 403 and answer.json()["reason"] == "Forbidden", answer.text


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_nobody_comes_in_without_a_token(api: Api, attempt: str) -> None:
    assert api.http.request(**ATTEMPTS[attempt]).status_code in (401, 403)


@pytest.mark.parametrize("account", ["notebook", "job", "airflow-task"])
def test_an_account_may_list_pods_beside_it(api: Api, account: str) -> None:
    """The tokens work: it is the rights that are missing."""
    namespace, _ = ACCOUNTS[account]
    headers = {"Authorization": f"Bearer {api.token(account)}"}
    assert api.http.get(f"/api/v1/namespaces/{namespace}/pods", headers=headers).status_code == 200
