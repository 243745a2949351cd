"""Promises of the images' content hashes: what goes in changes the tag, nothing else does."""

from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform.images.recipe import image_names, parents, read_recipe, reference, timestamp

VERSIONS = {"TOOL_VERSION": "1.0", "UNUSED_VERSION": "1.0", "IMAGES_DATE": "2026-01-31"}
OUTSIDE = "localhost/dataops/rootfs:abc"


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with three images: base, one with a stage, and one that starts from that stage."""
    dockerfiles = {
        "base": "ARG BASE_IMAGE\nFROM ${BASE_IMAGE}\n",
        "engine": (
            "# a comment\nARG BASE\nFROM ${BASE} AS runtime\nARG TOOL_VERSION\n"
            "COPY --chown=0:0 \\\n  locks/engine-${TOOL_VERSION}.txt /lock.txt\n"
            "FROM runtime\nCOPY src/ /src/\nCOPY --from=runtime /nowhere/ /x/\n"
        ),
        "child": "ARG ENGINE_RUNTIME\nFROM ${ENGINE_RUNTIME}\n",
    }
    for name, text in dockerfiles.items():
        (tmp_path / "images" / name).mkdir(parents=True)
        (tmp_path / "images" / name / "Dockerfile").write_text(text)
    for name in ("locks/engine-1.0.txt", "locks/engine-2.0.txt", "src/code.py", "src/cli/main.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("first")
    (tmp_path / ".dockerignore").write_text("# only these\n*\n!src\n**/__pycache__\n**/*.pyc\nsrc/cli\n")
    return tmp_path


def tags(root: Path, versions: dict[str, str] | None = None, outside: str = OUTSIDE) -> dict[str, str]:
    """The reference of each image of a checkout."""
    return {name: reference(root, read_recipe(root, name), versions or VERSIONS, outside) for name in image_names(root)}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Images whose reference differs."""
    return {name for name in before if before[name] != after[name]}


def test_code_changes_only_the_image_that_copies_it(root: Path) -> None:
    before = tags(root)
    (root / "src/code.py").write_text("second")
    assert changed(before, tags(root)) == {"engine"}


def test_lock_of_a_stage_changes_the_image_and_its_children(root: Path) -> None:
    before = tags(root)
    (root / "locks/engine-1.0.txt").write_text("second")
    assert changed(before, tags(root)) == {"engine", "child"}


def test_outside_image_changes_all(root: Path) -> None:
    assert changed(tags(root), tags(root, outside="debian:other")) == {"base", "engine", "child"}


def test_version_changes_only_the_images_that_declare_it(root: Path) -> None:
    before = tags(root)
    assert changed(before, tags(root, {**VERSIONS, "UNUSED_VERSION": "2.0"})) == set()
    assert changed(before, tags(root, {**VERSIONS, "TOOL_VERSION": "2.0"})) == {"engine", "child"}


def test_the_date_of_the_files_changes_all(root: Path) -> None:
    before = tags(root)
    assert changed(before, tags(root, {**VERSIONS, "IMAGES_DATE": "2026-02-01"})) == {"base", "engine", "child"}


def test_the_date_is_midnight_and_a_wrong_one_is_named() -> None:
    assert timestamp({"IMAGES_DATE": "2026-01-31"}) == 1769817600
    with pytest.raises(UserError, match="IMAGES_DATE=31.1.2026 is no date: write it as 2026-11-21"):
        timestamp({"IMAGES_DATE": "31.1.2026"})


def test_stages_below_the_one_of_the_images_name_belong_to_others(root: Path) -> None:
    file = root / "images/base/Dockerfile"
    file.write_text("ARG BASE_IMAGE\nFROM ${BASE_IMAGE} AS base\nFROM base AS extra\nCOPY src/ /src/\n")
    before = tags(root)
    (root / "src/code.py").write_text("second")
    assert changed(before, tags(root)) == {"engine"}
    base, extra = read_recipe(root, "base"), read_recipe(root, "base", "extra")
    assert (base.name, base.target, extra.name) == ("base", "base", "base-extra")
    assert base.sources(VERSIONS) == () and extra.sources(VERSIONS) == ("src/",)


def test_executable_bit_changes_the_tag(root: Path) -> None:
    before = tags(root)
    (root / "src/code.py").chmod(0o755)
    assert changed(before, tags(root)) == {"engine"}


@pytest.mark.parametrize("name", ["src/__pycache__/code.pyc", "src/deep/x.pyc", "src/cli/main.py", "README.md"])
def test_what_is_not_sent_changes_nothing(root: Path, name: str) -> None:
    before = tags(root)
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text("second")
    assert changed(before, tags(root)) == set()


def test_comment_changes_nothing(root: Path) -> None:
    before = tags(root)
    file = root / "images/engine/Dockerfile"
    file.write_text(file.read_text().replace("# a comment", "# another comment"))
    assert changed(before, tags(root)) == set()


def test_child_starts_from_a_stage(root: Path) -> None:
    (parent,) = parents(root, read_recipe(root, "child")).values()
    assert (parent.name, parent.target, parent.sources(VERSIONS)) == (
        "engine-runtime",
        "runtime",
        ("locks/engine-1.0.txt",),
    )


def test_unknown_image_is_named_with_the_choice(root: Path) -> None:
    with pytest.raises(UserError, match="no image 'sparc': choose from base, child, engine"):
        read_recipe(root, "sparc")


def test_missing_source_is_named(root: Path) -> None:
    (root / "locks/engine-1.0.txt").unlink()
    with pytest.raises(UserError, match=r"locks/engine-1.0.txt is missing"):
        tags(root)


def test_unknown_build_argument_is_named(root: Path) -> None:
    with (root / "images/child/Dockerfile").open("a") as file:
        file.write("ARG NEW_VERSION\n")
    with pytest.raises(UserError, match="NEW_VERSION: add it to versions.env"):
        tags(root)
