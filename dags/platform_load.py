"""What tasks and waits cost here: twenty waits in the triggerer, fifty tasks at once, the same wait in pods."""

from pathlib import Path

from airflow.sdk import task

from dataops.airflow import manual_dag, s3_ready
from dataops.config import Settings

TASKS, WAITS, LOOKS = 50, 20, 5
# what this run has logged by then: both accounts may look there
FOUND = f"s3a://{Settings.load().s3_platform_bucket}/airflow-logs/dag_id=platform_load/run_id={{{{ run_id }}}}/"
OLDER = Path("/sys/fs/cgroup/cpuacct/cpuacct.usage")  # nanoseconds, where the node's control groups are version 1


def cpu_seconds() -> float:
    """Return what this pod has computed until now, as the kernel counts it."""
    if OLDER.exists():
        return int(OLDER.read_text(encoding="utf-8")) / 1e9
    words = Path("/sys/fs/cgroup/cpu.stat").read_text(encoding="utf-8").split()
    return int(words[words.index("usage_usec") + 1]) / 1e6


with manual_dag(
    "platform_load",
    owner="platform",
    description="Measures what tasks and waits cost; make bench-pipeline starts it.",
    tags=["platform"],
):

    @task
    def work(number: int) -> float:
        """Do nothing, and say what that cost."""
        return cpu_seconds()

    @task
    def look(number: int, path: str) -> float:
        """Look once from a pod, as a wait without the triggerer does."""
        from dataops.airflow.triggers import QUESTIONS

        assert QUESTIONS["something_at"](path)
        return cpu_seconds()

    first = work.override(task_id="first")(0)
    waits = [s3_ready(f"wait_{number}", path=FOUND) for number in range(WAITS)]
    tasks = work.expand(number=list(range(TASKS)))
    first >> waits >> tasks >> look.partial(path=FOUND).expand(number=list(range(LOOKS)))
