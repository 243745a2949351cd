"""Images go to a real registry and are named by digest; what it refuses is said in one sentence."""

import base64
import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform import bundle, plan, publish
from dataops.platform import registry as registries
from dataops.platform.environment import load_environment
from dataops.platform.images import builder
from dataops.platform.process import run
from dataops.platform.tools import ensure_tool
from tests.integration.registries import PASSWORD, USER, registry
from tests.integration.services import ROOT
from tests.unit.layouts import small_bundle, small_image
from tests.unit.tls import http_server

PULLED = ("airflow", "jupyterhub", "mlflow", "notebook", "spark")  # the others belong to ENV=local or to builds


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("registry")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[str]:
    with registry(folder) as address:
        yield address


@pytest.fixture
def trusted(server: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The registry's address, in a process that trusts its CA."""
    monkeypatch.setenv("REGISTRY_CERT_DIR", str(folder / "ca"))
    return f"{server}/dataops"


def test_an_image_keeps_its_digest_on_every_way(trusted: str, tmp_path: Path) -> None:
    expected = small_image(tmp_path / "layout", "small:1")
    registries.copy(f"oci:{tmp_path}/layout:small:1", f"{trusted}/small:1")
    assert registries.digest(f"{trusted}/small:1") == expected
    registries.copy(f"{trusted}/small:1", f"{trusted}/small:v1.2.0")
    assert registries.digest(f"{trusted}/small:v1.2.0") == expected
    assert registries.digest(f"{trusted}/small@{expected}") == expected


def test_an_absent_image_is_no_refusal(trusted: str, tmp_path: Path) -> None:
    small_image(tmp_path / "layout", "there:1")
    registries.copy(f"oci:{tmp_path}/layout:there:1", f"{trusted}/there:1")
    assert registries.digest(f"{trusted}/there:2") is None  # a tag
    assert registries.digest(f"{trusted}/nowhere:1") is None  # a repository
    with pytest.raises(UserError, match=f"{trusted}/there:2 is not there: push it first"):
        registries.copy(f"{trusted}/there:2", f"{trusted}/there:3")


def test_a_chart_is_pushed_once(trusted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run([ensure_tool("helm"), "package", ROOT / "charts/spark", "--version", "1.2.0", "--destination", tmp_path])
    archive = tmp_path / "spark-1.2.0.tgz"
    monkeypatch.setattr(publish, "package", lambda root, out: [archive])
    assert not registries.holds(f"{trusted}/charts/spark:1.2.0")
    assert publish.push_charts(ROOT, trusted) == [f"{trusted}/charts/spark:1.2.0"]
    assert registries.holds(f"{trusted}/charts/spark:1.2.0") and not registries.holds(f"{trusted}/charts/spark:1.3.0")
    archive.unlink()  # so that a second push of it would fail
    assert publish.push_charts(ROOT, trusted) == [f"{trusted}/charts/spark:1.2.0"]


def test_a_foreign_ca_is_not_trusted(server: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY_CERT_DIR", str(folder / "other"))
    with pytest.raises(UserError, match=f"^registry {server}, asked for .*, has a certificate of an unknown CA"):
        registries.digest(f"{server}/dataops/small:1")


def test_the_trust_of_the_machine_is_enough(server: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(folder / "ca/ca.crt"))
    assert registries.digest(f"{server}/dataops/nowhere:1") is None


def test_a_registry_without_tls_is_not_spoken_to() -> None:
    with http_server("{}") as port, pytest.raises(UserError, match="answers without TLS"):
        registries.digest(f"127.0.0.1:{port}/dataops/small:1")


def test_a_registry_that_is_not_there_is_named() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))  # and nobody listens
        address = f"127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(UserError, match=f"^registry {address}, asked for .*, is unreachable"):
            registries.digest(f"{address}/dataops/small:1")


def test_who_is_not_signed_in_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    login = tmp_path / "auth.json"
    monkeypatch.setenv("REGISTRY_AUTH_FILE", str(login))
    monkeypatch.setenv("REGISTRY_CERT_DIR", str(tmp_path / "ca"))
    small_image(tmp_path / "layout", "small:1")
    source = f"oci:{tmp_path}/layout:small:1"
    with registry(tmp_path, login=True) as address:
        target = f"{address}/dataops/small:1"

        def sign_in(password: str) -> None:
            key = base64.b64encode(f"{USER}:{password}".encode()).decode()
            login.write_text(json.dumps({"auths": {address: {"auth": key}}}), encoding="utf-8")

        login.write_text("{}", encoding="utf-8")
        with pytest.raises(UserError, match=f"refuses you: sign in with `skopeo login {address}`"):
            registries.digest(target)
        sign_in("wrong")
        with pytest.raises(UserError, match=f"refuses you: sign in with `skopeo login {address}`"):
            registries.copy(source, target)
        sign_in(PASSWORD)
        registries.copy(source, target)


def test_a_bundle_is_pushed_as_it_is_and_once_and_deployed_by_digest(
    trusted: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [reference.rpartition("/")[2] for reference in builder.image_refs(ROOT).values()]
    made = small_bundle(tmp_path / "bundle", names)
    monkeypatch.setenv("DATAOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("REGISTRY", f"{trusted}/site")
    bundle.install(ROOT, made.folder, f"{trusted}/site")
    assert {name: registries.digest(f"{trusted}/site/{name}") for name in names} == made.images
    monkeypatch.delenv("DATAOPS_CACHE")
    deployed = plan.image_tags(ROOT, load_environment(ROOT, "openshift"))
    digests = {name.partition(":")[0]: digest for name, digest in made.images.items()}
    assert {name: deployed[name] for name in PULLED} == {name: digests[name] for name in PULLED}
    assert (tmp_path / "cache/bin/helm-v0").read_text(encoding="utf-8") == "tools/helm-v0"
    monkeypatch.setenv("DATAOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(registries, "copy", lambda *_: pytest.fail("it was there"))
    bundle.install(ROOT, made.folder, f"{trusted}/site")
