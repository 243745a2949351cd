"""ENV=openshift: what is missing, guessable, damaged or at odds is refused before any change, with the way out."""

import re
import shlex
from collections.abc import Callable
from configparser import ConfigParser
from pathlib import Path
from typing import Any, cast
from urllib.parse import unquote, urlsplit

import pytest

from dataops.errors import UserError
from dataops.platform import deploy, guard, helm, secrets
from dataops.platform.charts import charts_of
from dataops.platform.declarations import read_all
from dataops.platform.environment import load_environment
from dataops.platform.generators import WELL_KNOWN, generate
from dataops.platform.kube import Cluster
from tests.unit.platform.fakes import FakeCluster

ROOT = Path(__file__).resolve().parents[3]
PLACE = load_environment(ROOT, "openshift")
DECLARED = read_all(charts_of(ROOT, PLACE), PLACE)
Place = tuple[str, str, str]  # namespace, Secret, key
KEYS: list[Place] = [(where, e.name, key) for e in DECLARED.values() for where in e.places(PLACE) for key in e.keys]
GIVEN = [(entry.name, key) for entry in DECLARED.values() for key, about in entry.keys.items() if about.given]
EACH = pytest.mark.parametrize("place", KEYS, ids="/".join)
COMMAND = "`make secrets ENV=openshift FROM=<folder>` makes all but the values that others give"
AWKWARD = "p@ss:w%rd/\\ #1"


