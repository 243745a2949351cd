"""docker-compose.yml: closed to other machines, free of secrets, its services held as pods are."""

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.repo.tree import ROOT, matching, text

FILE = "docker-compose.yml"
DOCUMENT: dict[str, Any] = yaml.safe_load(text(FILE))
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
SECRET = re.compile(r"SECRET|PASSWORD|TOKEN|KEY|DATABASE_URL|STORE_URI")
IMAGES = {f"${{IMAGE_{path.parent.name.upper()}}}" for path in matching("images/*/Dockerfile")}


def test_the_file_is_what_the_compose_specification_allows() -> None:
    program = Path(sys.executable).with_name("check-jsonschema")
    done = subprocess.run(
        [program, "--builtin-schema=vendor.compose-spec", FILE], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout


def test_the_ports_that_people_know_are_on_loopback_alone() -> None:
    ports = [port for service in SERVICES.values() for port in service.get("ports", [])]
    assert set(ports) == {f"127.0.0.1:{port}:{port}" for port in (8000, 7077, 8080, 9000, 9001, 5000)}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_held_as_a_pod_is(name: str) -> None:
    service = SERVICES[name]
    assert service["user"].startswith("${RUN_AS") and service["user"].endswith(":0"), name
    assert service["read_only"] and service["cap_drop"] == ["ALL"], name
    assert service["security_opt"] == ["no-new-privileges:true"] and "privileged" not in service, name
    assert service["image"] in IMAGES, f"{name}: {service['image']} is no image of this repository"


@pytest.mark.parametrize("name", SERVICES)
def test_no_secret_is_typed(name: str) -> None:
    given = {key: str(value) for key, value in SERVICES[name].get("environment", {}).items() if SECRET.search(key)}
    typed = [key for key, value in given.items() if not re.fullmatch(r"\$\{\w+\}", value) and value[0] != "/"]
    assert not typed, f"{name}: write these as a variable of .env: {typed}"


@pytest.mark.parametrize("name", SERVICES)
def test_only_what_is_made_or_committed_is_mounted(name: str) -> None:
    for mount in SERVICES[name].get("volumes", []):
        source, _, options = mount.partition(":")
        made = source in DOCUMENT["volumes"] or source.startswith("./.compose/")
        assert made or (ROOT / source).exists(), f"{name}: {source} is not there"
        assert source in DOCUMENT["volumes"] or options.endswith(":ro,z"), f"{name}: {source} is writable"


@pytest.mark.parametrize("path", [".env", ".compose/secrets/hub-login/password"])
def test_what_holds_secrets_is_never_committed(path: str) -> None:
    subprocess.run(["git", "check-ignore", "--quiet", path], cwd=ROOT, check=True)


def test_every_service_that_stays_says_when_it_is_ready() -> None:
    ends = {name for service in SERVICES.values() for name, one in needs(service) if "completed" in one["condition"]}
    silent = set(SERVICES) - ends - {name for name, service in SERVICES.items() if "healthcheck" in service}
    assert ends and not silent


def needs(service: dict[str, Any]) -> Any:
    """What a service waits for."""
    return service.get("depends_on", {}).items()


def test_the_hub_reads_no_file_that_is_not_mounted() -> None:
    mounted = {Path(mount.split(":")[1]).name for mount in SERVICES["hub"]["volumes"]}
    imported = re.findall(r"^import (\w+)  # noqa", text("compose/jupyterhub_config.py"), re.MULTILINE)
    assert imported and {f"{name}.py" for name in imported} <= mounted
