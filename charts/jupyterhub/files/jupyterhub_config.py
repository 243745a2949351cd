"""The hub's configuration; places differ in settings.yaml beside it, secrets come from the environment."""

import os
import sys
from pathlib import Path

import yaml
from traitlets.config import Config, get_config

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))

import hardening  # noqa: E402  # found only now
import login  # noqa: E402  # likewise
import profiles  # noqa: E402  # likewise
import spawner  # noqa: E402  # likewise
import user_pod  # noqa: E402  # likewise

c: Config = get_config()
settings = yaml.safe_load((HERE / "settings.yaml").read_text())

# The hub and its proxy are pods of their own: either may restart while servers and kernels run on.
c.JupyterHub.hub_bind_url = "http://0.0.0.0:8081"
c.JupyterHub.hub_connect_url = settings["hubUrl"]
c.JupyterHub.cleanup_servers = False
c.JupyterHub.cleanup_proxy = False
c.ConfigurableHTTPProxy.should_start = False
c.ConfigurableHTTPProxy.api_url = settings["proxyApiUrl"]
c.ConfigurableHTTPProxy.auth_token = os.environ["PROXY_TOKEN"]

# The other secrets have names that JupyterHub reads itself: JPY_COOKIE_SECRET, JUPYTERHUB_CRYPT_KEY.
c.JupyterHub.db_url = os.environ["HUB_DATABASE_URL"]
c.JupyterHub.upgrade_db = True
c.JupyterHub.pid_file = ""

# More starts at once than this are asked to come back in a moment, instead of all being slow.
c.JupyterHub.concurrent_spawn_limit = 64
c.JupyterHub.allow_named_servers = False
c.JupyterHub.activity_resolution = 60
# A proxy that restarts knows no user's page until the hub tells it again, this often in seconds.
c.JupyterHub.last_activity_interval = 15

c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
        "services": ["idle-culler"],
    }
]
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [
            sys.executable,
            "-m",
            "jupyterhub_idle_culler",
            "--url=http://127.0.0.1:8081/hub/api",
            f"--timeout={settings['idleSeconds']}",
            "--cull-every=60",
        ],
    }
]

hardening.apply(c)
login.configure(c, settings)
c.JupyterHub.spawner_class = spawner.PlatformSpawner
user_pod.configure(c, settings)
profiles.configure(c, settings)