def public(key: str) -> bool:
    """Whether a key holds a user's name, which anybody may know."""
    return key.lower().endswith(("user", "username"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """What a company gives: one file per value, with the newline that editors leave at the end."""
    for name, key in GIVEN:
        (tmp_path / f"{name}.{key}").write_text(f"{generate('password')}\n")
    return tmp_path


@pytest.fixture
def cluster(folder: Path) -> FakeCluster:
    """A cluster with every Secret; `writes` counts from here."""
    made = FakeCluster()
    ensure(made, folder)
    made.writes = 0
    return made


def ensure(cluster: FakeCluster, folder: Path) -> list[str]:
    return secrets.ensure(cast(Cluster, cluster), PLACE, DECLARED, folder)


def refusal(call: Callable[[], Any]) -> str:
    with pytest.raises(UserError) as error:
        call()
    return str(error.value)


def verify(cluster: FakeCluster) -> str:
    return refusal(lambda: secrets.verify(cast(Cluster, cluster), PLACE, DECLARED))


def shown(where: str, name: str, key: str, flaw: str) -> str:
    """The line about a key that is there and wrong."""
    patch = f"""kubectl -n {where} patch secret {name} --type=json -p='[{{"op":"remove","path":"/data/{key}"}}]'"""
    write = f", write it to <folder>/{name}.{key}" if (name, key) in GIVEN else ""
    return f"Secret {where}/{name} has {flaw}: {patch}{write}, then that command"


def test_what_is_given_and_what_is_made_passes(cluster: FakeCluster, folder: Path) -> None:
    secrets.verify(cast(Cluster, cluster), PLACE, DECLARED)
    assert ensure(cluster, folder) == [] and cluster.writes == 0


def test_given_are_the_accounts_of_the_database_and_of_the_store() -> None:
    assert {name for name, _ in GIVEN} == {name for name in DECLARED if re.match("s3-|catalog-|.*-database", name)}


@EACH
def test_an_absent_key_is_named_with_the_command_that_makes_it(cluster: FakeCluster, place: Place) -> None:
    where, name, key = place
    for namespace in DECLARED[name].places(PLACE):
        del cluster.secrets[namespace, name][key]
    said = verify(cluster)
    assert COMMAND in said.splitlines()[0]
    about = DECLARED[name].keys[key]
    how = f"({about.description}): write it to <folder>/{name}.{key}" if about.given else "that command makes it"
    assert re.search(rf"Secret {where}/{re.escape(name)} lacks {re.escape(key)}[ :]", said) and how in said


@EACH
def test_an_empty_value_is_refused(cluster: FakeCluster, place: Place) -> None:
    where, name, key = place
    for empty in (b"", b"  ", b"\n"):
        cluster.secrets[where, name][key] = empty
        assert shown(where, name, key, f"an empty value in {key}") in verify(cluster)


@pytest.mark.parametrize("place", [place for place in KEYS if not public(place[2])], ids="/".join)
def test_every_well_known_value_is_refused(cluster: FakeCluster, place: Place) -> None:
    where, name, key = place
    for value in (*WELL_KNOWN, "MinioAdmin", "changeme\n"):
        cluster.secrets[where, name][key] = value.encode()
        assert shown(where, name, key, f"a well-known value in {key}") in verify(cluster)


@pytest.mark.parametrize("key", ["hub-database/url", "mlflow-auth/basic_auth.ini", "catalog-job/pgpass"])
def test_a_well_known_password_inside_a_text_is_refused(cluster: FakeCluster, key: str) -> None:
    name, _, key = key.partition("/")
    where = DECLARED[name].places(PLACE)[0]
    password = cluster.secrets[where, name]["admin-password" if name == "mlflow-auth" else "password"]
    cluster.secrets[where, name][key] = cluster.secrets[where, name][key].replace(password, b"changeme")
    assert shown(where, name, key, f"a well-known value in {key}") in verify(cluster)


@pytest.mark.parametrize(
    ("key", "value", "flaw"),
    [
        ("hub-keys/cookie-secret", "ab" * 16, "a value that is not 64 hexadecimal digits"),
        ("hub-keys/crypt-key", "xy" * 32, "a value that is not 64 hexadecimal digits"),
        ("airflow-keys/fernet-key", "A" * 43, "a value that is no Fernet key"),
        ("airflow-keys/fernet-key", "no key at all, and far too long for one", "a value that is no Fernet key"),
        ("hub-login/password", "x1y2z3", "a value of less than 8 characters"),
        ("hub-login/password", "long and good\n", "a stray space or newline around the value"),
        ("s3-mlflow/S3_ACCESS_KEY_ID", " AKEXAMPLE", "a stray space or newline around the value"),
        ("hub-login/password", b"\xff\xfe\x00", "bytes that are no text"),
    ],
)
def test_a_damaged_value_is_named(cluster: FakeCluster, key: str, value: str | bytes, flaw: str) -> None:
    name, _, key = key.partition("/")
    cluster.secrets["dataops", name][key] = value if isinstance(value, bytes) else value.encode()
    assert shown("dataops", name, key, f"{flaw} in {key}") in verify(cluster)


def test_several_fernet_keys_are_fine_as_airflow_rotates_them(cluster: FakeCluster) -> None:
    cluster.secrets["dataops", "airflow-keys"]["fernet-key"] = f"{generate('fernet')},{generate('fernet')}".encode()
    secrets.verify(cast(Cluster, cluster), PLACE, DECLARED)


@pytest.mark.parametrize(
    ("place", "value", "other"),
    [
        ("dataops-jobs/catalog-job/pgpass", "db:5432:lake:lake_job:different", "password of Secret catalog-job"),
        ("dataops/hub-database/url", "postgresql+psycopg2://hub:different@db/hub", "password of Secret hub-database"),
        ("dataops/mlflow-auth/basic_auth.ini", "[mlflow]\n", "password of Secret mlflow-database"),
        ("dataops-jobs/mlflow-jobs/MLFLOW_TRACKING_PASSWORD", "different", "the same Secret in dataops"),
    ],
)
def test_values_that_disagree_are_named(cluster: FakeCluster, place: str, value: str, other: str) -> None:
    where, name, key = place.split("/")
    cluster.secrets[where, name][key] = value.encode()
    assert shown(where, name, key, f"a {key} that disagrees with {other}") in verify(cluster)


def test_the_removal_that_is_printed_is_one_word_for_the_shell(cluster: FakeCluster) -> None:
    cluster.secrets["dataops", "hub-login"]["password"] = b""
    command = verify(cluster).partition("in password: ")[2].partition(", then")[0]
    assert shlex.split(command)[-1] == """-p=[{"op":"remove","path":"/data/password"}]"""


@pytest.mark.parametrize("name", sorted({name for name, _ in GIVEN}))
def test_a_value_that_nobody_gave_is_named_and_nothing_is_written(folder: Path, name: str) -> None:
    gone = sorted(folder.glob(f"{name}.*"))
    for path in gone:
        path.unlink()
    cluster = FakeCluster()
    said = refusal(lambda: ensure(cluster, folder))
    assert all(f"write it to {path}" in said for path in gone) and cluster.writes == 0
    assert len(said.splitlines()) == 1 + len(gone) * len(DECLARED[name].places(PLACE)), "only what is missing"


def test_a_wrong_file_is_named_and_nothing_is_written(folder: Path) -> None:
    (folder / "hub-database.password").write_text("changeme\n")
    cluster = FakeCluster()
    said = refusal(lambda: ensure(cluster, folder))
    assert f"has a well-known value in password: correct {folder}/hub-database.password" in said and cluster.writes == 0


def test_a_file_that_is_no_text_is_named(folder: Path) -> None:
    (folder / "hub-database.password").write_bytes(b"\xff\xfe")
    said = refusal(lambda: ensure(FakeCluster(), folder))
    assert said == f"{folder}/hub-database.password holds bytes that are no text: write the value as plain text"


def test_a_file_for_nothing_is_named(folder: Path) -> None:
    (folder / "hub-databse.password").write_text("x")
    said = refusal(lambda: ensure(FakeCluster(), folder))
    assert said == f"{folder}/hub-databse.password is for no key of a Secret: call it <secret>.<key>, or take it away"
    gone = folder / "none"
    assert refusal(lambda: ensure(FakeCluster(), gone)).startswith(f"FROM={gone} is no folder: name one with a file")


def test_what_exists_is_never_overwritten(cluster: FakeCluster, folder: Path) -> None:
    (folder / "hub-database.password").write_text("the-new-password")
    said = refusal(lambda: ensure(cluster, folder))
    assert "hub-database.password differs from the Secret, which is never overwritten" in said and cluster.writes == 0
    del cluster.secrets["dataops", "hub-database"]["password"]
    assert "has a url that disagrees with password of Secret hub-database" in refusal(lambda: ensure(cluster, folder))
    del cluster.secrets["dataops", "hub-database"]["url"]
    assert ensure(cluster, folder) == ["dataops/hub-database: password, url"]
    assert b":the-new-password@" in cluster.secrets["dataops", "hub-database"]["url"]


def test_passwords_of_any_characters_arrive_in_addresses_and_files(folder: Path) -> None:
    for path in folder.glob("*.password"):
        path.write_text(AWKWARD)
    cluster = FakeCluster()
    ensure(cluster, folder)
    secrets.verify(cast(Cluster, cluster), PLACE, DECLARED)
    url = urlsplit(cluster.secrets["dataops", "hub-database"]["url"].decode())
    assert unquote(url.password or "") == AWKWARD and url.hostname == PLACE.get("database.host")
    auth = ConfigParser()
    auth.read_string(cluster.secrets["dataops", "mlflow-auth"]["basic_auth.ini"].decode())
    assert unquote(urlsplit(auth["mlflow"]["database_uri"]).password or "") == AWKWARD
    last = cluster.secrets["dataops-jobs", "catalog-job"]["pgpass"].decode().split(":lake_job:")[1]
    assert re.sub(r"\\(.)", r"\1", last) == AWKWARD


@pytest.mark.parametrize("spoil", ["absent", "empty", "well-known"])
@EACH
def test_a_deploy_is_refused_before_any_change(
    cluster: FakeCluster, place: Place, spoil: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    where, name, key = place
    del cluster.secrets[where, name][key]
    if spoil != "absent":
        cluster.secrets[where, name][key] = b"" if spoil == "empty" or public(key) else b"changeme"
    before = {place: dict(data) for place, data in cluster.secrets.items()}
    monkeypatch.setattr(deploy, "ensure_tool", lambda tool: None)
    monkeypatch.setattr(deploy, "image_tags", lambda *_: {})
    monkeypatch.setattr(guard, "refuse_foreign", lambda *_: None)
    monkeypatch.setattr(deploy, "_cluster", lambda *_: cluster)
    monkeypatch.setattr(deploy, "_check_place", lambda *_: None)
    monkeypatch.setattr(helm, "template", lambda *_: "")
    for change in ("upgrade", "uninstall", "forget_unfinished", "releases"):
        monkeypatch.setattr(helm, change, lambda *_: pytest.fail("Helm was called"))
    said = refusal(lambda: deploy.deploy(ROOT, PLACE))
    assert f"Secret {where}/{name} " in said and key in said and COMMAND in said
    assert cluster.writes == 0 and cluster.secrets == before and not cluster.config_maps
