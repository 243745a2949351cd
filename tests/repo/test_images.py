"""Each image keeps the contract: labels, a numeric user of group 0, a PID 1 that reaps, nothing fetched unchecked."""

import re
from pathlib import Path

import pytest

from tests.repo.tree import VERSIONS, files, matching, text

DOCKERFILES = matching("images/*/Dockerfile")
LABELS = {"title", "description", "version"}


def steps(dockerfile: Path) -> list[tuple[str, str]]:
    """The instructions of a Dockerfile, as (keyword, rest)."""
    code = "\n".join(line for line in text(dockerfile).splitlines() if not line.lstrip().startswith("#"))
    joined = re.sub(r"\\\n", " ", code)
    return [(word.upper(), rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines()) if word]


def final_stage(dockerfile: Path) -> list[tuple[str, str]]:
    """The instructions of the last stage, and of the stages of the same file that it starts from."""
    stages: dict[str, list[tuple[str, str]]] = {}
    current: list[tuple[str, str]] = []
    for word, rest in steps(dockerfile):
        if word == "FROM":
            parent, _, name = rest.partition(" AS ")
            current = list(stages.get(parent.strip(), []))
            if name:
                stages[name.strip()] = current
        current.append((word, rest))
    return current


@pytest.fixture(params=DOCKERFILES, ids=str)
def dockerfile(request: pytest.FixtureRequest) -> Path:
    """Each image's Dockerfile in turn."""
    path: Path = request.param
    return path


def test_images_were_found() -> None:
    names = {path.parent.name for path in DOCKERFILES}
    assert {"base", "spark", "notebook", "jupyterhub", "mlflow", "airflow", "postgres", "minio"} <= names


def test_labels_say_what_it_is(dockerfile: Path) -> None:
    labels = " ".join(rest for word, rest in final_stage(dockerfile) if word == "LABEL")
    missing = {name for name in LABELS if f"org.opencontainers.image.{name}=" not in labels}
    assert not missing, f"{dockerfile} lacks the OCI labels {sorted(missing)}"


def test_it_ends_as_a_numeric_user_of_group_0(dockerfile: Path) -> None:
    users = [rest for word, rest in final_stage(dockerfile) if word == "USER"]
    assert users and users[-1] == "1001:0", f"{dockerfile} ends as {users[-1:]}: OpenShift runs any uid of group 0"


def test_pid_1_reaps(dockerfile: Path) -> None:
    entrypoints = [rest for word, rest in final_stage(dockerfile) if word == "ENTRYPOINT"]
    inherited = dockerfile.parent.name != "base" and not entrypoints
    assert inherited or entrypoints[-1].startswith('["tini", "--", '), f"{dockerfile}: start it through tini"


def test_permissions_are_checked_by_the_build(dockerfile: Path) -> None:
    words = [(word, rest) for word, rest in final_stage(dockerfile) if word in ("RUN", "COPY")]
    assert "check-permissions" in words[-1][1], f"{dockerfile} writes files after check-permissions, or never calls it"


def test_nothing_is_fetched_unchecked(dockerfile: Path) -> None:
    for word, rest in steps(dockerfile):
        assert word != "ADD", f"{dockerfile}: ADD checks nothing, use COPY or a locked install"
        assert not re.search(r"\b(curl|wget)\b", rest), f"{dockerfile} downloads by address: use a lock with checksums"


def test_versions_arrive_as_arguments(dockerfile: Path) -> None:
    fixed = [rest for word, rest in steps(dockerfile) if word == "ARG" and "=" in rest]
    assert not fixed, f"{dockerfile} gives {fixed} a default: versions.env is the only place for versions"


def test_what_is_copied_belongs_to_the_repository(dockerfile: Path) -> None:
    known = {str(path) for path in files()} | {str(parent) for path in files() for parent in path.parents}
    for word, rest in steps(dockerfile):
        if word == "COPY" and "--from=" not in rest:
            sources = [source for source in rest.split()[:-1] if not source.startswith("--")]
            named = [re.sub(r"\$\{(\w+)\}", lambda match: VERSIONS[match[1]], source) for source in sources]
            missing = [source for source in named if source.rstrip("/") not in known]
            assert not missing, f"{dockerfile} copies {missing}, which Git does not know: is it ignored?"
