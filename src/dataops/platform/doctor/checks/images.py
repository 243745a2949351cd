"""The images: the registry has each one and gives it to whoever pulls, and pods name it by its digest."""

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import guard, registry
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok, warning

ORDER = 65
CONFIG = ".dockerconfigjson"


def check(context: Context) -> Iterator[Finding]:
    """Ask the registry for each image that rendered objects name, as you and as each pull secret."""
    wanted = context.images()
    if context.environment.local and guard.provider(context.cluster) != "current":
        yield ok(f"{len(wanted)} images are loaded into the node by the deploy, nothing is pulled")
        return
    if context.no_digests:
        yield error(context.no_digests, "see docs/TROUBLESHOOTING.md, the registry")
    else:
        yield ok(f"the registry has all {len(wanted)} images")
        moving = [name for name in [*wanted, *_running(context)] if "@sha256:" not in name]
        if moving:
            yield warning(
                f"{len(moving)} image(s) are named by a tag, which may come to mean another: {', '.join(moving)}",
                f"`{context.command}` names digests",
            )
    logins, problems = _pull_secrets(context)
    yield from problems
    if not context.no_digests:
        for content, name in logins.items():
            yield _pulled(content, name, wanted)


def _running(context: Context) -> list[str]:
    """What the platform that is there starts executors from."""
    return [context.job_image] if context.deployed else []


def _pulled(content: bytes, name: str, wanted: list[str]) -> Finding:
    """Ask as the nodes do, who know the pull secret alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "auth.json"
        path.write_bytes(content)
        for reference in wanted:
            try:
                found = registry.digest(reference, path)
            except UserError as refusal:
                return error(f"with pull secret {name}: {refusal}", "write a log-in into it that may pull")
            if found is None:
                return error(f"pull secret {name} does not get {reference}", "write a log-in into it that may pull")
    return ok(f"pull secret {name} gets all {len(wanted)} images")


def _pull_secrets(context: Context) -> tuple[dict[bytes, str], list[Finding]]:
    """The names of pull secrets by content, and what is wrong with them; each namespace needs its own copy."""
    contents: dict[bytes, str] = {}
    problems = []
    for name in [one["name"] for one in context.environment.values.get("imagePullSecrets") or []]:
        for namespace in context.namespaces:
            content = (context.cluster.secret(namespace, name) or {}).get(CONFIG)
            if content is not None and _readable(content):
                contents.setdefault(content, f"{namespace}/{name}")
                continue
            problems.append(
                error(
                    f"pull secret {name} is missing in {namespace}, or holds no readable {CONFIG}",
                    f"kubectl -n {namespace} create secret generic {name} --type=kubernetes.io/dockerconfigjson"
                    f" --from-file={CONFIG}=<file that `skopeo login` wrote>",
                )
            )
    return contents, problems


def _readable(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content).get("auths"), dict)
    except (ValueError, AttributeError):
        return False
