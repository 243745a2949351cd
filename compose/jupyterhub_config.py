"""The hub of docker-compose.yml: the servers of all users are processes beside it, in one container of the laptop."""

import os
import socket
import sys
from pathlib import Path

from traitlets.config import Config, get_config

sys.path.insert(0, str(Path(__file__).parent))

import hardening  # noqa: E402  # the chart's, mounted beside this file and found only now

c: Config = get_config()
address = socket.gethostbyname(socket.gethostname())

c.JupyterHub.hub_bind_url = "http://0.0.0.0:8081"
c.JupyterHub.hub_connect_url = "http://hub:8081"
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = "http://proxy:8001"

# Taken out of the environment, because what is left there goes to the users' servers.
c.ConfigurableHTTPProxy.auth_token = os.environ.pop("PROXY_TOKEN")
c.JupyterHub.cookie_secret = bytes.fromhex(os.environ.pop("HUB_COOKIE_SECRET"))
c.JupyterHub.db_url = os.environ.pop("HUB_DATABASE_URL")
c.JupyterHub.upgrade_db = True

# One generated password lets in any user name: other programs of the laptop do not know it.
c.JupyterHub.authenticator_class = "dummy"
c.DummyAuthenticator.password = os.environ.pop("HUB_LOGIN_PASSWORD")
c.Authenticator.allow_all = True
# A name becomes the name of a folder.
c.Authenticator.username_pattern = r"^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$"
# Accounts of MLflow itself; the server refuses them too.
c.Authenticator.blocked_users = {"admin", "mlflow-jobs"}
c.Authenticator.admin_users = set()

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = "/home/dataops/{username}"
c.Spawner.cmd = ["jupyterhub-singleuser"]
c.Spawner.args = ["--MultiKernelManager.default_kernel_name=dataops"]
c.Spawner.default_url = "/lab"
c.Spawner.ip = address  # the proxy is another container
c.Spawner.env_keep = list(os.environ)
c.Spawner.environment = {
    "POD_IP": address,  # executors reach the driver there
    "JUPYTERHUB_ALLOW_TOKEN_IN_URL": "0",
    "EMAIL": lambda spawned: f"{spawned.user.name}@localhost",
    "JUPYTER_RUNTIME_DIR": lambda spawned: f"/tmp/jupyter-{spawned.user.name}",
    # MLflow asks the hub whose token this is.
    "MLFLOW_TRACKING_TOKEN": lambda spawned: spawned.api_token,
}

hardening.apply(c)
