"""The images: the registry has each one and gives it to whoever pulls, and its digest says that it stays the same."""

import json
from collections.abc import Iterator

import httpx

from dataops.platform import guard
from dataops.platform.doctor import registry
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok, warning

ORDER = 65
CONFIG = ".dockerconfigjson"


def check(context: Context) -> Iterator[Finding]:
    """Ask the registry for each image that rendered objects name."""
    wanted = context.images()
    if context.environment.local and guard.provider(context.cluster) != "current":
        yield ok(f"{len(wanted)} images are loaded into the node by the deploy, nothing is pulled")
        return
    pull, problems = _pull_secrets(context)
    yield from problems
    good = []
    with httpx.Client(verify=context.trusted(), timeout=20) as http:
        for reference in wanted:
            try:
                found = registry.digest(http, reference, _login(pull, reference))
            except registry.Refused as refusal:
                yield error(
                    f"image {reference}: the registry {refusal}",
                    "push the images there, or correct global.registry and the Secret of global.imagePullSecrets",
                )
                continue
            except httpx.HTTPError as failure:
                yield error(
                    f"registry {registry.split(reference)[0]} cannot be asked ({failure or type(failure).__name__})",
                    "correct global.registry, open the way, or add the CA that signed it to global.ca",
                )
                return
            good.append((reference, found))
    if good:
        yield ok(f"the registry gives {len(good)} of {len(wanted)} images")
    moving = [
        f"{reference} ({found[:19] or 'the registry names none'})" for reference, found in good if "@" not in reference
    ]
    if moving:
        yield warning(
            f"{len(moving)} image(s) are named by a tag, which may come to mean another: {', '.join(moving)}",
            "name digests (sha256:...) in global.tags",
        )


def _pull_secrets(context: Context) -> tuple[list[bytes], list[Finding]]:
    """The contents of the pull secrets, and what is wrong with them; each namespace needs its own copy."""
    contents, problems = [], []
    for name in [one["name"] for one in context.environment.values.get("imagePullSecrets") or []]:
        for namespace in context.namespaces:
            content = (context.cluster.secret(namespace, name) or {}).get(CONFIG)
            if content is None or not _readable(content):
                problems.append(
                    error(
                        f"pull secret {name} is missing in {namespace}, or holds no readable {CONFIG}",
                        f"kubectl -n {namespace} create secret docker-registry {name} --docker-server=<registry>"
                        " --docker-username=<user> --docker-password=<password>",
                    )
                )
            else:
                contents.append(content)
    return contents, problems


def _readable(content: bytes) -> bool:
    try:
        return isinstance(json.loads(content).get("auths"), dict)
    except (ValueError, AttributeError):
        return False


def _login(contents: list[bytes], reference: str) -> registry.Login | None:
    return next((found for content in contents if (found := registry.login(content, reference))), None)
