"""The example notebooks are in a user's folder, and nothing of the user's gives way to them."""

from pathlib import Path

import pytest

from dataops.jupyter import extension


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home, with examples elsewhere."""
    examples = tmp_path / "image"
    examples.mkdir()
    (examples / "first_steps.ipynb").touch()
    monkeypatch.setattr(extension, "EXAMPLES", examples)
    (tmp_path / "home").mkdir()
    return tmp_path / "home"


def test_a_home_shows_them(home: Path) -> None:
    for _ in range(2):
        extension.link_examples(home)
        assert (home / "examples" / "first_steps.ipynb").exists()


def test_what_somebody_has_there_stays(home: Path) -> None:
    (home / "examples").mkdir()
    (home / "examples" / "mine.ipynb").touch()
    extension.link_examples(home)
    assert [path.name for path in (home / "examples").iterdir()] == ["mine.ipynb"]


def test_an_image_without_them_leaves_the_home_alone(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extension, "EXAMPLES", home / "nowhere")
    extension.link_examples(home)
    assert not list(home.iterdir())
