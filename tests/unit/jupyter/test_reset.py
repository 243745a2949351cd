"""`reset-my-environment`: what a person added is put aside, never deleted; everything else stays."""

import subprocess
from pathlib import Path

PROGRAM = Path(__file__).parents[3] / "images" / "notebook" / "bin" / "reset-my-environment"


def reset(home: Path) -> str:
    """What it says in a home."""
    environment = {"HOME": str(home), "PATH": "/usr/bin:/bin"}
    return subprocess.run([PROGRAM], env=environment, capture_output=True, text=True, check=True).stdout


def test_packages_and_settings_are_put_aside_and_work_stays(tmp_path: Path) -> None:
    for name in (".local/lib/python3.11/mine.py", ".ipython/startup.py", ".jupyter/settings", ".config/pip/pip.conf"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).touch()
    for name in ("work.ipynb", ".gitconfig", ".config/other"):
        (tmp_path / name).touch()
    said = reset(tmp_path)
    (aside,) = tmp_path.glob("environment-until-*")
    assert f"~/{aside.name} " in said
    assert {path.name for path in tmp_path.iterdir()} == {aside.name, "work.ipynb", ".gitconfig", ".config"}
    assert (tmp_path / ".config" / "other").exists()
    kept = {str(path.relative_to(aside)) for path in aside.rglob("*") if path.is_file()}
    assert kept == {".local/lib/python3.11/mine.py", ".ipython/startup.py", ".jupyter/settings", "pip/pip.conf"}


def test_a_home_without_them_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "work.ipynb").touch()
    assert reset(tmp_path).startswith("Nothing to reset")
    assert [path.name for path in tmp_path.iterdir()] == ["work.ipynb"]
