"""Secrets of people who have a namespace each: their own key of S3 in theirs alone, the catalog's in all."""

import pytest

from dataops.errors import UserError
from dataops.platform import secrets
from dataops.platform.charts import charts_of
from dataops.platform.declarations import Declaration, read_all
from dataops.platform.environment import Environment, load_environment
from dataops.platform.kube import Cluster
from dataops.platform.paths import repository_root
from tests.unit.platform.fakes import FakeCluster

ROOT = repository_root()
OWN = {"anna": "dataops-users-anna", "ben": "dataops-users-ben"}
KEY = "S3_SECRET_ACCESS_KEY"


def place(env: str, *people: str) -> Environment:
    facts = load_environment(ROOT, env)
    return Environment(facts.name, facts.files, {**facts.values, "users": list(people)})


def declared(there: Environment) -> dict[str, Declaration]:
    return read_all(charts_of(ROOT, there), there)


def ensured(*people: str, cluster: FakeCluster | None = None) -> FakeCluster:
    """What `make secrets` leaves in a cluster."""
    made, there = cluster or FakeCluster(), place("local", *people)
    secrets.ensure(as_cluster(made), there, declared(there))
    return made


def as_cluster(fake: FakeCluster) -> Cluster:
    return fake  # type: ignore[return-value]  # it has what this code calls


def test_each_has_a_key_of_ones_own_and_nobody_elses() -> None:
    made = ensured(*OWN)
    held = {name: {secret for where, secret in made.secrets if where == own} for name, own in OWN.items()}
    assert held == {name: {f"s3-{name}", "catalog-notebook"} for name in OWN}
    keys = [made.secrets[(own, f"s3-{name}")][KEY] for name, own in OWN.items()]
    assert len({*keys, made.secrets[("dataops-users", "s3-notebook")][KEY]}) == 3


def test_the_catalogs_password_is_the_same_for_all() -> None:
    made = ensured(*OWN)
    assert (
        len({made.secrets[(where, "catalog-notebook")]["password"] for where in (*OWN.values(), "dataops-users")}) == 1
    )


def test_the_local_store_is_told_the_keys() -> None:
    made = ensured(*OWN)
    accounts = made.secrets[("dataops", "s3-accounts")]
    assert accounts["person-ben.secret-access-key"] == made.secrets[(OWN["ben"], "s3-ben")][KEY]


def test_without_people_nothing_is_made_for_them() -> None:
    made = ensured()
    assert {where for where, _ in made.secrets} == {"dataops", "dataops-users", "dataops-jobs"}
    assert not [key for key in made.secrets[("dataops", "s3-accounts")] if "person" in key]


def test_who_comes_later_changes_nobodys_key() -> None:
    cluster = ensured("anna")
    before = dict(cluster.secrets[(OWN["anna"], "s3-anna")])
    assert ensured(*OWN, cluster=cluster).secrets[(OWN["anna"], "s3-anna")] == before


def test_elsewhere_the_key_is_given() -> None:
    there = place("openshift", "anna")
    with pytest.raises(UserError) as refused:
        secrets.verify(as_cluster(FakeCluster()), there, declared(there))
    assert "Secret dataops-users-anna/s3-anna lacks S3_ACCESS_KEY_ID (Access key): write it to" in str(refused.value)
