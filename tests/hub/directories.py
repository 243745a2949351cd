"""Those who know people: a provider of OpenID Connect, OpenShift's log-in, and an LDAP directory over TLS."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.charts.harness import ROOT
from tests.unit.tls import Certificates

HUB_PYTHON = ROOT / ".venv-hub" / "bin" / "python"

CLIENT, SECRET = "dataops", "the-secret-of-the-client"


class Provider:
    """Logs everybody in as one person without asking.

    Attributes:
        name: Whom it logs in.
        groups: The person's groups.
        url: Its own address.
    """

    def __init__(self) -> None:
        """Know nobody yet."""
        self.name, self.groups, self.url = "", list[str](), ""
        self._challenge = ""

    def answer(self, method: str, target: str, body: str) -> tuple[int, dict[str, str], Any]:
        """Answer one request of a browser or of the hub."""
        url = urlsplit(target)
        asked = {key: values[0] for key, values in parse_qs(url.query or body).items()}
        match url.path:
            case "/.well-known/oauth-authorization-server":
                return 200, {}, {"issuer": self.url}
            case "/oauth/authorize":
                self._challenge = asked["code_challenge"]
                back = urlencode({"code": "of-the-moment", "state": asked["state"]})
                return 302, {"Location": f"{asked['redirect_uri']}?{back}"}, b""
            case "/oauth/token":
                right = (asked["client_id"], asked["client_secret"], asked["code"]) == (CLIENT, SECRET, "of-the-moment")
                return (200, {}, {"access_token": "t", "token_type": "Bearer"}) if right and self._challenge else _no()
            case "/userinfo":
                return 200, {}, {"preferred_username": self.name, "groups": self.groups}
        return 200, {}, {"metadata": {"name": self.name}, "groups": self.groups}  # OpenShift's users/~


def _no() -> tuple[int, dict[str, str], Any]:
    return 401, {}, {"error": "invalid_client"}


@contextmanager
def ldap_server(certificates: Certificates, people: dict[str, str]) -> Iterator[int]:
    """Serve a directory that knows the passwords of people by their DN, and yield its port."""
    program = Path(__file__).parent / "inside" / "directory.py"
    command = [str(HUB_PYTHON), str(program), str(certificates.folder), json.dumps(people)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            yield int(process.stdout.readline())
        finally:
            process.terminate()
