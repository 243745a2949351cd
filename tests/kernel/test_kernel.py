"""The kernel as users get it: started by kernel.json, ready at once, its names lazy, its errors one sentence."""

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager
from nbclient import NotebookClient

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks-kernel"
HEAVY = ("pyspark", "mlflow", "pandas", "boto3", "pyiceberg")


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("S3_ENDPOINT_URL", "LAKE_CATALOG_URI", "SPARK_MASTER_URL", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")


@pytest.fixture
def specs(tmp_path: Path) -> KernelSpecManager:
    shutil.copytree(FOLDER, tmp_path / "kernels" / "dataops")
    return KernelSpecManager(kernel_dirs=[str(tmp_path / "kernels")])


@pytest.fixture
def client(specs: KernelSpecManager) -> Iterator[BlockingKernelClient]:
    manager = KernelManager(kernel_name="dataops", kernel_spec_manager=specs)
    manager.start_kernel()
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=120)
        yield client
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


def run(client: BlockingKernelClient, code: str) -> tuple[str, list[str]]:
    """Run a cell; return what it printed or showed, and its error's lines."""
    shown: list[str] = []
    errors: list[str] = []

    def hook(message: dict[str, dict[str, object]]) -> None:
        kind, content = str(message["header"]["msg_type"]), message["content"]
        if kind == "stream":
            shown.append(str(content["text"]))
        elif kind == "error":
            lines = content["traceback"]
            assert isinstance(lines, list)
            errors.extend(lines)

    client.execute_interactive(code, timeout=120, output_hook=hook)
    return "".join(shown).strip(), errors


def test_names_are_there_and_nothing_heavy_is_loaded(client: BlockingKernelClient) -> None:
    loaded, errors = run(client, f"import sys; print([name for name in {HEAVY} if name in sys.modules])")
    assert (loaded, errors) == ("[]", [])
    names, errors = run(client, "spark, mlflow, read_s3_parquet, write_s3_parquet, show_sample; print('bound')")
    assert (names, errors) == ("bound", [])
    left, _ = run(client, "print('activate' in globals(), 'get_ipython' in globals())")
    assert left == "False True"


def test_an_error_is_one_sentence(client: BlockingKernelClient) -> None:
    _, errors = run(client, "mlflow.active_run()")
    assert errors == ["error: MLFLOW_TRACKING_URI is not set; give the pod the ConfigMap dataops-env"]


def test_completion_offers_the_session(client: BlockingKernelClient) -> None:
    reply = client.complete("spark.createD", reply=True, timeout=120)
    assert "createDataFrame" in " ".join(reply["content"]["matches"])


def test_the_folder_holds_glue_only() -> None:
    assert len((FOLDER / "startup.py").read_text(encoding="utf-8").splitlines()) <= 20


@pytest.mark.parametrize("path", sorted(FOLDER.glob("examples/*.ipynb")), ids=lambda path: path.stem)
def test_examples_run(path: Path, specs: KernelSpecManager, tmp_path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]  # nbformat has no types
    assert not any(cell.get("outputs") for cell in notebook.cells), "commit notebooks without outputs"
    manager = KernelManager(kernel_name="dataops", kernel_spec_manager=specs)
    NotebookClient(notebook, km=manager, timeout=240, resources={"metadata": {"path": str(tmp_path)}}).execute()
