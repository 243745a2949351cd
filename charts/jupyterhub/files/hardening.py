"""What JupyterHub 4.1 leaves open and later releases close; each point names its advisory."""

import time
from typing import Any

from jupyterhub import _xsrf_utils
from jupyterhub.handlers.base import BaseHandler
from jupyterhub.handlers.login import LoginHandler
from tornado.web import HTTPError
from traitlets.config import Config

READS_ONLY = ("GET", "HEAD", "OPTIONS")
# A name, a password and a token of the form are shorter; what is longer only fills the log.
LONGEST_LOGIN = 4096
# So many wrong passwords for a name, then it has to wait; a directory such as LDAP would lock the account for good.
MOST_FAILURES, WAIT_SECONDS = 10, 300
MOST_NAMES = 10_000


def check_forms_without_cors() -> None:
    """CVE-2026-40864: a browser's `Sec-Fetch-Mode: no-cors` switched the XSRF check off, for forms that write too."""
    original = _xsrf_utils._needs_check_xsrf

    def needs_check(handler: BaseHandler) -> bool:
        if original(handler):
            return True
        if getattr(handler, "_token_authenticated", False) or handler.request.method in READS_ONLY:
            return False
        return bool(handler.request.headers.get("Sec-Fetch-Mode") == "no-cors")

    _xsrf_utils._needs_check_xsrf = needs_check


def redirect_to_own_paths() -> None:
    """CVE-2026-33709: `?next=` could name a path of three slashes, which browsers take for another host."""
    original = BaseHandler.get_next_url

    def get_next_url(self: BaseHandler, user: Any = None, default: Any = None) -> str:
        url = str(original(self, user, default))
        return url if url.startswith("/") and not url.startswith("//") else str(self.hub.base_url)

    BaseHandler.get_next_url = get_next_url


def refuse_long_logins() -> None:
    """CVE-2026-54338: a failed log-in was logged with its name, however many megabytes that had."""
    original = LoginHandler.post

    async def post(self: LoginHandler) -> None:
        if len(self.request.body) > LONGEST_LOGIN:
            raise HTTPError(413, "This is too long for a name and a password.")
        await original(self)

    LoginHandler.post = post


def slow_down_guesses() -> None:
    """Make a name wait after many wrong passwords; JupyterHub itself has no limit."""
    original = BaseHandler.login_user
    failures: dict[str, list[float]] = {}

    async def login_user(self: BaseHandler, data: Any = None) -> Any:
        name, now = str((data or {}).get("username", "")).strip().lower(), time.monotonic()
        recent = [moment for moment in failures.get(name, []) if moment > now - WAIT_SECONDS]
        if len(recent) >= MOST_FAILURES:
            raise HTTPError(429, f"Too many wrong passwords for this name: wait {WAIT_SECONDS // 60} minutes.")
        user = await original(self, data)
        if user is None and name:
            if len(failures) >= MOST_NAMES:
                failures.clear()
            failures[name] = [*recent, now]
        else:
            failures.pop(name, None)
        return user

    BaseHandler.login_user = login_user


def apply(c: Config) -> None:
    """Close them, and choose the stricter of what may be chosen."""
    check_forms_without_cors()
    redirect_to_own_paths()
    refuse_long_logins()
    slow_down_guesses()
    # Nobody may frame the hub's pages.
    c.JupyterHub.tornado_settings = {"headers": {"Content-Security-Policy": "frame-ancestors 'none'"}}
    # A user's files cannot change how the server itself runs.
    c.Spawner.disable_user_config = True
