"""A bundle is installed only as it was written and for the checkout it was made from; nothing else is overwritten."""

import shutil
from collections import namedtuple
from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform import bundle, bundle_inputs, registry
from dataops.platform.bundle_inputs import jar_locks, package_locks, sha256, write_index
from dataops.platform.images import builder
from dataops.platform.versions import load_versions
from tests.unit.layouts import small_bundle, small_image

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def made(tmp_path: Path) -> bundle.Bundle:
    """A bundle for this checkout, of images of a few bytes."""
    return small_bundle(tmp_path / "bundle", [ref.rpartition("/")[2] for ref in builder.image_refs(ROOT).values()])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """What a registry was asked for, or given."""
    found: list[str] = []
    monkeypatch.setattr(registry, "digest", lambda reference: found.append(reference))
    monkeypatch.setattr(registry, "copy", lambda source, target: found.append(target))
    monkeypatch.setenv("DATAOPS_CACHE", str(tmp_path / "cache"))
    return found


def test_the_list_names_every_file_and_the_digest_of_every_image(tmp_path: Path) -> None:
    expected = small_image(tmp_path / "twin", "spark:1", content="I am spark:1")
    made = small_bundle(tmp_path / "bundle", ["spark:1"])
    assert made.images == {"spark:1": expected}
    on_disk = {str(path.relative_to(made.folder)) for path in made.folder.rglob("*") if path.is_file()}
    assert set(made.files) == on_disk - {"bundle.json"}
    assert made.files["jars/postgresql.jar"] == (19, sha256(made.folder / "jars/postgresql.jar"))
    assert bundle.verify(made.folder) == made


@pytest.mark.parametrize(
    ("path", "content", "sentence"),
    [
        ("charts/spark-0.1.0.tgz", "charts/spark-0.1.0.tgy", "(charts/spark-0.1.0.tgz is damaged)"),
        ("charts/spark-0.1.0.tgz", "more than there was before", "(charts/spark-0.1.0.tgz is damaged)"),
        ("jars/postgresql.jar", None, "(jars/postgresql.jar is missing)"),
        ("packages/boto3/evil.whl", "", "(packages/boto3/evil.whl is not listed)"),
        ("images/index.json", "{}", "(images/index.json is damaged)"),
    ],
)
def test_what_was_not_written_is_not_installed(
    path: str, content: str | None, sentence: str, made: bundle.Bundle, asked: list[str]
) -> None:
    file = made.folder / path
    file.unlink() if content is None else file.write_text(content, encoding="utf-8")
    with pytest.raises(UserError) as error:
        bundle.install(ROOT, made.folder, "registry.example.com/dataops")
    assert sentence in str(error.value) and str(error.value).endswith(": copy the bundle again") and asked == []


@pytest.mark.parametrize("content", ["", "[]", '{"images": {}}', '{"made_from": "x", "images": {}, "files": [1]}'])
def test_a_damaged_list_is_refused(content: str, made: bundle.Bundle) -> None:
    (made.folder / "bundle.json").write_text(content, encoding="utf-8")
    with pytest.raises(UserError, match="bundle.json is damaged: copy the bundle again$"):
        bundle.verify(made.folder)


def test_a_folder_without_a_list_is_no_bundle(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="is no bundle, bundle.json is not in it: name one that `make bundle` wrote"):
        bundle.verify(tmp_path / "nowhere")


def test_a_bundle_of_another_checkout_is_refused(tmp_path: Path, asked: list[str]) -> None:
    other = small_bundle(tmp_path / "bundle", ["airflow:0123456789ab"])
    with pytest.raises(UserError, match="lacks airflow:.*, which this checkout deploys: check out a-commit, which"):
        bundle.install(ROOT, other.folder, "registry.example.com/dataops")
    assert asked == []


def test_a_registry_that_changes_images_is_noticed(made: bundle.Bundle, asked: list[str]) -> None:
    with pytest.raises(UserError, match="has another digest than the bundle's image"):
        bundle.install(ROOT, made.folder, "registry.example.com/dataops")


def test_a_folder_with_something_else_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work", encoding="utf-8")
    with pytest.raises(UserError, match="holds something that is no bundle: name an empty folder in OUT"):
        bundle.create(ROOT, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_small_disk_is_named_before_anything_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(9, 9, 1_500_000_000))
    with pytest.raises(UserError, match=f"^{tmp_path} has 1.5 GB free, a bundle takes up to .*: make room"):
        bundle.create(ROOT, tmp_path / "deep/bundle")
    assert list(tmp_path.iterdir()) == []


def test_packages_become_an_index(tmp_path: Path) -> None:
    for name in ("Flask_SQLAlchemy-3.1-py3-none-any.whl", "flask_sqlalchemy-3.0.tar.gz", "boto3-1-py3-none-any.whl"):
        (tmp_path / name).write_text(name, encoding="utf-8")
    write_index(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["boto3", "flask-sqlalchemy"]
    page = (tmp_path / "flask-sqlalchemy/index.html").read_text(encoding="utf-8")
    digest = sha256(tmp_path / "flask-sqlalchemy/flask_sqlalchemy-3.0.tar.gz")
    assert f'<a href="flask_sqlalchemy-3.0.tar.gz#sha256={digest}">' in page and page.count("<a ") == 2


def test_the_locks_of_every_image_and_of_the_tests_are_taken() -> None:
    versions = load_versions(ROOT)
    names = {path.name for path in package_locks(ROOT, versions)}
    assert {f"spark-{versions['SPARK_VERSION']}.txt", f"uv-{versions['UV_VERSION']}.txt", "dev.txt"} <= names
    assert not any(name.startswith("jars") for name in names)
    assert f"spark-{versions['SPARK_VERSION_ALSO_SUPPORTED']}.txt" not in names
    assert [path.name for path in jar_locks(ROOT, versions)] == [f"jars-{versions['SPARK_VERSION']}.txt"]


def test_a_jar_that_is_not_the_locked_one_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def copy_jar(coordinate: str, folder: Path, *_: str) -> Path:
        (folder / "a.jar").write_text("other", encoding="utf-8")
        return folder / "a.jar"

    monkeypatch.setattr(bundle_inputs, "copy_jar", copy_jar)
    lock = tmp_path / "jars-1.txt"
    lock.write_text(f"# by hand\norg:a:1 {'0' * 64}\n", encoding="utf-8")
    with pytest.raises(UserError, match="^org:a:1 has sha256 .*, jars-1.txt says 0{64}: do not use this download$"):
        bundle_inputs.download_jars(lock, tmp_path)
