"""What `make compose` writes: all that docker-compose.yml names, once, for the eyes of one person."""

import re
import shutil
import stat
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml
from cryptography import x509

from dataops.errors import UserError
from dataops.platform import ca, compose
from dataops.platform.paths import repository_root

ROOT = repository_root()


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the command reads of a checkout; images need no building."""

    def built(root: Path, names: Sequence[str], engine: str | None) -> dict[str, str]:
        return {name: f"localhost/dataops/{name}:0123" for name in names}

    monkeypatch.setattr(compose, "build", built)
    monkeypatch.delenv("FACTS", raising=False)
    for name in ("charts", "environments"):
        shutil.copytree(ROOT / name, tmp_path / name, symlinks=True)
    shutil.copy(ROOT / compose.FILE, tmp_path)
    return tmp_path


def variables(checkout: Path) -> dict[str, str]:
    lines = (checkout / ".env").read_text(encoding="utf-8").splitlines()
    return dict(line.split("=", 1) for line in lines)


def contents(checkout: Path) -> dict[Path, bytes]:
    return {path: path.read_bytes() for path in (checkout / ".compose").rglob("*") if path.is_file()}


def test_everything_that_the_file_names_is_there(checkout: Path) -> None:
    compose.prepare(checkout)
    text = (checkout / compose.FILE).read_text(encoding="utf-8")
    given = variables(checkout)
    assert set(given) == set(re.findall(r"\$\{(\w+)", text)) and all(given.values())
    assert given["IMAGE_NOTEBOOK"] == "localhost/dataops/notebook:0123"
    services = yaml.safe_load(text)["services"].values()
    mounts = [mount.split(":")[0] for service in services for mount in service.get("volumes", [])]
    missing = [path for path in mounts if path.startswith("./.compose/") and not (checkout / path).exists()]
    assert mounts and not missing


def test_a_second_run_changes_nothing(checkout: Path) -> None:
    compose.prepare(checkout)
    before, given = contents(checkout), variables(checkout)
    compose.prepare(checkout)
    assert contents(checkout) == before and variables(checkout) == given


def test_lines_of_a_persons_own_stay(checkout: Path) -> None:
    (checkout / ".env").write_text("COMPOSE_PROJECT_NAME=mine\nRUN_AS=7\n", encoding="utf-8")
    compose.prepare(checkout)
    given = variables(checkout)
    assert given["COMPOSE_PROJECT_NAME"] == "mine" and given["RUN_AS"] != "7"


def test_nobody_else_reads_it(checkout: Path) -> None:
    compose.prepare(checkout)
    modes = {path: stat.S_IMODE(path.stat().st_mode) for path in (checkout / ".compose").rglob("*")}
    assert stat.S_IMODE((checkout / ".env").stat().st_mode) == 0o600
    assert stat.S_IMODE((checkout / ".compose").stat().st_mode) == 0o700
    # the group is for podman, whose containers see their maker as another user of the same group
    assert {mode for path, mode in modes.items() if path.is_file()} == {0o640}


@pytest.mark.parametrize(("person", "runs_as"), [(0, "1001"), (1234, "1234")])
def test_services_run_as_the_person_but_never_as_root(
    checkout: Path, monkeypatch: pytest.MonkeyPatch, person: int, runs_as: str
) -> None:
    monkeypatch.setattr("os.getuid", lambda: person)
    compose.prepare(checkout)
    assert variables(checkout)["RUN_AS"] == runs_as


@pytest.mark.parametrize("service", ["s3", "postgres"])
def test_certificates_answer_to_the_services_names(checkout: Path, service: str) -> None:
    compose.prepare(checkout)
    folder = checkout / ".compose"
    served = ca.parse((folder / f"secrets/{service}-tls/tls.crt").read_bytes(), service)[0]
    names = served.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert service in names.get_values_for_type(x509.DNSName)
    trusted = ca.parse((folder / "ca/ca-bundle.crt").read_bytes(), "bundle")
    served.verify_directly_issued_by(trusted[-1])
    assert len(trusted) > 1, "the system's roots are trusted as well"


def test_addresses_name_the_services(checkout: Path) -> None:
    compose.prepare(checkout)
    assert variables(checkout)["HUB_DATABASE_URL"].endswith("@postgres:5432/hub")
    line = (checkout / ".compose/secrets/catalog-notebook/pgpass").read_text(encoding="utf-8")
    assert line.startswith("postgres:5432:lake:lake_notebook:")


def test_policies_are_filled_in(checkout: Path) -> None:
    compose.prepare(checkout)
    policies = list((checkout / ".compose/policies").glob("*.json"))
    assert {path.stem for path in policies} >= {"notebook", "mlflow"}
    assert not [path for path in policies if "{{" in path.read_text(encoding="utf-8")]


def test_a_variable_that_nothing_gives_is_named(checkout: Path) -> None:
    with (checkout / compose.FILE).open("a", encoding="utf-8") as file:
        file.write("x-more: ${HUB_LOGIN_NAME}\n")
    with pytest.raises(UserError, match="docker-compose.yml names HUB_LOGIN_NAME, which is no image and no key"):
        compose.prepare(checkout)
