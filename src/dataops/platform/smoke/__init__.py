"""The proof that a running platform works: small checks, run in order, each with its time and where to look."""

import importlib
import json
import os
import pkgutil
import sys
import time
import traceback
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import Any

from dataops.errors import UserError
from dataops.platform.environment import Environment
from dataops.platform.kube import Cluster
from dataops.platform.paths import reports_dir
from dataops.platform.process import step
from dataops.platform.smoke import checks as package
from dataops.platform.smoke.context import CheckFailed, Context

MODES = ("auto", "always", "never")
REPORT = "smoke.json"


def smoke_mode() -> str:
    """When a deploy ends with a smoke run: `SMOKE`, by default only if something changed.

    Raises:
        UserError: SMOKE is none of the known words.
    """
    mode = os.environ.get("SMOKE") or "auto"
    if mode not in MODES:
        raise UserError(f"SMOKE={mode} is unknown: choose one of {', '.join(MODES)}")
    return mode


def after_deploy(root: Path, cluster: Cluster, environment: Environment, mode: str, changed: bool) -> bool:
    """Run the checks after a deploy, or print the last run's result when nothing changed.

    Args:
        root: The repository root.
        cluster: The cluster.
        environment: The place.
        mode: auto, always or never.
        changed: Whether the deploy changed something.

    Returns:
        False when a check failed.
    """
    last = _read_report(root)
    if mode == "never":
        return True
    if mode == "auto" and not changed and last and last["ok"] and last["environment"] == environment.name:
        print(f"Nothing changed; the smoke run of {last['at']} was green:", file=sys.stderr)
        for one in last["checks"]:
            _print_line(one)
        return True
    return run_checks(root, cluster, environment, [])


def discover() -> list[ModuleType]:
    """The checks in the order they run: each module of the package `checks` with its ORDER."""
    modules = [
        importlib.import_module(f"{package.__name__}.{one.name}") for one in pkgutil.iter_modules(package.__path__)
    ]
    return sorted(modules, key=lambda module: int(module.ORDER))


def known_checks(names: list[str]) -> list[str]:
    """The names themselves, if each is a check's.

    Raises:
        UserError: One is not.
    """
    known = [_name(module) for module in discover()]
    unknown = [name for name in names if name not in known]
    if unknown:
        raise UserError(f"{unknown[0]} is no check: choose one of {', '.join(known)}")
    return names


def run_checks(root: Path, cluster: Cluster, environment: Environment, only: list[str]) -> bool:
    """Run the checks, print each result and write .reports/smoke.json.

    Args:
        root: The repository root.
        cluster: The cluster.
        environment: The place.
        only: Names of the checks to run; none means all.

    Returns:
        Whether all passed.
    """
    modules = {_name(module): module for module in discover()}
    context = Context(root, cluster, environment)
    results = [_run(module, context) for name, module in modules.items() if not only or name in only]
    ok = all(result["ok"] for result in results)
    report = {
        "ok": ok,
        "at": f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC",
        "environment": environment.name,
        "checks": results,
    }
    if not only:
        (reports_dir(root) / REPORT).write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    total = sum(result["seconds"] for result in results)
    print(
        f"{sum(result['ok'] for result in results)} of {len(results)} checks passed in {total:.0f} s", file=sys.stderr
    )
    return ok


def _run(module: ModuleType, context: Context) -> dict[str, Any]:
    begin = time.monotonic()
    result: dict[str, Any] = {"name": _name(module), "title": module.TITLE, "ok": False}
    try:
        with step(f"Check {_name(module)}: {module.TITLE}"):
            result["detail"] = module.check(context)
            result["ok"] = True
    except (CheckFailed, UserError) as error:
        result["detail"] = f"{error}; {module.LOOK}"
    except Exception as error:  # noqa: BLE001 - one broken check must not hide the others
        traceback.print_exc()
        result["detail"] = f"{type(error).__name__}: {str(error)[:300]}; {module.LOOK}"
    result["seconds"] = round(time.monotonic() - begin, 1)
    _print_line(result)
    return result


def _print_line(result: dict[str, Any]) -> None:
    word = "PASS" if result["ok"] else "FAIL"
    print(f"{word}  {result['name']:<10} {result['seconds']:>6.1f} s  {result['detail']}", file=sys.stderr, flush=True)


def _name(module: ModuleType) -> str:
    return module.__name__.rpartition(".")[2]


def _read_report(root: Path) -> dict[str, Any] | None:
    path = reports_dir(root) / REPORT
    if not path.is_file():
        return None
    report: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return report
