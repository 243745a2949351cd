"""Runs programs in the built images: by the node's own containerd where there is one, else by Docker or podman."""

import json
import secrets
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from dataops.platform.images import image_refs
from dataops.platform.images_engine import choose_engine
from dataops.platform.images_recipe import image_names

ROOT = Path(__file__).parents[2]
SOCKET = Path("/run/dataops-containerd/containerd.sock")
WRITABLE = ("/tmp", "/run/dataops", "/home/dataops")
IMAGES = image_names(ROOT)
REFS = image_refs(ROOT)

Run = Callable[..., subprocess.CompletedProcess[str]]


def unknown_uid() -> int:
    """A uid as OpenShift gives them: no image has a line for it."""
    return 1_000_000_000 + secrets.randbelow(1_000_000_000)


def image_config(name: str) -> dict[str, object]:
    """The configuration of a built image: User, Entrypoint, Labels, Env."""
    engine = choose_engine()
    words = ["inspect", "--type=image"] if engine == "buildah" else ["image", "inspect"]
    done = subprocess.run([engine, *words, REFS[name]], check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    config = found["Docker"]["config"] if engine == "buildah" else found[0]["Config"]
    assert isinstance(config, dict)
    return config


def by_containerd(name: str, user: str) -> list[str]:
    """The command that runs an image in the node's containerd."""
    config = image_config(name)
    entrypoint, environment = config["Entrypoint"], config["Env"]
    assert isinstance(entrypoint, list) and isinstance(environment, list)
    ctr = ["ctr", "--address", str(SOCKET), "--namespace", "k8s.io"]
    present = subprocess.run([*ctr, "images", "list", "-q"], check=True, capture_output=True, text=True).stdout.split()
    assert REFS[name] in present, f"{REFS[name]} is not on the node: run `make deploy ENV=local` first"
    mounts = [word for path in WRITABLE for word in ("--mount", f"type=tmpfs,src=tmpfs,dst={path},options=mode=0777")]
    container = f"image-test-{secrets.token_hex(4)}"
    return [*ctr, "run", "--rm", "--read-only", "--user", user, *mounts, REFS[name], container, *entrypoint]


def by_engine(name: str, user: str) -> list[str]:
    """The command that runs an image with Docker or podman."""
    engine = next((one for one in ("docker", "podman") if shutil.which(one)), None)
    assert engine, "no node, docker or podman runs the images here: run `make cluster` first"
    mounts = [word for path in WRITABLE for word in ("--tmpfs", f"{path}:mode=0777")]
    return [engine, "run", "--rm", "--read-only", "--network", "none", "--user", user, *mounts, REFS[name]]
