"""Real kernels, started by kernel.json in an environment without a platform around it."""

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.kernelspec import KernelSpecManager
from jupyter_client.manager import KernelManager

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "notebooks-kernel"


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Leave out what a developer's own environment may say."""
    for name in ("S3_ENDPOINT_URL", "LAKE_CATALOG_URI", "SPARK_MASTER_URL", "MLFLOW_TRACKING_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    monkeypatch.setenv("JUPYTER_RUNTIME_DIR", str(tmp_path / "r"))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}:/usr/bin:/bin")


@pytest.fixture
def specs(tmp_path: Path) -> KernelSpecManager:
    """The kernel as the notebook image has it."""
    shutil.copytree(FOLDER, tmp_path / "kernels" / "dataops")
    return KernelSpecManager(kernel_dirs=[str(tmp_path / "kernels")])


class Kernel:
    """A running kernel and what its cells show."""

    def __init__(self, manager: KernelManager, client: BlockingKernelClient) -> None:
        self.manager = manager
        self.client = client
        self.warnings = ""

    def run(self, code: str) -> tuple[str, list[str]]:
        """Run a cell; return what it printed, and its error's lines; what it warned of is kept."""
        self.warnings = ""
        shown: list[str] = []
        errors: list[str] = []

        def hook(message: dict[str, dict[str, object]]) -> None:
            kind, content = str(message["header"]["msg_type"]), message["content"]
            if kind == "stream" and content["name"] == "stdout":
                shown.append(str(content["text"]))
            elif kind == "stream":
                self.warnings += str(content["text"])
            elif kind == "error":
                lines = content["traceback"]
                assert isinstance(lines, list)
                errors.extend(lines)

        self.client.execute_interactive(code, timeout=120, output_hook=hook)
        return "".join(shown).strip(), errors


@contextmanager
def started(specs: KernelSpecManager, folder: Path) -> Iterator[Kernel]:
    """Start a kernel in a folder, and end it."""
    manager = KernelManager(kernel_name="dataops", kernel_spec_manager=specs)
    # below pytest kernels leave alone what other programs write
    manager.start_kernel(
        cwd=str(folder), env={name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    )
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=120)
        yield Kernel(manager, client)
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)


@pytest.fixture
def kernel(specs: KernelSpecManager, tmp_path: Path) -> Iterator[Kernel]:
    """A running kernel."""
    with started(specs, tmp_path) as running:
        yield running
