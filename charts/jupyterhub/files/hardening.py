"""What JupyterHub 4.1 leaves open and later releases close; each point names its advisory."""

from typing import Any

from jupyterhub import _xsrf_utils
from jupyterhub.handlers.base import BaseHandler
from traitlets.config import Config

READS_ONLY = ("GET", "HEAD", "OPTIONS")


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


def apply(c: Config) -> None:
    """Close them, and choose the stricter of what may be chosen."""
    check_forms_without_cors()
    redirect_to_own_paths()
    # Nobody may frame the hub's pages.
    c.JupyterHub.tornado_settings = {"headers": {"Content-Security-Policy": "frame-ancestors 'none'"}}
    # A user's files cannot change how the server itself runs.
    c.Spawner.disable_user_config = True
