"""JupyterHub as the check uses it: what a browser does, without one."""

import json
import time
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import websocket

from dataops.platform.smoke.context import CheckFailed, Context, expect, ok

USER = "smoke"
SPAWN_SECONDS = 180


class Hub:
    """A logged-in user of JupyterHub.

    Attributes:
        user: Who it is.
        path: What the hub's API calls them.
        browser: A client with the cookies of the log-in.
        http: A client with a token of the user.
    """

    def __init__(self, context: Context, user: str = USER) -> None:
        """Log in through the form, as a browser does, or by the token for smoke runs where people have accounts.

        Args:
            context: The check's context.
            user: Who logs in; somebody else than the smoke run's user only by the form.
        """
        self.user, self.path = user, f"/hub/api/users/{user}"
        self._url, self._trust = context.url("jupyterhub"), context.trust
        self.browser = context.http("jupyterhub", follow_redirects=True)
        self._token = (
            self._by_form(context) if context.environment.get("login.kind") == "password" else _by_token(context)
        )
        self.http = context.http("jupyterhub", headers={"Authorization": f"token {self._token}"})

    def _by_form(self, context: Context) -> str:
        ok(self.browser.get("/hub/login"))
        form = {"username": self.user, "password": context.secret("hub-login", "password"), "_xsrf": self._xsrf()}
        done = self.browser.post("/hub/login?next=%2Fhub%2Fhome", data=form)
        expect(done.is_success and "/hub/login" not in str(done.url), f"the log-in was refused: {done.status_code}")
        headers = {"X-XSRFToken": self._xsrf(), "Referer": f"{self._url}/hub/home"}
        answer = ok(self.browser.post(f"{self.path}/tokens", headers=headers, json={"expires_in": 3600}))
        return str(answer.json()["token"])

    def _xsrf(self) -> str:
        return next((cookie.value or "" for cookie in self.browser.cookies.jar if cookie.name == "_xsrf"), "")

    @contextmanager
    def server(self) -> Iterator[None]:
        """Have the user's server run while the block does."""
        end = time.monotonic() + SPAWN_SECONDS
        while self._user()["pending"]:  # an earlier server is on its way out
            expect(time.monotonic() < end, f"an earlier server had not stopped after {SPAWN_SECONDS} s")
            time.sleep(1)
        ok(self.http.post(f"{self.path}/server", json={}))
        try:
            self._until_ready()
            yield
        finally:
            self.http.delete(f"{self.path}/server")

    def _user(self) -> dict[str, Any]:
        found: dict[str, Any] = ok(self.http.get(self.path)).json()
        return found

    def _until_ready(self) -> None:
        end = time.monotonic() + SPAWN_SECONDS
        while True:
            server = self._user()["servers"].get("")
            expect(server is not None, "the server did not start, see the hub's log")
            if server["ready"]:
                return
            expect(time.monotonic() < end, f"the server was not ready after {SPAWN_SECONDS} s")
            time.sleep(1)

    def run(self, code: str, seconds: float) -> str:
        """Run code in a new kernel; arguments and result as for `Kernel.run`."""
        with self.kernel() as kernel:
            return kernel.run(code, seconds)

    @contextmanager
    def kernel(self) -> Iterator["Kernel"]:
        """Have a kernel of the default kind in the user's server while the block runs."""
        home = f"/user/{self.user}/api"
        name = ok(self.http.get(f"{home}/kernelspecs")).json()["default"]
        path = f"{home}/kernels/{ok(self.http.post(f'{home}/kernels', json={'name': name})).json()['id']}"
        try:
            yield Kernel(f"{self._url.replace('http', 'ws', 1)}{path}/channels", self._token, self._trust)
        finally:
            self.http.delete(path)


class Kernel:
    """A kernel of a user's server, over its websocket."""

    def __init__(self, address: str, token: str, trust: Any) -> None:
        """Remember where it is.

        Args:
            address: Of its channels.
            token: Of its user.
            trust: Whom to trust, where the address is one over TLS.
        """
        self._address, self._token, self._trust = address, token, trust

    def run(self, code: str, seconds: float, *, by_hand: bool = False) -> str:
        """Run code as a cell.

        Args:
            code: Python.
            seconds: Until it must have ended.
            by_hand: As a person's cell; the first one of a kernel shows its banner.

        Returns:
            What it printed and showed.

        Raises:
            CheckFailed: The cell failed, or its kernel ended, or it took too long.
        """
        headers, trusted = [f"Authorization: token {self._token}"], {"context": self._trust}
        with closing(
            websocket.create_connection(self._address, header=headers, timeout=seconds, sslopt=trusted)
        ) as channel:
            return _execute(channel, code, seconds, by_hand)


def _by_token(context: Context) -> str:
    """The token that may be the user, whom the directory does not know, and whom the first run makes."""
    token = context.secret("hub-smoke", "token")
    made = context.http("jupyterhub", headers={"Authorization": f"token {token}"}).post(f"/hub/api/users/{USER}")
    expect(made.status_code in (201, 409), f"the hub refuses the token of Secret hub-smoke: {made.status_code}")
    return token


def _execute(channel: Any, code: str, seconds: float, by_hand: bool) -> str:
    content = {"code": code, "silent": False, "store_history": by_hand, "allow_stdin": False, "stop_on_error": True}
    message: dict[str, Any] = {
        "channel": "shell",
        "header": {"msg_id": uuid.uuid4().hex, "msg_type": "execute_request", "username": USER, "session": "smoke"},
        "parent_header": {},
        "metadata": {},
        "content": content,
    }
    message["header"]["version"] = "5.3"
    channel.send(json.dumps(message))
    end, shown = time.monotonic() + seconds, []
    while time.monotonic() < end:
        answer = json.loads(channel.recv())
        if answer["content"].get("execution_state") in ("restarting", "dead"):  # the server's own word, to everybody
            raise CheckFailed("the kernel ended during the cell")
        if answer["parent_header"].get("msg_id") != message["header"]["msg_id"]:
            continue
        content = answer["content"]
        match answer["msg_type"]:
            case "stream":
                shown.append(content["text"])
            case "execute_result" | "display_data" | "update_display_data":
                shown.append(content["data"].get("text/plain", ""))
            case "error":
                raise CheckFailed(f"the notebook failed with {content['ename']}: {content['evalue'][:300]}")
            case "status" if content["execution_state"] == "idle":
                return "\n".join(shown)
    raise CheckFailed(f"the notebook's cell did not end in {seconds:.0f} s")
