"""The hub as a process of its own on loopback, of the image's lock and with the files that its ConfigMap holds."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import yaml

from tests.charts.harness import ROOT
from tests.charts.pods import config_map
from tests.hub.directories import CLIENT, SECRET
from tests.hub.servers import Kubernetes, Proxy, served

JUPYTERHUB = ROOT / ".venv-hub" / "bin" / "jupyterhub"
PASSWORD = "correct-horse-battery"
SMOKE_TOKEN = "ef" * 32
START_SECONDS = 150
# What a pod has and this process has not: the whole network to listen on, and time.
WRAPPER = """
load_subconfig("jupyterhub_config.py")
import spawner
from traitlets.config import get_config
c = get_config()
spawner.NO_ROOM_SECONDS = 2
c.JupyterHub.hub_bind_url = {url!r}
c.JupyterHub.services[0] = {{"name": "idle-culler", "api_token": "of-nobody"}}
"""


@dataclass
class Hub:
    """A hub that runs.

    Attributes:
        url: Its address.
        folder: Where its files and its log are.
        kubernetes: The cluster that it starts servers in.
    """

    url: str
    folder: Path
    kubernetes: Kubernetes

    def log(self) -> str:
        """What it has written so far."""
        return (self.folder / "log").read_text(encoding="utf-8")

    def browser(self) -> "Browser":
        """A browser without cookies."""
        return Browser(base_url=self.url, follow_redirects=True, timeout=60)

    def logged_in(self, name: str) -> "Browser":
        """A browser whose user has logged in by the form."""
        browser = self.browser()
        answer = browser.log_in(name, PASSWORD)
        assert answer.is_success, f"{answer.status_code}: {text(answer)}"
        return browser


class Browser(httpx.Client):
    """A client that fills in forms as JupyterHub's pages do."""

    def xsrf(self) -> str:
        """The value that forms repeat."""
        return next((cookie.value or "" for cookie in self.cookies.jar if cookie.name == "_xsrf"), "")

    def log_in(self, name: str, password: str) -> httpx.Response:
        """Fill in the form of the log-in page."""
        self.get("/hub/login")
        form = {"username": name, "password": password, "_xsrf": self.xsrf()}
        return self.post("/hub/login?next=%2Fhub%2Fhome", data=form)

    def start(self, profile: str) -> httpx.Response:
        """Choose a profile on the page, start the server, and wait for what comes of it."""
        self.get("/hub/spawn")
        answer = self.post("/hub/spawn", data={"profile": profile, "_xsrf": self.xsrf()})
        end = time.monotonic() + START_SECONDS
        while "/hub/spawn-pending/" in str(answer.url) and answer.is_success and time.monotonic() < end:
            time.sleep(0.2)
            answer = self.get(answer.url.path)
        return answer


def text(answer: httpx.Response) -> str:
    """A page as people read it, in one line."""
    plain = re.sub(r"(?s)<(script|style|head).*?</\1>|<[^>]+>", " ", answer.text)
    for entity, sign in {"&#34;": '"', "&#39;": "'", "&quot;": '"', "&amp;": "&", "&lt;": "<", "&gt;": ">"}.items():
        plain = plain.replace(entity, sign)
    return " ".join(plain.split())


@contextmanager
def running_hub(folder: Path, env: str = "local", wrapper: str = "", **settings: Any) -> Iterator[Hub]:
    """Run the hub while the block does.

    Args:
        folder: An empty one for its files.
        env: The environment whose ConfigMap it reads.
        wrapper: More configuration, after the platform's own.
        settings: What settings.yaml says otherwise.

    Yields:
        The hub, answering.
    """
    kubernetes = Kubernetes()
    with ExitStack() as stack:
        proxy, cluster = (stack.enter_context(served(one)) for one in (Proxy(), kubernetes))
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            hub = Hub(f"http://127.0.0.1:{free.getsockname()[1]}", folder, kubernetes)
        for name, content in config_map("jupyterhub", env, "hub").items():
            (folder / name).write_text(content, encoding="utf-8")
        said = yaml.safe_load((folder / "settings.yaml").read_text(encoding="utf-8"))
        said |= {"hubUrl": hub.url, "proxyApiUrl": proxy, **settings}
        (folder / "settings.yaml").write_text(yaml.safe_dump(said), encoding="utf-8")
        (folder / "wrapper.py").write_text(WRAPPER.format(url=hub.url) + wrapper, encoding="utf-8")
        (folder / "kubeconfig").write_text(_kubeconfig(cluster), encoding="utf-8")
        stack.enter_context(_process(hub))
        yield hub


def _kubeconfig(server: str) -> str:
    cluster, user = {"name": "x", "cluster": {"server": server}}, {"name": "x", "user": {"token": "x"}}
    context = {"name": "x", "context": {"cluster": "x", "user": "x"}}
    return yaml.safe_dump({"clusters": [cluster], "users": [user], "contexts": [context], "current-context": "x"})


@contextmanager
def _process(hub: Hub) -> Iterator[None]:
    environment = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(hub.folder),
        "KUBECONFIG": str(hub.folder / "kubeconfig"),
        "HUB_DATABASE_URL": f"sqlite:///{hub.folder}/hub.sqlite",
        "HUB_LOGIN_PASSWORD": PASSWORD,
        "JPY_COOKIE_SECRET": "ab" * 32,
        "JUPYTERHUB_CRYPT_KEY": "cd" * 32,
        "HUB_SMOKE_TOKEN": SMOKE_TOKEN,
        "OAUTH_CLIENT_ID": CLIENT,
        "OAUTH_CLIENT_SECRET": SECRET,
        "SSL_CERT_FILE": str(hub.folder / "ca.pem"),
        "PROXY_TOKEN": "proxy",
        "PYTHONPATH": str(ROOT / "src"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    with (hub.folder / "log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [JUPYTERHUB, "--config", "wrapper.py"], cwd=hub.folder, env=environment, stdout=log, stderr=log
        )
        try:
            _until_ready(hub, process)
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)


def _until_ready(hub: Hub, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, f"the hub ended:\n{hub.log()[-3000:]}"
        try:
            if httpx.get(f"{hub.url}/hub/health").is_success:
                return
        except httpx.TransportError:
            pass
        assert time.monotonic() < end, f"the hub does not answer:\n{hub.log()[-3000:]}"
        time.sleep(0.1)
