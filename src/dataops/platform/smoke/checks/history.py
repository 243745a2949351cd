"""The history server lists the applications that this smoke run started."""

import json
import time
from typing import Any

from kubernetes.stream import stream

from dataops.platform.smoke.context import CheckFailed, Context, expect

TITLE = "The history server lists the applications"
ORDER = 80
LOOK = "see `kubectl -n dataops logs deploy/spark-history`"
# it looks for new event logs every few seconds
PATIENCE_SECONDS = 60
# asked from inside its pod: it has no log-in, so not every place lets people reach it
ASK = "import urllib.request as r; print(r.urlopen('http://localhost:18080/api/v1/applications').read().decode())"


def check(context: Context) -> str:
    """Expect each application that was seen, or at least one."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        names = {application["id"] for application in _applications(context)}
        missing = context.applications - names
        if names and not missing:
            return f"{len(names)} applications, {len(context.applications)} of them from this run"
        if time.monotonic() > end:
            raise CheckFailed(f"it lists {len(names)} applications, not {', '.join(sorted(missing)) or 'one'}")
        time.sleep(2)


def _applications(context: Context) -> list[dict[str, Any]]:
    namespace, core = context.environment.servers, context.cluster.core
    selector = "app.kubernetes.io/name=spark,app.kubernetes.io/component=history"
    pods = core.list_namespaced_pod(namespace, label_selector=selector, field_selector="status.phase=Running").items
    expect(bool(pods), "its pod does not run")
    command, pipes = ["python", "-c", ASK], {"stdout": True, "stderr": True, "_preload_content": False}
    said = stream(core.connect_get_namespaced_pod_exec, pods[0].metadata.name, namespace, command=command, **pipes)
    said.run_forever(timeout=60)
    expect(said.returncode == 0, f"it does not answer: {said.read_stderr()[-300:]}")
    listed: list[dict[str, Any]] = json.loads(said.read_stdout())
    return listed
