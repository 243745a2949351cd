"""Promises of the builder towards engines: which is taken, and what reaches a build without entering an image."""

from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform import ca
from dataops.platform.images import engine as engines
from dataops.platform.images.recipe import Recipe


@pytest.fixture
def programs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A PATH with nothing but a folder; tests put engines there that write down what they were asked."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("DATAOPS_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("ENGINE", raising=False)
    return folder


def put(folder: Path, name: str, code: int = 0) -> Path:
    """Make a program that writes its arguments and the secrets it was given into a file."""
    asked = folder / f"{name}.asked"
    script = f'#!/bin/bash\nprintf "%s\\n" "$@" >"{asked}"\n'
    script += (
        'for word; do case "$word" in id=network,src=*) /bin/cp "${word#*src=}" "'
        + str(folder)
        + '/network";; esac; done\n'
    )
    (folder / name).write_text(f"{script}exit {code}\n")
    (folder / name).chmod(0o755)
    return asked


def test_unknown_engine_is_refused_with_the_choice(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE", "nerdctl")
    with pytest.raises(UserError, match="ENGINE=nerdctl is unknown: choose one of docker, buildah, podman"):
        engines.choose_engine()
    with pytest.raises(UserError, match="ENGINE=lxc is unknown"):
        engines.choose_engine("lxc")


def test_absent_engine_is_refused(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENGINE", "podman")
    with pytest.raises(UserError, match="ENGINE=podman is not installed"):
        engines.choose_engine()


def test_engine_is_what_is_there(programs: Path) -> None:
    put(programs, "podman")
    assert engines.choose_engine() == "podman"
    put(programs, "buildah")
    assert engines.choose_engine() == "buildah"


def test_without_root_an_engine_needs_user_ids_to_give(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ranges = tmp_path / "subuid", tmp_path / "subgid"
    monkeypatch.setattr(engines, "ID_RANGES", ranges)
    monkeypatch.setattr("os.getuid", lambda: 54321)
    put(programs, "buildah")
    with pytest.raises(
        UserError, match=r"^user 54321 has no range in .*/subuid, and images hold files of more than one"
    ):
        engines.choose_engine()
    ranges[0].write_text("54321:100000:65536\n")
    ranges[1].write_text("5432:100000:65536\n")
    with pytest.raises(UserError, match="no range in .*/subgid"):
        engines.choose_engine()
    ranges[1].write_text("54321:100000:65536\n")
    assert engines.choose_engine() == "buildah"


def test_an_engine_that_does_not_answer_is_refused_when_it_was_typed(programs: Path) -> None:
    put(programs, "docker", code=1)
    with pytest.raises(UserError, match=r"ENGINE=docker does not answer: start it \(docker also needs buildx\)"):
        engines.choose_engine("docker")


def test_docker_without_buildx_is_passed_over(programs: Path) -> None:
    put(programs, "docker", code=1)
    put(programs, "buildah")
    assert engines.choose_engine() == "buildah"


def build(programs: Path, engine: str) -> list[str]:
    """Build an image with a recording engine and return the arguments it got."""
    asked = put(programs, engine)
    recipe = Recipe("spark-runtime", Path("images/spark/Dockerfile"), "runtime", ())
    engines.build_image(engine, Path("."), recipe, "localhost/dataops/spark-runtime:1", {"BASE": "b:1"}, 5)
    return asked.read_text().splitlines()


@pytest.mark.parametrize("engine", engines.ENGINES)
def test_ca_and_mirrors_reach_the_build_as_secrets_only(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, engine: str
) -> None:
    bundle = tmp_path / "company.pem"
    bundle.write_text(ca.new_ca()[0])
    monkeypatch.setenv("BUILD_CA", str(bundle))
    monkeypatch.setenv("PIP_INDEX_URL", "https://user:it's@mirror.example/simple")
    words = build(programs, engine)
    assert f"id=ca,src={bundle}" in words
    assert (programs / "network").read_text() == "PIP_INDEX_URL='https://user:it'\\''s@mirror.example/simple'\n"
    assert not any("mirror.example" in word for word in words)
    assert ["--target", "runtime"] == words[words.index("--target") :][:2]


@pytest.mark.parametrize("engine", ["buildah", "podman"])
def test_every_file_of_an_image_bears_the_date_that_was_given(programs: Path, engine: str) -> None:
    words = build(programs, engine)
    assert words[words.index("--timestamp") + 1] == "5"


def test_build_ca_none_means_none(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILD_CA", "none")
    assert not any(word.startswith("id=ca") for word in build(programs, "podman"))


def test_wrong_build_ca_is_named(programs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BUILD_CA", "/nowhere.pem")
    with pytest.raises(UserError, match="BUILD_CA=/nowhere.pem is not a file"):
        build(programs, "podman")


@pytest.mark.parametrize("content", [b"", b"only words", b"\xff\xfe"])
def test_a_build_ca_without_a_certificate_is_named(
    programs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    bundle = tmp_path / "company.pem"
    bundle.write_bytes(content)
    monkeypatch.setenv("BUILD_CA", str(bundle))
    with pytest.raises(UserError, match=f"^BUILD_CA={bundle} holds no readable certificate: name a file"):
        build(programs, "podman")


@pytest.mark.parametrize(
    "words",
    [
        "Error: creating build container: initializing source docker://registry.invalid/x:latest: no such host",
        "ERROR: failed to solve: registry.invalid/x: failed to resolve source metadata for registry.invalid/x: EOF",
    ],
)
def test_a_registry_out_of_reach_is_one_sentence_that_names_the_image(programs: Path, words: str) -> None:
    (programs / "podman").write_text(f"#!/bin/sh\necho 'Trying to pull' >&2\necho '{words}' >&2\nexit 125\n")
    (programs / "podman").chmod(0o755)
    recipe = Recipe("base", Path("images/base/Dockerfile"), None, ())
    with pytest.raises(UserError) as error:
        engines.build_image("podman", Path("."), recipe, "b:1", {"BASE_IMAGE": "registry.invalid/x"}, 5)
    sentence = str(error.value)
    assert sentence.startswith("registry.invalid/x, which image base starts from, cannot be pulled (")
    assert sentence.endswith("or name another one with BASE_IMAGE") and "\n" not in sentence


def test_a_build_that_fails_later_shows_its_last_lines(programs: Path) -> None:
    (programs / "podman").write_text("#!/bin/sh\necho 'no such package' >&2\nexit 1\n")
    (programs / "podman").chmod(0o755)
    recipe = Recipe("base", Path("images/base/Dockerfile"), None, ())
    with pytest.raises(UserError, match=r"ended with 1 \(all of it is in .*image-base.log\):\nno such package"):
        engines.build_image("podman", Path("."), recipe, "b:1", {"BASE_IMAGE": "registry.invalid/x"}, 5)
