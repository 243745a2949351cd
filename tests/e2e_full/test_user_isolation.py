"""A namespace each: what one person can do to another and to the platform, tried with all that her server holds.

Each attempt that somebody may make on their own things is made on them too, and each that nobody here may make is made
by an administrator: it is the right that is missing.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

import pytest

from dataops.platform.smoke.context import Context
from tests.e2e.inside import notebook_attempts
from tests.e2e.inside.reach import OPEN, SILENT
from tests.e2e_full.inside import calls, resident
from tests.e2e_full.neighbours import CALLED, CHANGES, CLOSED, ME, OTHER, PAGES, Tried, trial
from tests.e2e_full.people import declared, facts, namespace_each

SECRETS = declared()
MINE = [name for name, one in SECRETS.items() if facts().own_namespaces[ME] in one.places(facts())]
WRITES = ("put", "multipart", "copy", "delete", "delete many")
DATA = [*notebook_attempts.REFUSED_BY_S3, *notebook_attempts.REFUSED_BY_CATALOG, *notebook_attempts.REFUSED_DATABASES]
# the API server answers these to no plain request, but looks at rights first
UPGRADES = {
    "run a command in the server's pod",
    "attach to the server's pod",
    "forward a port of the server's pod",
    "a command in the database",
}


@pytest.fixture(scope="module")
def platform(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Context]:
    """The platform with a namespace for each of the two."""
    with namespace_each(tmp_path_factory.mktemp("facts")) as found:
        yield found


@pytest.fixture(scope="module")
def tried(platform: Context) -> Iterator[Tried]:
    """What came of everything that was tried."""
    with trial(platform) as found:
        yield found


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


@pytest.mark.parametrize("attempt", [*calls.NAMESPACE, *calls.CLUSTER])
def test_an_administrator_of_the_cluster_may(tried: Tried, attempt: str) -> None:
    assert tried.administrator[attempt] in ((400,) if attempt in UPGRADES else (200, 201, 302))


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


@pytest.mark.parametrize("look", [name for name in notebook_attempts.ALLOWED if ": see its " in name])
def test_the_catalog_holds_what_may_not_be_changed(tried: Tried, look: str) -> None:
    assert int(tried.inside["own"]["data"][look].removesuffix(" rows")) > 0


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
