"""The hub of docker-compose.yml: what its configuration hands to the servers of users, and whom it lets in."""

import json
import re
import subprocess
import sys
from typing import Any

import pytest

from dataops.platform.paths import repository_root

ROOT = repository_root()
KEYS = ("PROXY_TOKEN", "HUB_COOKIE_SECRET", "HUB_DATABASE_URL", "HUB_LOGIN_PASSWORD")
# In a process of its own: the hardening changes JupyterHub itself.
LOAD = """
import json, runpy, sys
config = runpy.run_path(sys.argv[1])["c"]
print(json.dumps(config, default=lambda one: sorted(one) if isinstance(one, set) else repr(one)))
"""


@pytest.fixture(scope="module")
def config() -> dict[str, Any]:
    """The configuration as JupyterHub reads it, each key of the hub 64 times the digit of its place."""
    environment = {name: str(digit) * 64 for digit, name in enumerate(KEYS)}
    path = {"PYTHONPATH": str(ROOT / "charts/jupyterhub/files"), "S3_ACCESS_KEY_ID": "of the notebook"}
    done = subprocess.run(
        [sys.executable, "-c", LOAD, str(ROOT / "compose/jupyterhub_config.py")],
        env={**environment, **path}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_servers_get_the_facts_and_no_key_of_the_hub(config: dict[str, Any]) -> None:
    kept = set(config["Spawner"]["env_keep"])
    assert "S3_ACCESS_KEY_ID" in kept and not kept & set(KEYS)


def test_the_keys_reach_the_hub(config: dict[str, Any]) -> None:
    assert config["ConfigurableHTTPProxy"]["auth_token"] == "0" * 64
    assert config["JupyterHub"]["db_url"] == "2" * 64
    assert config["DummyAuthenticator"]["password"] == "3" * 64


@pytest.mark.parametrize("name", ["../postgres", "a/b", "..", "", "a" * 41])
def test_no_name_leads_out_of_the_homes(config: dict[str, Any], name: str) -> None:
    assert not re.fullmatch(config["Authenticator"]["username_pattern"], name)
    assert config["SimpleLocalProcessSpawner"]["home_dir_template"] == "/home/dataops/{username}"


def test_accounts_of_mlflow_are_nobodys_name(config: dict[str, Any]) -> None:
    assert config["Authenticator"]["blocked_users"] == ["admin", "mlflow-jobs"]


def test_the_holes_of_the_hub_are_closed_as_on_a_cluster(config: dict[str, Any]) -> None:
    assert config["Spawner"]["disable_user_config"] is True


def test_git_knows_whom_to_name(config: dict[str, Any]) -> None:
    assert "EMAIL" in config["Spawner"]["environment"]
