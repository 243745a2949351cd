"""How MLflow's server knows its callers: its own accounts by password, people by their JupyterHub token.

MLflow calls `authenticate` for every request (`authorization_function` in basic_auth.ini). Two accounts have a password
in MLflow's own database: the administrator and the jobs. Everybody else is a user of JupyterHub, who sends a hub token,
either as `Authorization: Bearer` (notebooks: MLFLOW_TRACKING_TOKEN) or as the password of a log-in in the browser.
"""

from __future__ import annotations

import hashlib
import importlib
import json
import os
import secrets
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any, Protocol

from flask import Response, request
from werkzeug.datastructures import Authorization

from dataops.mlflow import server_rules

ADMIN_USER = "admin"
JOBS_USER = "mlflow-jobs"
# A hub user of one of these names would inherit the account's rights, so the hub never vouches for them.
OWN_ACCOUNTS = frozenset({ADMIN_USER, JOBS_USER})

CACHE_SECONDS = 60.0
CACHE_ENTRIES = 1000
HUB_TIMEOUT_SECONDS = 5.0


class UserStore(Protocol):
    """What is needed of MLflow's table of users."""

    def has_user(self, username: str) -> bool:
        """Tell whether a user of this name exists."""

    def create_user(self, username: str, password: str, is_admin: bool = False) -> Any:
        """Add a user."""


class HubUnavailableError(Exception):
    """The hub did not answer, so nobody can be told apart from a stranger."""


class HubTokens:
    """Ask the hub whom a token belongs to, and remember its yes for a minute."""

    def __init__(self, api_url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self._url = api_url.rstrip("/") + "/user"
        self._clock = clock
        self._lock = threading.Lock()
        self._known: dict[str, tuple[str, float]] = {}

    def owner(self, token: str) -> str | None:
        """Return the name of the token's user, or None if the hub does not vouch for it.

        Raises:
            HubUnavailableError: The hub could not be asked.
        """
        # The token itself is not kept: a memory dump or a debugger shows hashes only.
        key = hashlib.sha256(token.encode()).hexdigest()
        now = self._clock()
        with self._lock:
            name, expires = self._known.get(key, ("", 0.0))
        if now < expires:
            return name
        owner = self._ask(token)
        if owner is not None:
            with self._lock:
                if len(self._known) >= CACHE_ENTRIES:
                    self._known.clear()
                self._known[key] = (owner, now + CACHE_SECONDS)
        return owner

    def _ask(self, token: str) -> str | None:
        try:
            question = urllib.request.Request(self._url, headers={"Authorization": f"token {token}"})
            with urllib.request.urlopen(question, timeout=HUB_TIMEOUT_SECONDS) as answer:
                model = json.load(answer)
        except urllib.error.HTTPError as error:
            if error.code in (400, 401, 403, 404):
                return None
            raise HubUnavailableError(f"the hub answered {error.code}") from error
        except (OSError, ValueError) as error:
            raise HubUnavailableError(str(error)) from error
        # A service's token is not a person; only people get an account here.
        return str(model["name"]) if model.get("kind") == "user" else None


def authenticate() -> Authorization | Response:
    """Name the caller of the current Flask request, or answer it with a refusal.

    Raises:
        MlflowException: The request's body is none that MLflow understands.
    """
    known = _identify()
    if isinstance(known, Authorization) and known.username != ADMIN_USER:
        refused = server_rules.refusal(str(known.username))
        if refused:
            return Response(refused + "\n", 403)
    return known


def _identify() -> Authorization | Response:
    sent = request.authorization
    if sent is None:
        return _refuse("Log in with your JupyterHub user name and, as the password, a token from the hub's Token page.")
    if sent.type == "basic" and sent.username in OWN_ACCOUNTS:
        by_password: Callable[[], Authorization | Response] = _server().authenticate_request_basic_auth
        return by_password()
    token = sent.token if sent.type == "bearer" else sent.password if sent.type == "basic" else None
    if not token or not _fits_a_header(token):
        return _refuse("This kind of log-in is not known here: send a JupyterHub token.")
    try:
        owner = _tokens().owner(token)
    except HubUnavailableError as error:
        return Response(f"MLflow cannot reach JupyterHub to check your token ({error}); try again.\n", 503)
    if owner is None or owner in OWN_ACCOUNTS or sent.type == "basic" and sent.username != owner:
        return _refuse("JupyterHub does not know this token: take a new one from the hub's Token page.")
    _ensure_user(_server().store, owner)
    return Authorization("basic", {"username": owner, "password": ""})


def _fits_a_header(token: str) -> bool:
    return token.isascii() and token.isprintable() and " " not in token


def _refuse(sentence: str) -> Response:
    return Response(sentence + "\n", 401, {"WWW-Authenticate": 'Basic realm="mlflow"'})


def _ensure_user(store: UserStore, name: str) -> None:
    """Make the user on first use, with a password that nobody knows."""
    if store.has_user(name):
        return
    try:
        store.create_user(name, secrets.token_urlsafe(32))
    except Exception:
        # Two first requests at once: the other one made the user. Anything else is an error.
        if not store.has_user(name):
            raise


_lock = threading.Lock()
_hub: list[HubTokens] = []


def _tokens() -> HubTokens:
    with _lock:
        if not _hub:
            # JUPYTERHUB_API_URL is the name that JupyterHub gives to its services; the chart sets it.
            _hub.append(HubTokens(os.environ["JUPYTERHUB_API_URL"]))
        return _hub[0]


def _server() -> Any:
    # Late: mlflow.server.auth imports this module, and only the server's image has it.
    return importlib.import_module("mlflow.server.auth")
