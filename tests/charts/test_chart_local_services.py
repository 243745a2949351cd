"""The local S3 store and database give each account what it needs and nothing else."""

import json
from fnmatch import fnmatchcase

import pytest
import yaml

from dataops.platform.declarations import PERSON
from tests.charts.harness import CHARTS, Variant, read_yaml, render, template

READ, WRITE, DELETE = "s3:GetObject", "s3:PutObject", "s3:DeleteObject"
LAKE, PLATFORM = "data-lake", "dataops-platform"
# account -> object: may it be read, may it be written (which includes deleted)
MATRIX = {
    "job": {
        f"{LAKE}/silver/x": (True, True),
        f"{LAKE}/bronze/x": (True, True),
        f"{PLATFORM}/backups/x": (False, False),
    },
    "notebook": {
        f"{LAKE}/silver/x": (True, False),
        f"{LAKE}/gold/x": (True, False),
        f"{LAKE}/mlflow/x": (True, False),
        f"{LAKE}/sandbox/x": (True, True),
        f"{LAKE}/spark-events/x": (True, True),
        f"{PLATFORM}/airflow-logs/x": (False, False),
    },
    "person-anna": {
        f"{LAKE}/silver/x": (True, False),
        f"{LAKE}/sandbox/anna/x": (True, True),
        f"{LAKE}/sandbox/_tables/x": (True, True),
        f"{LAKE}/sandbox/ben/x": (True, False),
        f"{LAKE}/sandbox/annabel/x": (True, False),
        f"{LAKE}/spark-events/x": (True, True),
        f"{PLATFORM}/airflow-logs/x": (False, False),
    },
    "airflow": {
        f"{PLATFORM}/airflow-logs/x": (True, True),
        f"{PLATFORM}/backups/x": (False, False),
        f"{LAKE}/gold/x": (False, False),
    },
    "triggerer": {
        f"{PLATFORM}/airflow-logs/x": (True, True),
        f"{PLATFORM}/backups/x": (False, False),
        f"{LAKE}/bronze/x": (True, False),
        f"{LAKE}/silver/x": (True, False),
    },
    "mlflow": {f"{LAKE}/mlflow/x": (True, True), f"{LAKE}/silver/x": (False, False)},
    "spark-history": {f"{LAKE}/spark-events/x": (True, True), f"{LAKE}/silver/x": (False, False)},
}
LISTED = template(Variant("local-services", "local"), users=["anna"]).stdout
SETUP = next(item["data"] for item in yaml.safe_load_all(LISTED) if item and item["metadata"]["name"] == "s3-setup")


def allowed(account: str, action: str, resource: str) -> bool:
    """What a policy without denials says."""
    for statement in json.loads(SETUP[f"{account}.json"])["Statement"]:
        assert statement["Effect"] == "Allow"
        for pattern in statement["Resource"]:
            if action in statement["Action"] and fnmatchcase(f"arn:aws:s3:::{resource}", pattern):
                return True
    return False


def test_every_account_is_in_the_matrix() -> None:
    accounts = {name.removesuffix(".json") for name in SETUP if name.endswith(".json")}
    declared = next(e["keys"] for e in read_yaml(CHARTS / "local-services/secrets.yaml") if e["name"] == "s3-accounts")
    assert accounts == set(MATRIX) == {key.split(".")[0].replace(PERSON, "anna") for key in declared}


@pytest.mark.parametrize("account", MATRIX)
def test_policy(account: str) -> None:
    for resource, (reads, writes) in MATRIX[account].items():
        assert allowed(account, READ, resource) is reads, f"{account} reads {resource}"
        assert allowed(account, WRITE, resource) is writes, f"{account} writes {resource}"
        assert allowed(account, DELETE, resource) is writes, f"{account} deletes {resource}"


@pytest.mark.parametrize("account", MATRIX)
def test_policy_has_no_wild_actions(account: str) -> None:
    for statement in json.loads(SETUP[f"{account}.json"])["Statement"]:
        assert not [action for action in statement["Action"] if "*" in action], f"{account}: name each action"


def test_a_new_person_makes_the_set_up_run_again() -> None:
    before, after = (template(Variant("local-services", "local"), users=who).stdout for who in ([], ["anna"]))
    jobs = [
        {item["metadata"]["name"] for item in yaml.safe_load_all(text) if item and item["kind"] == "Job"}
        for text in (before, after)
    ]
    assert len(jobs[1] - jobs[0]) == 1, "the Job that makes S3 accounts, and no other"


def test_root_key_is_for_the_server_and_its_setup_only() -> None:
    users = {
        item["metadata"]["name"].rsplit("-", 1)[0] if item["kind"] == "Job" else item["metadata"]["name"]
        for item in render(Variant("local-services", "local"))
        if "s3-root" in yaml.safe_dump(item)
    }
    assert users == {"s3", "s3-setup"}


def test_roles_of_the_database_agree() -> None:
    declared = next(
        set(e["keys"]) for e in read_yaml(CHARTS / "local-services/secrets.yaml") if e["name"] == "postgres-accounts"
    )
    sql = (CHARTS / "local-services/files/databases.sql").read_text(encoding="utf-8")
    assert declared == {line.split()[1] for line in sql.splitlines() if line.startswith("\\getenv")}
    for role in declared:
        assert f"alter role {role} password :'{role}'" in sql
