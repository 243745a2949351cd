"""What a person sees beside their own output: the banner, the progress of jobs, and how the last kernel ended."""

import os
import signal
from pathlib import Path
from typing import Any

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from tests.kernel.conftest import Kernel, started

# an executor's pod as the Kubernetes API lists it, of another person's session
HELD = """[{
    'metadata': {'name': 'exec-1', 'ownerReferences': [{'name': 'jupyter-ben'}],
                 'labels': {'spark-role': 'executor', 'spark-app-selector': 'spark-1'}},
    'status': {'phase': 'Running'},
    'spec': {'containers': [{'env': [{'name': 'SPARK_EXECUTOR_CORES', 'value': '2'}],
                             'resources': {'requests': {'memory': '1Gi'}}}]},
}]"""
DESCRIBED = (
    "{job['description'] for job in __import__('json').load(__import__('urllib.request').request.urlopen("
    "f'{spark.sparkContext.uiWebUrl}/api/v1/applications/{spark.sparkContext.applicationId}/jobs'))}"
)
WAIT = "import threading; [t.join() for t in threading.enumerate() if t.name == 'dataops-banner']"


def shown(kernel: Kernel, code: str) -> list[dict[str, Any]]:
    """Run a cell as a person does; return what it displayed, updates included."""
    seen: list[dict[str, Any]] = []

    def hook(message: dict[str, Any]) -> None:
        if message["header"]["msg_type"] in ("display_data", "update_display_data"):
            seen.append(message["content"]["data"])

    kernel.client.execute_interactive(code, timeout=120, output_hook=hook)
    return seen


def test_the_banner_comes_with_the_first_cell_and_tells_the_truth(
    specs: KernelSpecManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("S3_ENDPOINT_URL", "http://127.0.0.1:9")
    with started(specs, tmp_path) as kernel:
        first, *later = shown(kernel, WAIT)
        assert first["text/plain"].startswith("Looking at what is there")
        text = later[-1]["text/plain"]
        assert "Spark 3.5" in text and "at local[*]: answers." in text
        assert "S3 at http://127.0.0.1:9: it does not answer" in text
        assert "MLflow" in text and "it is not set up here" in text and "profile small" in text
        assert shown(kernel, "1") == []


def test_a_program_sees_no_banner(kernel: Kernel) -> None:
    seen: list[str] = []
    kernel.client.execute_interactive(
        "print('x')", store_history=False, output_hook=lambda message: seen.append(message["header"]["msg_type"])
    )
    assert "display_data" not in seen


def test_a_running_job_has_a_line_that_grows(kernel: Kernel) -> None:
    shown(kernel, f"{WAIT}")
    slowly = "lambda context: __import__('time').sleep(1) or 'in this kernel'"
    kernel.run(f"from dataops.notebook import progress; progress._executors = {slowly}")
    slow = "spark.sparkContext.parallelize(range(6), 6).map(lambda n: __import__('time').sleep(2) or n).count()"
    lines = [one["text/plain"] for one in shown(kernel, slow)]
    assert any("of 6 tasks" in line and "in this kernel" in line for line in lines), lines
    assert lines[-1].startswith("1 Spark job, ") and len(lines) >= 2
    assert shown(kernel, "spark.range(1).count() and None") == []


def test_a_job_without_executors_says_so_and_who_has_them(kernel: Kernel) -> None:
    shown(kernel, f"spark.range(1).count(); {WAIT}")
    kernel.run("from dataops.notebook import progress; from dataops.spark import executors")
    kernel.run("progress.ALONE_SECONDS = 2; progress._executors = lambda context: progress.WAITING")
    other = "{'metadata': {'name': 'jupyter-ben', 'annotations': {'hub.jupyter.org/username': 'ben'}}}"
    kernel.run(f"executors._pods_here = lambda settings: [{other}, *{HELD}]")
    slow = "spark.sparkContext.parallelize(range(2), 2).map(lambda n: __import__('time').sleep(6) or n).count()"
    lines = [one["text/plain"] for one in shown(kernel, slow)]
    assert any("waiting for the first executor" in line for line in lines), lines
    (told,) = {line.splitlines()[-1] for line in lines if "no executor has come yet" in line}
    assert "others hold: ben 1 (2 cores, 1.0 GiB)" in told
    assert lines[-1].startswith("1 Spark job, ")


def test_sparks_page_names_the_cell_of_a_job(kernel: Kernel) -> None:
    names = f"print({DESCRIBED})"
    assert kernel.run(f"spark.range(1).count(); {names}") == ("{'a notebook, cell [1]'}", [])
    kernel.run("import os; os.environ['JPY_SESSION_NAME'] = '/home/somebody/flights.ipynb'")
    shown, _ = kernel.run(f"df = spark.range(1).toPandas(); {names}")
    assert "'flights.ipynb, cell [3]'" in shown
    assert kernel.run("spark._jvm.System.exit(0)")[1] and kernel.run("print(1)") == ("1", [])


def test_a_kernel_that_was_killed_is_told_of_by_the_next(specs: KernelSpecManager, tmp_path: Path) -> None:
    with started(specs, tmp_path) as kernel:
        kernel.run("1")
        pid, _ = kernel.run("import os; print(os.getpid())")
        os.kill(int(pid), signal.SIGKILL)
        kernel.manager.restart_kernel(now=True)
        kernel.client.wait_for_ready(timeout=120)
        text = shown(kernel, WAIT)[-1]["text/plain"]
        assert "The kernel before this one ended without being asked, its variables are lost" in text
        kernel.manager.restart_kernel(now=False)
        kernel.client.wait_for_ready(timeout=120)
        assert "The kernel before this one" not in shown(kernel, WAIT)[-1]["text/plain"]


@pytest.mark.parametrize("name", ["pandas", "dataops"])
def test_a_file_with_the_name_of_ours_breaks_nothing(specs: KernelSpecManager, tmp_path: Path, name: str) -> None:
    (tmp_path / f"{name}.py").write_text("raise RuntimeError('not the one')", encoding="utf-8")
    (tmp_path / "mine.py").write_text("answer = 42", encoding="utf-8")
    with started(specs, tmp_path) as kernel:
        text = shown(kernel, f"import {name}; {WAIT}")[-1]["text/plain"]
        assert f"{tmp_path / name}.py has the name of a package of the platform, which is used instead" in text
        assert kernel.run("import mine; print(mine.answer, show_sample.__name__)") == ("42 show_sample", [])


def test_more_rows_than_memory_holds_are_refused(kernel: Kernel) -> None:
    kernel.run("from dataops.notebook import limits; from dataclasses import replace; real = limits.limits")
    kernel.run("limits.limits = lambda: replace(real(), free=1 << 30)")
    _, errors = kernel.run("spark.range(100_000_000).toPandas()")
    assert len(errors) == 1 and "100,000,000 rows, about 762.9 MiB, into this notebook, which has" in errors[0]
    assert "df.limit(n)" in errors[0] and "profile medium" in errors[0]
    assert kernel.run("print(len(spark.range(100_000_000).limit(5).toPandas()))") == ("5", [])
    kernel.run("spark.conf.set('spark.dataops.toPandas', 'unbounded'); limits.limits = lambda: replace(real(), free=1)")
    assert kernel.run("print(len(spark.range(1000).toPandas()))") == ("1000", [])
