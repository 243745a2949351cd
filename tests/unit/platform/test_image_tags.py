"""Elsewhere than on this machine pods name images by digest; a tag that is none or not there is said first."""

from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform import deploy, guard, helm, plan, registry
from dataops.platform.environment import load_environment
from dataops.platform.images import builder

ROOT = Path(__file__).resolve().parents[3]
REGISTRY = "registry.example.com/dataops"
DIGEST, OTHER = f"sha256:{'1' * 64}", f"sha256:{'2' * 64}"
FACTS = "global: {tags: {spark: v9, mlflow: '%s'}}" % OTHER


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the registry was asked for; it holds everything."""
    found: list[str] = []

    def digest(reference: str) -> str | None:
        found.append(reference)
        return DIGEST

    def template(chart: object, environment: object, values: dict[str, dict[str, str]]) -> str:
        # as the charts do, except for images that only ENV=local has
        tags = values["tags"]
        return "".join(f"image: {place}/{one}:{tags[one]}\n" for place in places for one in ("spark", "mlflow"))

    places = [REGISTRY, "site.example:5000/team"]
    monkeypatch.setattr(registry, "digest", digest)
    monkeypatch.setattr(helm, "template", template)
    for name in ("REGISTRY", "TAG", "FACTS"):
        monkeypatch.delenv(name, raising=False)
    return found


def tags(env: str = "openshift") -> dict[str, str]:
    """What the images of a place are named by."""
    return plan.image_tags(ROOT, load_environment(ROOT, env))


def content(name: str) -> str:
    """The tag that the checkout gives an image."""
    return builder.image_refs(ROOT)[name].rpartition(":")[2]


def test_the_tags_of_the_checkout_become_digests_for_what_the_charts_name(asked: list[str]) -> None:
    found = tags()
    assert sorted(asked) == sorted(f"{REGISTRY}/{name}:{content(name)}" for name in ("spark", "mlflow"))
    assert found["spark"] == found["mlflow"] == DIGEST
    assert found["minio"] == content("minio")  # nobody pulls it there


def test_this_machine_asks_no_registry(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY", "site.example:5000/team")
    monkeypatch.setenv("TAG", "v1.2.0")
    assert tags("local")["spark"] == content("spark") and asked == []
    assert load_environment(ROOT, "local").get("registry") == "localhost/dataops"


def test_the_command_line_names_registry_and_tag(asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY", "site.example:5000/team")
    monkeypatch.setenv("TAG", "v1.2.0")
    tags()
    assert sorted(asked) == [f"site.example:5000/team/{name}:v1.2.0" for name in ("mlflow", "spark")]


def test_what_the_environment_pins_comes_before_the_command_line(
    asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "facts.yaml").write_text(FACTS, encoding="utf-8")
    monkeypatch.setenv("FACTS", str(tmp_path / "facts.yaml"))
    monkeypatch.setenv("TAG", "v1.2.0")
    found = tags()
    assert found["mlflow"] == OTHER and found["spark"] == DIGEST
    assert asked == [f"{REGISTRY}/spark:v9"]  # a digest needs no registry


def test_an_image_that_the_registry_lacks_stops_a_deploy_before_the_cluster_is_asked(
    asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "digest", lambda reference: None if "spark" in reference else DIGEST)
    monkeypatch.setattr(guard, "refuse_foreign", lambda *_: None)
    monkeypatch.setattr(deploy, "ensure_tool", lambda *_: None)
    monkeypatch.setattr(deploy, "_cluster", lambda *_: pytest.fail("the cluster was asked"))
    with pytest.raises(UserError) as error:
        deploy.deploy(ROOT, load_environment(ROOT, "openshift"))
    assert str(error.value).startswith(
        f"{REGISTRY}/spark:{content('spark')} is not in the registry: `make push` brings"
    )


@pytest.mark.parametrize(
    ("facts", "tag", "sentence"),
    [
        ("{spark: 'a b'}", None, "pins global.tags.spark: a b, which is neither tag nor digest: correct it"),
        ("{spark: 'sha256:12'}", None, "pins global.tags.spark: sha256:12, which is neither tag nor digest"),
        ("{sparc: v1}", None, "pins global.tags.sparc, which is no image: choose from airflow, base"),
        ("{}", DIGEST, f"TAG={DIGEST} is no tag: name one that every image has"),
    ],
)
def test_what_is_no_tag_is_refused(
    facts: str, tag: str | None, sentence: str, asked: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "facts.yaml").write_text(f"global: {{tags: {facts}}}", encoding="utf-8")
    monkeypatch.setenv("FACTS", str(tmp_path / "facts.yaml"))
    if tag:
        monkeypatch.setenv("TAG", tag)
    with pytest.raises(UserError) as error:
        tags()
    assert sentence in str(error.value) and asked == []


@pytest.mark.parametrize("wrong", ["https://site.example/team", "site.example/team/", "site.example/Team"])
def test_a_registry_that_is_none_is_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REGISTRY", wrong)
    with pytest.raises(
        UserError, match=f"with REGISTRY={wrong} is wrong: global.registry: '{wrong}' is not host and path"
    ):
        load_environment(ROOT, "openshift")
