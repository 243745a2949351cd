"""Spark drivers that tests make, in the pod that every Spark job gets, with two executors at work."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dataops.platform.smoke.context import Context
from dataops.pods import job_pod
from tests.e2e import pods

BUSY_SECONDS = 180


@dataclass(frozen=True)
class Driver:
    """A driver's pod.

    Attributes:
        core: The cluster's pods.
        namespace: Where the driver and its executors are.
        name: The pod's name, which is the application's too.
    """

    core: Any
    namespace: str
    name: str

    def pod(self) -> Any:
        """The pod as it is now."""
        return self.core.read_namespaced_pod(self.name, self.namespace)

    def is_busy(self) -> bool:
        """Whether both of its executors are at work."""
        phase = self.pod().status.phase
        assert phase in ("Pending", "Running"), f"{self.name} is {phase}"
        if phase == "Pending" or len(self.executors("Running")) < 2:
            return False
        return "BUSY" in self.core.read_namespaced_pod_log(self.name, self.namespace)

    def executors(self, *phases: str) -> list[Any]:
        """The pods of its executors, in any phase or in one of those named."""
        found = self.core.list_namespaced_pod(self.namespace, label_selector=f"spark-app-name={self.name}").items
        return [pod for pod in found if not phases or pod.status.phase in phases]

    def processes(self) -> dict[int, str]:
        """The names of its processes by their numbers on this machine, where the node is."""
        container = self.pod().status.container_statuses[0].container_id.partition("://")[2]
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            try:
                if container in (path / "cgroup").read_text():
                    found[int(path.name)] = (path / "comm").read_text().strip()
            except OSError:
                continue  # it has just ended
        return found


@contextmanager
def driver(platform: Context, *wrapper: str) -> Iterator[Driver]:
    """A driver with both executors at work when the block begins; a wrapper gets its program as last word."""
    command = pods.program("busy_executors")
    pod = job_pod(image=platform.job_image, component="driver", size="small", spark=True)
    pod["metadata"]["generateName"] = "e2e-driver-"
    pod["spec"]["containers"][0]["args"] = [*wrapper, command[-1]] if wrapper else command
    with pods.running(platform, platform.environment.namespaces["jobs"], pod) as made:
        one = Driver(platform.cluster.core, made.metadata.namespace, made.metadata.name)
        pods.until(one.is_busy, BUSY_SECONDS, f"the executors of {one.name} are not at work")
        yield one
