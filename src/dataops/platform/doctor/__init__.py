"""The doctor: looks at a place before and after a deploy, says what is wrong and the fix, and leaves nothing behind."""

import importlib
import json
import pkgutil
from collections.abc import Iterator
from dataclasses import asdict, replace
from types import ModuleType

from kubernetes.client.exceptions import ApiException

from dataops.errors import UserError
from dataops.platform import guard
from dataops.platform.doctor import checks as package
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import SEVERITIES, Finding, error, ok, warning, worst
from dataops.platform.environment import load_environment
from dataops.platform.kube import explain, message
from dataops.platform.paths import repository_root
from dataops.platform.smoke.context import CheckFailed


def examine(env: str, as_json: bool) -> int:
    """Run every check and print what each found.

    Args:
        env: The environment's name.
        as_json: Print one JSON document at the end, in place of a line for each finding.

    Returns:
        The exit code: 0 all is well, 1 warnings, 2 errors.
    """
    findings = []
    for finding in look(env):
        findings.append(finding)
        if not as_json:
            print(finding, flush=True)
    code = worst(findings)
    if as_json:
        report = {"environment": env, "severity": SEVERITIES[code], "findings": [asdict(one) for one in findings]}
        print(json.dumps(report, indent=2))
    else:
        counts = {severity: sum(one.severity == severity for one in findings) for severity in SEVERITIES}
        print(f"{counts['ok']} ok, {counts['warning']} warning(s), {counts['error']} error(s)")
    return code


def look(env: str) -> Iterator[Finding]:
    """What is found in a place, as it is found; nothing is asked of a cluster that is not the environment's.

    Args:
        env: The environment's name.

    Yields:
        The findings.
    """
    name = "facts"
    try:
        root = repository_root()
        environment = load_environment(root, env)
        name = "context"
        cluster = guard.choose(root, environment)
        guard.check(cluster, environment)
        yield ok(f"{cluster.context} is {cluster.server}, as the environment says", name)
        name = "charts"
        context = Context(root, cluster, environment)
        yield ok(f"{len(context.charts)} charts make {len(context.objects)} objects", name)
    except Exception as failure:  # noqa: BLE001 - whatever it is, it is a finding and not a traceback
        yield _broken(name, failure)
        return
    for module in discover():
        yield from run(module, context)


def discover() -> list[ModuleType]:
    """The checks in the order they run: each module of the package `checks` with its ORDER."""
    modules = [
        importlib.import_module(f"{package.__name__}.{one.name}") for one in pkgutil.iter_modules(package.__path__)
    ]
    return sorted(modules, key=lambda module: int(module.ORDER))


def run(module: ModuleType, context: Context) -> Iterator[Finding]:
    """What one check finds; a check that breaks is a finding itself.

    Args:
        module: The check.
        context: What it is given.

    Yields:
        Its findings, each with a name.
    """
    name = module.__name__.rpartition(".")[2]
    try:
        for finding in module.check(context):
            yield finding if finding.name else replace(finding, name=name)
    except Exception as failure:  # noqa: BLE001 - one broken check must not hide the others
        yield _broken(name, failure)


def _broken(name: str, failure: Exception) -> Finding:
    if isinstance(failure, UserError | CheckFailed):
        return error(" ".join(str(failure).split()), "docs/TROUBLESHOOTING.md says more", name)
    why = explain(failure)
    if isinstance(failure, ApiException) and failure.status == 403:
        return warning(f"you may not look: {message(failure)}", "ask the administrator to look, or for the right", name)
    if why:
        return error(f"the cluster refuses or is gone ({why})", "then run the same command again", name)
    text = " ".join(str(failure).split())[:300]
    return error(f"the check itself broke: {type(failure).__name__}: {text}", "report it, the other checks hold", name)
