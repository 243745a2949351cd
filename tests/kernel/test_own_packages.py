"""Packages that people add: pip, terminals and kernels see them, and none takes the place of one that the image has."""

import json
import re
import subprocess
import sys
import sysconfig
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest
from jupyter_client.kernelspec import KernelSpecManager

from tests.charts.harness import read_yaml
from tests.kernel.conftest import ROOT, started
from tests.unit.tls import file_server, make_certificates

IMAGE = ROOT / "images" / "notebook"
BUNDLE = "/etc/dataops/ca/ca-bundle.crt"
LOCK = "brought==1.0 \\\n    --hash=sha256:00\n    # via someone\nnumpy==1.26.4 \\\n    --hash=sha256:00\n"
# What the kernel imports before the first cell, and what people are likely to upgrade.
POISONED = ("IPython", "ipykernel", "traitlets", "tornado", "zmq", "dataops", "pandas", "numpy")


def wheel(folder: Path, name: str, version: str, needs: str = "") -> None:
    """Write a package of one module, which knows its version."""
    folder.mkdir(parents=True, exist_ok=True)
    info = f"{name}-{version}.dist-info"
    metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n" + (
        f"Requires-Dist: {needs}\n" if needs else ""
    )
    files = {
        f"{name}.py": f"version = '{version}'\n",
        f"{info}/METADATA": metadata,
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/entry_points.txt": f"[console_scripts]\n{name}-command = {name}:main\n",
    }
    record = "".join(f"{path},,\n" for path in (*files, f"{info}/RECORD"))
    with zipfile.ZipFile(folder / f"{name}-{version}-py3-none-any.whl", "w") as archive:
        for path, content in (files | {f"{info}/RECORD": record}).items():
            archive.writestr(path, content)


@dataclass(frozen=True)
class Person:
    """Somebody who works with an environment that is not theirs to write to, in a folder with a home in it."""

    venv: Path
    folder: Path

    def environment(self, **more: str) -> dict[str, str]:
        """Their environment variables."""
        return {"HOME": str(self.folder / "home"), "PATH": "/usr/bin:/bin", **more}

    def pip(self, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run pip, which asks no network unless it is told to."""
        environment = self.environment(**(more or {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.folder / "w")}))
        command = [str(self.venv / "bin" / "pip"), *words]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    def python(self, code: str, **more: str) -> str:
        """What Python prints, or how it fails."""
        command, environment = [str(self.venv / "bin" / "python"), "-c", code], self.environment(**more)
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.fixture(scope="module")
def venv(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that the image's build has opened."""
    folder = tmp_path_factory.mktemp("image")
    subprocess.run([sys.executable, "-m", "venv", folder / "venv"], check=True)
    (folder / "lock.txt").write_text(LOCK)
    environment = {"PATH": "/usr/bin:/bin", "UV_VENV": str(folder / "venv")}
    subprocess.run([IMAGE / "build" / "open-user-site", folder / "lock.txt"], env=environment, check=True)
    return folder / "venv"


@pytest.fixture
def anna(venv: Path, tmp_path: Path) -> Person:
    """A person with an empty home."""
    return Person(venv, tmp_path)


def test_what_a_person_adds_is_in_the_home_and_found(anna: Person) -> None:
    wheel(anna.folder / "w", "mine", "1.0")
    assert anna.pip("install", "--user", "mine").returncode == 0
    assert anna.python("import mine; print(mine.version, mine.__file__)").startswith(f"1.0 {anna.folder}/home/.local/")
    assert "No module named 'mine'" in anna.python("import mine", PYTHONNOUSERSITE="1")


@pytest.mark.parametrize(("authority", "trusted"), [("ca.pem", True), ("other.pem", False)])
def test_the_mirror_is_trusted_by_the_ca_of_the_place(anna: Person, authority: str, trusted: bool) -> None:
    certificates = make_certificates(anna.folder)
    wheel(anna.folder / "simple" / "mine", "mine", "1.0")
    facts = read_yaml(ROOT / "docker-compose.yml")["x-facts"]
    trust = dict.fromkeys((name for name in facts if facts[name] == BUNDLE), str(anna.folder / authority))
    with file_server(anna.folder, certificates.context()) as address:
        done = anna.pip("install", "--user", "--retries=0", "mine", PIP_INDEX_URL=f"{address}/simple", **trust)
    assert (done.returncode == 0) == trusted, done.stdout + done.stderr


def test_what_the_image_brings_keeps_its_version(anna: Person) -> None:
    for version in ("1.0", "2.0"):
        wheel(anna.folder / "w", "brought", version)
    wheel(anna.folder / "w", "mine", "1.0", "brought")
    wheel(anna.folder / "w", "mine", "2.0", "brought>=2")
    assert anna.pip("install", "--user", "mine").returncode == 0
    assert anna.python("import mine, brought; print(mine.version, brought.version)") == "1.0 1.0"
    refused = anna.pip("install", "--user", "mine==2.0")
    assert refused.returncode and re.search(r"\(constraint\) brought==1.0", refused.stdout + refused.stderr)


def test_a_kernel_starts_whatever_lies_there(
    anna: Person, specs: KernelSpecManager, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    theirs = Path(anna.python("import site; print(site.getusersitepackages())"))
    theirs.mkdir(parents=True)
    for name in POISONED:
        (theirs / f"{name}.py").write_text("raise SystemExit('not the one of the image')\n")
    (theirs / "mine.py").touch()
    (theirs / "broken.pth").write_text("import nothing_of_that_name\n")
    image = [sysconfig.get_path("purelib"), str(ROOT / "src"), str(ROOT)]
    next(anna.venv.glob("lib/python*/site-packages")).joinpath("image.pth").write_text("\n".join(image))
    spec = Path(specs.kernel_dirs[0]) / "dataops" / "kernel.json"
    content = json.loads(spec.read_text())
    spec.write_text(json.dumps(content | {"argv": [str(anna.venv / "bin" / "python"), *content["argv"][1:]]}))
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with started(specs, tmp_path) as kernel:
        shown, errors = kernel.run("import mine, numpy, pandas; print(show_sample.__module__, mine.__file__)")
    assert (shown, errors) == (f"dataops.notebook.sample {theirs / 'mine.py'}", [])
