"""The cluster's version of Kubernetes against what each chart asks for in its `kubeVersion`."""

import re
from collections.abc import Iterator

from kubernetes import client

from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok
from dataops.platform.documents import read_yaml

ORDER = 25


def check(context: Context) -> Iterator[Finding]:
    """Compare the two."""
    served = str(client.VersionApi(context.cluster.api).get_code().git_version)
    refusing = {}
    for chart in context.charts:
        wanted = str(read_yaml(chart.path / "Chart.yaml").get("kubeVersion", ""))
        if _numbers(served) < _numbers(wanted):
            refusing[chart.name] = wanted
    if refusing:
        wanted = max(refusing.values(), key=_numbers)
        yield error(
            f"Kubernetes {served} is too old for {', '.join(refusing)}, which want {wanted}", "update the cluster first"
        )
    else:
        yield ok(f"Kubernetes {served} is new enough for every chart")


def _numbers(version: str) -> tuple[int, ...]:
    """The first three numbers of a version, or of a constraint written `>=1.25.0-0`."""
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
