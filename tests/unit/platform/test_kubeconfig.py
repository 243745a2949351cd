"""A kubeconfig that leads nowhere is one sentence, whatever is wrong with it, and nothing was asked of a cluster."""

import subprocess
from pathlib import Path

import pytest

from cluster.providers import PROVIDERS
from dataops.errors import UserError
from dataops.platform import guard
from dataops.platform.kube import connect
from tests.unit.platform.fakes import environment
from tests.unit.platform.test_guard import kubeconfig
from tests.unit.tls import http_server, make_certificates

CLOSED = "https://127.0.0.1:9"
NOT_ONE = "is no kubeconfig: correct or unset KUBECONFIG"
NO_FILE = "is no file: correct or unset KUBECONFIG"
NO_CLUSTER = "names no usable cluster"


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("KUBECONFIG", raising=False)
    monkeypatch.delenv("CLUSTER", raising=False)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"a: [b\n", NOT_ONE),
        (b"only words\n", NOT_ONE),
        (b"- a list\n", NOT_ONE),
        (b"\xff\xfe\xfa", NOT_ONE),
        (b"", NO_CLUSTER),
        (b"kind: Config\ncurrent-context: gone\ncontexts: []\nclusters: []\nusers: []\n", f"{NO_CLUSTER}.*gone"),
        (b"kind: Config\n", NO_CLUSTER),
    ],
)
def test_a_file_that_is_no_kubeconfig_is_named(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "config"
    path.write_bytes(content)
    with pytest.raises(UserError, match=f"^{path} {sentence}") as error:
        connect(path)
    assert "\n" not in str(error.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'none'}")
    with pytest.raises(UserError, match=f"none {NO_FILE}, or run `make cluster`"):
        connect(None)
    with pytest.raises(UserError, match=f"^{tmp_path} {NO_FILE}"):
        connect(tmp_path)


def test_several_files_are_read_as_kubectl_does(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path / 'none'}:{kubeconfig(tmp_path / 'one', CLOSED)}")
    assert connect(None).server == CLOSED


def test_a_checkout_without_a_cluster_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="this checkout has no cluster yet: run `make cluster`"):
        guard.choose(tmp_path, environment())


@pytest.mark.parametrize(
    ("server", "reason"),
    [(CLOSED, "Connection refused"), ("https://nowhere.invalid:6443", "Failed to resolve 'nowhere.invalid'")],
)
def test_a_server_that_does_not_answer_is_named_with_the_reason(tmp_path: Path, server: str, reason: str) -> None:
    cluster = connect(kubeconfig(tmp_path / "config", server))
    with pytest.raises(UserError, match=f"^{server} does not answer \\(.*{reason}.*: run `make cluster`$"):
        guard.check(cluster, environment())
    place = environment("openshift", apiServer={"url": server})
    with pytest.raises(
        UserError, match=f"^{server} does not answer \\(.*{reason}.*: start it, log in again, or ask its"
    ):
        guard.check(cluster, place)


def test_a_server_of_another_ca_is_named_without_the_words_of_openssl(tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    with http_server("{}", certificates.context()) as port:
        file = kubeconfig(tmp_path / "config", f"https://127.0.0.1:{port}")
        said = connect(file).silence()
    assert said == "its certificate is not trusted: log in with the CA that signed it"


@pytest.mark.parametrize("verb", ["up", "status"])
def test_your_own_cluster_must_answer_and_nobody_is_asked_for_a_password(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: pytest.fail("kubectl would ask for a user's name"))
    monkeypatch.setenv("KUBECONFIG", str(kubeconfig(tmp_path / "config", CLOSED)))
    with pytest.raises(UserError, match=f"^{CLOSED} does not answer"):
        getattr(PROVIDERS["current"], verb)()
