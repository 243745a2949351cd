"""Runs each client in a process of its own, with the environment a pod would have, and for a limited time."""

from __future__ import annotations

import importlib
import json
import pkgutil
import subprocess
import sys
from importlib.util import find_spec
from types import ModuleType

from pydantic import SecretStr

from dataops.config import Settings
from dataops.s3.check import clients
from dataops.s3.check.findings import Finding, Status

_NOT_CLIENTS = ("run", "inside", "trial")
_FAILED = "whatever uses this client fails at this store"


def discover() -> list[ModuleType]:
    """The clients in their order."""
    names = [one.name for one in pkgutil.iter_modules(clients.__path__) if one.name not in _NOT_CLIENTS]
    found = [importlib.import_module(f"{clients.__name__}.{name}") for name in names]
    return sorted(found, key=lambda module: int(module.ORDER))


def run(client: ModuleType, settings: Settings, prefix: str, seconds: float) -> list[Finding]:
    """Try one client.

    Args:
        client: Its module.
        settings: Those that passed.
        prefix: Where it may write.
        seconds: How long it may take.

    Returns:
        Its findings; one that says so where it is not installed, fails or takes too long.
    """
    name = client.TITLE
    spec = find_spec(client.NEEDS)
    if spec is None or spec.origin is None:  # a folder of that name is no library
        seen = f"{client.NEEDS} is not installed where the check ran"
        return [Finding(name, Status.NOT_CHECKED, seen, "nothing is known about it", client.WHERE)]
    given = json.dumps({"settings": _plain(settings), "folder": f"{prefix}clients/{name}"})
    module = client.__name__.rpartition(".")[2]
    try:
        done = subprocess.run(
            [sys.executable, "-m", f"{clients.__name__}.inside", module],
            input=given,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return [Finding(name, Status.FAILED, f"did not end in {seconds:.0f} s", _FAILED)]
    if done.returncode:
        words = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        return [Finding(name, Status.FAILED, words[:400], _FAILED)]
    told = json.loads(done.stdout.strip().splitlines()[-1])
    return [Finding(**{**one, "status": Status(one["status"])}) for one in told]


def _plain(settings: Settings) -> dict[str, str]:
    values = {name.upper(): getattr(settings, name) for name in type(settings).model_fields}
    texts = {
        name: value.get_secret_value() if isinstance(value, SecretStr) else str(value) for name, value in values.items()
    }
    return {name: text for name, text in texts.items() if values[name] is not None}
