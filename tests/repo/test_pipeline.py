"""What runs when: the rules of .gitlab-ci.yml in every kind of pipeline, and what no job may do."""

import re
from typing import Any

import pytest

from tests.repo.pipeline import MACHINE, SITUATIONS, holds, jobs, pipeline, runs
from tests.repo.tree import is_verb, text

CHECKS = ["lint", "test", "mutants", "integration", "e2e"]
BY_HAND = ["deploy", "release"]
EXPECTED = {
    "push to a branch": [*CHECKS, "package", "images"],
    "push to a branch with an open merge request": [],
    "merge request": [*CHECKS, "package", "images"],
    "push to main": [*CHECKS, "package", "push", *BY_HAND],
    "push to main with an open merge request": [*CHECKS, "package", "push", *BY_HAND],
    "push to main, unprotected": [*CHECKS, "package", "images"],
    "tag of a release": ["push"],
    "tag of a release, unprotected": [],
    "another tag": [],
    "schedule": [*CHECKS, "e2e-full", "package", "push"],
    "started by hand on main": [*CHECKS, "package", "push", *BY_HAND],
}


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_runs(situation: str) -> None:
    assert list(runs(situation, **MACHINE)) == EXPECTED[situation]


@pytest.mark.parametrize("situation", SITUATIONS)
def test_what_the_document_says(situation: str) -> None:
    rows = [row.strip("|").split("|") for row in text("docs/CI.md").splitlines() if row.startswith("| ")]
    said = {cells[0].strip(): re.findall(r"`([a-z0-9-]+)`", cells[1]) for cells in rows}
    assert said.get(situation) == list(runs(situation, **MACHINE)), "docs/CI.md, What runs when"


def test_without_a_machine_nothing_waits_for_one() -> None:
    for situation in SITUATIONS:
        waiting = [name for name in runs(situation) if "dataops-machine" in jobs()[name]["tags"]]
        assert not waiting, f"{situation}: nobody would ever take {waiting}"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_cluster_or_main_changes_only_by_hand(situation: str) -> None:
    for name, rule in runs(situation).items():
        if jobs()[name]["stage"] in ("deploy", "release"):
            assert (
                rule["when"] == "manual" and rule["allow_failure"]
            ), f"{name} starts by itself, or blocks the pipeline"


@pytest.mark.parametrize("situation", SITUATIONS)
def test_a_log_in_that_may_write_reaches_protected_refs_and_one_job_only(situation: str) -> None:
    owners = {name: jobs()[name]["environment"]["name"] for name in runs(situation) if "environment" in jobs()[name]}
    assert owners.items() <= {"push": "registry", "deploy": "openshift", "release": "release"}.items()
    assert not owners or SITUATIONS[situation].get("CI_COMMIT_REF_PROTECTED") == "true"


def test_the_document_keeps_every_secret_to_its_environment() -> None:
    rows = [[cell.strip(" `") for cell in row.strip("|").split("|")] for row in text("docs/CI.md").splitlines()]
    scopes = {(row[0], row[2]): row[3] for row in rows if len(row) == 6 and row[0].isupper()}
    secret = {"RELEASE_TOKEN", "KUBECONFIG", "REGISTRY_AUTH_FILE", "FACTS"}
    environments = {job["environment"]["name"] for job in jobs().values() if "environment" in job}
    assert {scope for name, scope in scopes if name in secret} == environments | {"all"}
    assert all(protected == "yes" for (name, scope), protected in scopes.items() if scope != "all")


def test_a_release_is_named_by_its_tag_and_a_commit_by_its_hash() -> None:
    assert runs("tag of a release")["push"]["variables"] == {"TAG": "$CI_COMMIT_TAG"}
    assert "variables" not in runs("push to main")["push"]
    assert jobs()["push"]["variables"]["TAG"] == "$CI_COMMIT_SHORT_SHA"


@pytest.mark.parametrize("name", jobs())
def test_a_job_is_one_verb(name: str) -> None:
    job = jobs()[name]
    assert len(job["script"]) == 1 and not {"before_script", "after_script"} & set(job)
    words = re.fullmatch(r"make ([a-z0-9-]+)( [A-Z]+=\S+)*", job["script"][0])
    assert words and is_verb(words[1]), job["script"]


@pytest.mark.parametrize("name", jobs())
def test_what_must_not_be_cut_off_or_doubled(name: str) -> None:
    job = jobs()[name]
    writes = name in ("push", "deploy", "release")
    assert job["interruptible"] is not writes
    assert "resource_group" in job or not writes, f"two pipelines could run {name} at once"


def test_nobody_asks_for_privileges_or_a_docker_socket() -> None:
    assert not re.search(r"docker(\.sock|:dind|_host)|\bprivileged", text(".gitlab-ci.yml"), re.IGNORECASE)
    assert not any("services" in job for job in jobs().values())


def test_caches_follow_what_is_pinned() -> None:
    for name, job in jobs().items():
        for cache in job.get("cache", []):
            assert len(cache["key"]["files"]) <= 2 and all(text(file) for file in cache["key"]["files"]), name
    inside = [path for job in jobs().values() for cache in job.get("cache", []) for path in cache["paths"]]
    assert all(path.startswith(".cache/") for path in inside) and ".cache/" in text(".gitignore").splitlines()


def test_stages_come_in_order_and_none_is_empty() -> None:
    assert pipeline()["stages"] == ["lint", "test", "build", "deploy", "release"]
    assert list(dict.fromkeys(job["stage"] for job in jobs().values())) == pipeline()["stages"]


CONDITIONS: list[tuple[str, dict[str, str], bool]] = [
    ("$A", {"A": "x"}, True),
    ("$A", {"A": ""}, False),
    ("$A", {}, False),
    ('$A == "x"', {"A": "x"}, True),
    ("$A == $B", {"A": "x", "B": "y"}, False),
    ("$A != $B", {"B": "y"}, True),
    ('$A && $B == "y"', {"B": "y"}, False),
    ('$A && $B || $C == "z"', {"C": "z"}, True),
    (r"$A =~ /^v\d+$/", {"A": "v12"}, True),
    (r"$A =~ /^v\d+$/", {"A": "v1x"}, False),
    (r"$A !~ /^v/", {}, True),
]


@pytest.mark.parametrize(("condition", "variables", "expected"), CONDITIONS)
def test_the_evaluator_reads_conditions_as_gitlab_does(
    condition: str, variables: dict[str, Any], expected: bool
) -> None:
    assert holds(condition, variables) is expected


@pytest.mark.parametrize("condition", ["($A)", "$A == null", "$A $B"])
def test_the_evaluator_refuses_what_it_does_not_know(condition: str) -> None:
    with pytest.raises(AssertionError, match="teach it"):
        holds(condition, {"A": "x"})
