"""Git in a user's server, the real program: who commits, whom it trusts, where tokens go; own settings come first."""

import base64
import os
import subprocess
from pathlib import Path

import pytest

from dataops.jupyter import surroundings
from tests.charts.harness import ROOT, read_yaml
from tests.unit.tls import file_server, make_certificates

BUNDLE = "/etc/dataops/ca/ca-bundle.crt"
TOKEN = "glpat-of-anna"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home of anna, who has logged in; her server has prepared git."""
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("JUPYTERHUB_USER", "anna")
    monkeypatch.setenv("EMAIL", "anna@example.com")
    monkeypatch.setenv("GIT_TERMINAL_PROMPT", "0")
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", "of this machine")  # so that it is put back
    surroundings.prepare_git(tmp_path / "private" / "gitconfig")
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def git(*words: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run git."""
    environment = {**os.environ, **more}
    return subprocess.run(["git", *words], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.usefixtures("home")
def test_who_commits_is_who_logged_in() -> None:
    assert git("var", "GIT_AUTHOR_IDENT").stdout.startswith("anna <anna@example.com> ")


def test_ones_own_settings_come_first(home: Path) -> None:
    (home / ".gitconfig").write_text("[user]\nname = Anna Alm\nemail = anna@home.example\n")
    assert git("var", "GIT_AUTHOR_IDENT").stdout.startswith("Anna Alm <anna@home.example> ")


def test_nobody_is_named_where_nobody_logged_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JUPYTERHUB_USER", raising=False)
    surroundings.prepare_git(tmp_path / "gitconfig")
    assert not (tmp_path / "gitconfig").exists()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """A repository with a commit, in a folder that a plain web server may serve."""
    bare, work = tmp_path / "served" / "work.git", tmp_path / "work"
    for words in (("init", "-q", str(work)), ("-C", str(work), "commit", "-q", "--allow-empty", "-m", "x")):
        assert git(*words).returncode == 0
    assert git("clone", "-q", "--bare", str(work), str(bare)).returncode == 0
    assert git("-C", str(bare), "update-server-info").returncode == 0
    return bare


def test_a_token_is_typed_once_and_kept_for_its_owner(home: Path, repository: Path, tmp_path: Path) -> None:
    certificates = make_certificates(tmp_path)
    facts = read_yaml(ROOT / "docker-compose.yml")["x-facts"]
    trust = dict.fromkeys((name for name in facts if facts[name] == BUNDLE), str(certificates.authority))
    typing = tmp_path / "typing"
    typing.write_text(f"#!/bin/sh\ncase $1 in Username*) echo any;; *) echo {TOKEN};; esac\n")
    typing.chmod(0o755)
    sign_in = "Basic " + base64.b64encode(f"any:{TOKEN}".encode()).decode()
    with file_server(repository.parent, certificates.context(), sign_in) as address:
        url = f"{address}/work.git"
        assert "certificate" in git("clone", url, str(tmp_path / "0")).stderr
        assert git("clone", url, str(tmp_path / "1"), **trust).returncode, "nobody has typed the token yet"
        typed = git("clone", url, str(tmp_path / "2"), GIT_ASKPASS=str(typing), **trust)
        again = git("clone", url, str(tmp_path / "3"), **trust)
    assert (typed.returncode, again.returncode) == (0, 0), typed.stderr + again.stderr
    kept = home / ".git-credentials"
    assert TOKEN in kept.read_text() and kept.stat().st_mode & 0o777 == 0o600
