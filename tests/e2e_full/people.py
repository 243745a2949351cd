"""People at work: the platform as it is or with a namespace for each of two, and programs that run in their kernels."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import yaml
from kubernetes.client.exceptions import ApiException

from dataops.cli.place import place
from dataops.platform.charts import charts_of
from dataops.platform.declarations import Declaration, read_all
from dataops.platform.environment import Environment, load_environment
from dataops.platform.smoke.context import Context
from dataops.platform.smoke.hub import Kernel
from dataops.platform.smoke.pods import RESULT
from tests.e2e import pods
from tests.e2e.verbs import ROOT, make

INSIDE = Path(__file__).parent / "inside"
PEOPLE = ["anna", "ben"]
GONE_SECONDS = 180


def facts() -> Environment:
    """The facts of ENV=local with people in them."""
    shared = load_environment(ROOT, "local")
    return Environment(shared.name, shared.files, {**shared.values, "users": PEOPLE})


def declared() -> dict[str, Declaration]:
    """Every Secret that exists in such a place, by name."""
    return read_all(charts_of(ROOT, facts()), facts())


def deployed() -> Context:
    """The platform, brought up to date with the facts of this process."""
    done = make("deploy", SMOKE="never")
    assert done.returncode == 0, done.stdout[-3000:]
    here = place("local")
    return Context(here.root, here.cluster(), here.environment)


@contextmanager
def namespace_each(folder: Path) -> Iterator[Context]:
    """Have the platform deployed for them while the block runs, and as it was before it afterwards."""
    path = folder / "people.yaml"
    path.write_text(yaml.safe_dump({"global": {"users": PEOPLE}}), encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FACTS", str(path))
        platform = deployed()
        yield platform
    deployed()
    for name in platform.environment.own_namespaces.values():
        platform.cluster.core.delete_namespace(name)
    for name in platform.environment.own_namespaces.values():
        pods.until(partial(_gone, platform, name), GONE_SECONDS, f"namespace {name} is still there")


def _gone(platform: Context, name: str) -> bool:
    try:
        platform.cluster.core.read_namespace(name)
    except ApiException as error:
        return bool(error.status == 404)
    return False


def text(program: str) -> str:
    """A program of the folder `inside`."""
    return (INSIDE / f"{program}.py").read_text(encoding="utf-8")


def run(kernel: Kernel, program: str, *words: str, seconds: float, **given: Any) -> dict[str, Any]:
    """Run the `main` of a program of the folder `inside` in a kernel.

    Args:
        kernel: The kernel.
        program: The file's name without its ending.
        words: Names in the kernel that `main` is given first.
        seconds: Until it must have ended.
        given: What `main` is given by name.

    Returns:
        What `main` returned.
    """
    arguments = ", ".join([*words, f"**json.loads({json.dumps(given)!r})"])
    shown = kernel.run(f"{text(program)}\nimport json\nprint({RESULT!r} + json.dumps(main({arguments})))", seconds)
    lines = [line.removeprefix(RESULT) for line in shown.splitlines() if line.startswith(RESULT)]
    assert lines, shown[-2000:]
    found: dict[str, Any] = json.loads(lines[-1])
    return found
