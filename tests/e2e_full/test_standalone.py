"""The standalone Spark of charts/spark, switched on: a job runs on its workers instead of on pods of its own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from dataops.platform import helm
from dataops.platform.charts import charts_of
from dataops.platform.process import run
from dataops.platform.smoke.context import Context
from dataops.platform.smoke.pods import program_pod, run_pod, watch_executors
from dataops.platform.tools import ensure_tool
from tests.e2e.verbs import make

MASTER = "spark://spark-master.dataops.svc.cluster.local:7077"


@pytest.fixture
def standalone(context: Context) -> Iterator[Context]:
    """The platform with a master and a worker; without them afterwards."""
    chart = charts_of(context.root, context.environment, "spark")[0]
    words: list[str | Path] = [
        "upgrade",
        "spark",
        chart.path,
        "--namespace",
        context.environment.servers,
        "--reuse-values",
    ]
    run([ensure_tool("helm"), *words, "--set", "standalone.enabled=true", "--wait"], env=context.cluster.environ)
    yield context
    assert make("deploy-spark", SMOKE="never").returncode == 0
    kinds = {one["metadata"]["name"] for one in helm.installed(context.cluster, "spark", context.environment)}
    assert "spark-master" not in kinds


def test_a_job_runs_on_the_standalone_workers(standalone: Context) -> None:
    pod = program_pod(standalone, "spark", spark=False)
    container = pod["spec"]["containers"][0]
    container["env"] = [*container["env"], {"name": "SPARK_MASTER_URL", "value": MASTER}]
    container["envFrom"] = [*container["envFrom"], {"secretRef": {"name": "spark-standalone"}}]
    with watch_executors(standalone, standalone.environment.namespaces["jobs"], "dataops/smoke=spark") as seen:
        result = run_pod(standalone, pod, 240)
    assert result["spark"] == result["pyiceberg"] == result["written"]
    assert not seen, "it made executor pods instead of using the workers"
