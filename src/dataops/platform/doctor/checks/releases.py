"""What earlier deploys left: no chart stopped half-way, none is missing among others, all are of one version."""

import re
from collections import defaultdict
from collections.abc import Iterator

from dataops.platform import helm
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok, warning

ORDER = 70


def check(context: Context) -> Iterator[Finding]:
    """Compare what Helm recorded with the charts."""
    found = {chart.name: context.releases[chart.name] for chart in context.charts if chart.name in context.releases}
    if not found:
        yield ok("nothing is installed yet")
        return
    go_on = f"run `{context.command}`, which goes on from there"
    broken = [f"{name} as {one.status}" for name, one in found.items() if one.status != "deployed"]
    missing = [chart.name for chart in context.charts if chart.name not in found]
    if broken:
        yield error(f"the last attempt ended half-way: {', '.join(broken)}", go_on)
    if missing:
        yield error(f"installed are {', '.join(found)}, but not {', '.join(missing)}", go_on)
    if broken or missing:
        return
    mixed = [*_versions(found), *_images(context, list(found))]
    for what in mixed:
        yield warning(f"{what}: a chart was upgraded alone, or an upgrade stopped between two", go_on)
    if not mixed:
        yield ok(f"{len(found)} charts are installed, all whole")


def _versions(found: dict[str, helm.Release]) -> list[str]:
    charts: dict[str, list[str]] = defaultdict(list)
    for name, one in found.items():
        charts[one.version].append(name)
    return [_list("charts are of versions", charts)] if len(charts) > 1 else []


def _images(context: Context, names: list[str]) -> list[str]:
    """An image of ours that two charts run in different builds."""
    registry = re.escape(str(context.environment.get("registry")))
    builds: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name in names:
        text = str(helm.installed(context.cluster, name, context.environment))
        for image, build in set(re.findall(rf"{registry}/([a-z0-9-]+)(:[\w.-]+|@sha256:[0-9a-f]+)", text)):
            builds[image][build.lstrip(":@")].append(name)
    return [_list(f"image {image} runs as", tags) for image, tags in builds.items() if len(tags) > 1]


def _list(what: str, groups: dict[str, list[str]]) -> str:
    said = [f"{name[:19]} ({', '.join(users)})" for name, users in groups.items()]
    return f"{what} {'; '.join(said)}"
