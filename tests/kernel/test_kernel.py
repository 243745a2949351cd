"""The kernel as users get it: started by kernel.json, ready at once, its names lazy, its errors one sentence."""

from pathlib import Path

import nbformat
import pytest
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

from tests.kernel.conftest import FOLDER, Kernel

HEAVY = ("pyspark", "mlflow", "pandas", "boto3", "pyiceberg")
IN_THE_LAKE = "f\"sandbox/{os.environ['JUPYTERHUB_USER']}\""  # where an example writes; there is no lake here
NAMES = "spark, mlflow, sql, lake, read_s3_parquet, write_s3_parquet, show_sample"


def test_names_are_there_and_nothing_heavy_is_loaded(kernel: Kernel) -> None:
    assert kernel.run(f"{NAMES}; print('bound')") == ("bound", [])
    assert kernel.run(f"import sys; print([name for name in {HEAVY} if name in sys.modules])") == ("[]", [])
    left, _ = kernel.run("print('activate' in globals(), 'get_ipython' in globals())")
    assert left == "False True"


def test_an_error_is_one_sentence(kernel: Kernel) -> None:
    _, errors = kernel.run("mlflow.active_run()")
    assert errors == ["error: MLFLOW_TRACKING_URI is not set; give the pod the ConfigMap dataops-env"]


def test_other_errors_are_shown_as_ever(kernel: Kernel) -> None:
    _, errors = kernel.run("1 / 0")
    assert "ZeroDivisionError" in "".join(errors) and len(errors) > 1


@pytest.mark.parametrize(
    ("typed", "offered"),
    [("spark.createD", "createDataFrame"), ("spark.read.par", "parquet"), ("mlflow.log_met", "log_metric")],
)
def test_completion_offers_what_is_there_and_starts_nothing(kernel: Kernel, typed: str, offered: str) -> None:
    reply = kernel.client.complete(typed, reply=True, timeout=120)
    assert offered in " ".join(reply["content"]["matches"])
    assert kernel.run("print(type(spark).__name__, type(mlflow).__name__)") == ("Lazy Lazy", [])


def test_a_java_error_is_a_sentence_and_no_stack(kernel: Kernel) -> None:
    _, errors = kernel.run("spark.sql(\"select raise_error('no such flight')\").collect()")
    assert errors == ["error: Spark could not do this (no such flight); print(sys.last_value) shows Java's own words"]
    shown, _ = kernel.run("print('at org.apache.spark' in str(__import__('sys').last_value))")
    assert shown == "True"


def test_what_java_says_at_its_start_is_in_no_cell(kernel: Kernel) -> None:
    assert kernel.run("import sys; print('a warning', file=sys.stderr); print(spark.range(3).count())") == ("3", [])
    assert kernel.warnings.splitlines() == ["a warning"]


def test_a_full_disk_is_a_sentence(kernel: Kernel) -> None:
    _, errors = kernel.run("open('/dev/full', 'w').write('x' * 100_000)")
    assert len(errors) == 1 and errors[0].startswith(
        "error: no room is left there ([Errno 28] No space left on device)"
    )


def test_a_driver_that_is_gone_is_named(kernel: Kernel) -> None:
    kernel.run("import os, signal; pid = spark._jvm.java.lang.ProcessHandle.current().pid(); os.kill(pid, 9)")
    for _ in range(2):
        _, errors = kernel.run("spark.range(3).count()")
        assert len(errors) == 1 and errors[0].startswith("error: the Spark driver of this kernel ")
        assert "restart the kernel" in errors[0]


def test_the_folder_holds_glue_only() -> None:
    assert len((FOLDER / "startup.py").read_text(encoding="utf-8").splitlines()) <= 20


@pytest.mark.parametrize("path", sorted(FOLDER.glob("examples/*.ipynb")), ids=lambda path: path.stem)
def test_examples_run(path: Path, specs: KernelSpecManager, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    assert not any(cell.get("outputs") for cell in notebook.cells), "commit notebooks without outputs"
    for cell in notebook.cells:
        cell.source = cell.source.replace(IN_THE_LAKE, repr(str(tmp_path)))
    manager = KernelManager(kernel_name="dataops", kernel_spec_manager=specs)
    NotebookClient(notebook, km=manager, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
