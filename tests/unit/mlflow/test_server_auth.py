"""MLflow's log-in: own accounts by password, people by their hub token, and nobody by a lie."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, Response
from werkzeug.datastructures import Authorization

from dataops.mlflow import server_auth

MODELS = {
    "token of-alice": {"kind": "user", "name": "alice"},
    "token of-admin": {"kind": "user", "name": "admin"},
    "token of-jobs": {"kind": "user", "name": "mlflow-jobs"},
    "token of-culler": {"kind": "service", "name": "idle-culler"},
}


class Hub(ThreadingHTTPServer):
    """A hub that knows four tokens, counts its questions and can be ill."""

    daemon_threads = True
    questions = 0
    ill = False


class Answers(BaseHTTPRequestHandler):
    """What the hub says at /hub/api/user."""

    server: Hub

    def do_GET(self) -> None:  # noqa: N802  # the base class's name
        self.server.questions += 1
        model = MODELS.get(self.headers["Authorization"])
        self.send_response(500 if self.server.ill else 200 if model and self.path == "/hub/api/user" else 403)
        self.end_headers()
        self.wfile.write(json.dumps(model).encode())

    def log_message(self, *_: Any) -> None:
        """Stay silent."""


class Store:
    """MLflow's table of users."""

    def __init__(self) -> None:
        self.users = {"admin", "mlflow-jobs"}

    def has_user(self, username: str) -> bool:
        return username in self.users

    def create_user(self, username: str, password: str, is_admin: bool = False) -> None:
        assert len(password) >= 32 and not is_admin
        self.users.add(username)


@pytest.fixture
def hub() -> Iterator[Hub]:
    server = Hub(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


@pytest.fixture
def store(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Store:
    users = Store()
    by_password = SimpleNamespace(
        store=users, authenticate_request_basic_auth=lambda: Authorization("basic", {"username": "own"})
    )
    monkeypatch.setattr(server_auth, "_server", lambda: by_password)
    monkeypatch.setattr(server_auth, "_hub", [])
    monkeypatch.setenv("JUPYTERHUB_API_URL", f"http://127.0.0.1:{hub.server_port}/hub/api")
    return users


def caller(**request: Any) -> Authorization | Response:
    with Flask("test").test_request_context("/api/2.0/mlflow/experiments/search", **request):
        return server_auth.authenticate()


def bearer(token: str) -> Authorization | Response:
    return caller(headers={"Authorization": f"Bearer {token}"})


def status(answer: Authorization | Response) -> int:
    assert isinstance(answer, Response), f"let in as {answer.username}"
    return answer.status_code


def test_a_hub_token_is_its_user_who_is_made_on_first_use(store: Store) -> None:
    answer = bearer("of-alice")
    assert isinstance(answer, Authorization) and answer.username == "alice"
    assert "alice" in store.users


def test_a_hub_token_is_a_password_in_the_browser(store: Store) -> None:
    answer = caller(auth=("alice", "of-alice"))
    assert isinstance(answer, Authorization) and answer.username == "alice"


def test_a_token_does_not_log_in_somebody_else(store: Store) -> None:
    assert status(caller(auth=("bob", "of-alice"))) == 401


@pytest.mark.parametrize("account", ["admin", "mlflow-jobs"])
def test_own_accounts_go_by_password(store: Store, account: str) -> None:
    answer = caller(auth=(account, "whatever MLflow accepts"))
    assert isinstance(answer, Authorization) and answer.username == "own"


@pytest.mark.parametrize("token", ["of-admin", "of-jobs", "of-culler", "of-nobody", "two words", "\u00fc"])
def test_strangers_services_and_borrowed_names_are_refused(store: Store, token: str) -> None:
    assert status(bearer(token)) == 401
    assert store.users == {"admin", "mlflow-jobs"}


def test_without_anything_the_browser_is_asked(store: Store) -> None:
    answer = caller()
    assert status(answer) == 401
    assert isinstance(answer, Response) and answer.headers["WWW-Authenticate"] == 'Basic realm="mlflow"'


def test_the_hub_is_asked_once_a_minute(hub: Hub) -> None:
    now = [0.0]
    tokens = server_auth.HubTokens(f"http://127.0.0.1:{hub.server_port}/hub/api/", clock=lambda: now[0])
    assert [tokens.owner("of-alice") for _ in range(5)] == ["alice"] * 5
    assert hub.questions == 1
    now[0] = server_auth.CACHE_SECONDS + 1
    tokens.owner("of-alice")
    assert hub.questions == 2


def test_a_refusal_is_not_remembered(hub: Hub) -> None:
    tokens = server_auth.HubTokens(f"http://127.0.0.1:{hub.server_port}/hub/api")
    assert tokens.owner("of-nobody") is None
    assert tokens.owner("of-nobody") is None
    assert hub.questions == 2


def test_an_ill_hub_is_no_refusal(hub: Hub, store: Store) -> None:
    hub.ill = True
    assert status(bearer("of-alice")) == 503


def test_a_user_made_by_another_request_meanwhile_is_fine(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_was_faster(username: str, password: str, is_admin: bool = False) -> None:
        store.users.add(username)
        raise RuntimeError("already exists")

    monkeypatch.setattr(store, "create_user", other_was_faster)
    answer = bearer("of-alice")
    assert isinstance(answer, Authorization) and answer.username == "alice"
