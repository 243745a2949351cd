"""Promises of publishing: nothing is built twice, parents are shared, a release never changes, charts are whole."""

import tarfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import yaml

from dataops.errors import UserError
from dataops.platform import publish, registry
from dataops.platform.images import engine as engines
from dataops.platform.images import layout as layouts
from dataops.platform.images.builder import image_refs
from dataops.platform.images.recipe import Recipe, image_names, parents, read_recipe, reference
from dataops.platform.images.rootfs import base_image
from dataops.platform.paths import repository_root
from dataops.platform.process import run
from dataops.platform.tools import ensure_tool
from dataops.platform.versions import load_versions

ROOT = repository_root()
TARGET = "registry.example.com/dataops"


@dataclass
class World:
    """A registry and an engine in memory; `done` is everything that changed either, in order."""

    registry: dict[str, str] = field(default_factory=dict)
    engine: dict[str, str] = field(default_factory=dict)
    done: list[str] = field(default_factory=list)

    def build(self, root: Path, recipe: Recipe, versions: dict[str, str], engine: str) -> str:
        versions = load_versions(root)
        name = reference(root, recipe, versions, base_image(versions))
        for parent in parents(root, recipe).values():
            above = reference(root, parent, versions, base_image(versions))
            assert above in self.engine, f"{recipe.name} is built without {parent.name}"
        self.done.append(f"build {recipe.name}")
        self.engine[name] = f"sha256:made-here-{recipe.name}"
        return name

    def push(self, engine: str, local: str, remote: str) -> None:
        self.done.append(f"push {remote.rpartition(':')[0].removeprefix(f'{TARGET}/')}")
        self.registry[remote] = self.engine[local]

    def pull(self, engine: str, remote: str, local: str) -> None:
        self.done.append(f"pull {remote.rpartition(':')[0].removeprefix(f'{TARGET}/')}")
        self.engine[local] = self.registry[remote]

    def copy(self, source: str, target: str) -> None:
        self.done.append(f"copy {target.removeprefix(f'{TARGET}/')}")
        self.registry[target] = self.registry[source]

    def fill(self, *but: str) -> None:
        """Put every image and stage into the registry, except for some."""
        versions = load_versions(ROOT)
        for recipe in everything():
            if recipe.name not in but:
                name = reference(ROOT, recipe, versions, base_image(versions)).removeprefix("localhost/dataops/")
                self.registry[f"{TARGET}/{name}"] = f"sha256:there-{recipe.name}"


def everything() -> list[Recipe]:
    """Every image, and every stage that others start from."""
    found: dict[str, Recipe] = {}

    def add(recipe: Recipe) -> None:
        for parent in parents(ROOT, recipe).values():
            add(parent)
        found[recipe.name] = recipe

    for name in image_names(ROOT):
        add(read_recipe(ROOT, name))
    return list(found.values())


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(registry, "digest", made.registry.get)
    monkeypatch.setattr(registry, "copy", made.copy)
    monkeypatch.setattr(publish, "build_recipe", made.build)
    monkeypatch.setattr(engines, "choose_engine", lambda wanted: wanted or "buildah")
    monkeypatch.setattr(engines, "exists", lambda engine, name: name in made.engine)
    monkeypatch.setattr(layouts, "push", made.push)
    monkeypatch.setattr(engines, "pull", made.pull)
    return made


def test_an_empty_registry_gets_everything_once_and_parents_first(world: World) -> None:
    publish.push(ROOT, TARGET)
    built = [line.removeprefix("build ") for line in world.done if line.startswith("build ")]
    assert sorted(built) == sorted(recipe.name for recipe in everything())
    assert built.index("base-science") < built.index("spark-runtime") < built.index("notebook")
    assert not [line for line in world.done if line.startswith("pull")]
    world.done.clear()
    publish.push(ROOT, TARGET)
    assert not world.done


def test_what_the_registry_has_is_only_named_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.fill()
    monkeypatch.setattr(engines, "choose_engine", lambda wanted: pytest.fail("no engine is needed for that"))
    publish.push(ROOT, TARGET, "0a1b2c3d")
    assert world.done == [f"copy {name}:0a1b2c3d" for name in image_names(ROOT)]
    assert world.registry[f"{TARGET}/spark:0a1b2c3d"] == "sha256:there-spark"
    world.done.clear()
    publish.push(ROOT, TARGET, "0a1b2c3d")
    assert not world.done


def test_a_changed_image_is_built_on_the_registrys_own_parents(world: World) -> None:
    world.fill("notebook")
    publish.push(ROOT, TARGET)
    assert world.done == ["pull spark-runtime", "build notebook", "push notebook"]


def test_what_the_engine_has_already_is_pushed_and_not_built(world: World) -> None:
    world.fill("mlflow")
    world.engine[image_refs(ROOT)["mlflow"]] = "sha256:yesterday"
    publish.push(ROOT, TARGET)
    assert world.done == ["push mlflow"]


def test_a_branch_builds_what_is_missing_and_pushes_nothing(world: World) -> None:
    world.fill("spark", "spark-runtime", "notebook")
    before = dict(world.registry)
    built = publish.build_missing(ROOT, TARGET)
    assert [line for line in world.done if line.startswith("build")] == [
        "build spark-runtime",
        "build notebook",
        "build spark",
    ]
    assert len(built) == 3 and world.registry == before


def test_a_commits_tag_may_move_and_a_releases_never(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "push_charts", lambda root, target: [])
    monkeypatch.setattr(publish, "_check_versions", lambda root, version: None)
    world.fill()
    world.registry |= {f"{TARGET}/spark:abc": "sha256:older", f"{TARGET}/spark:v1.2.0": "sha256:older"}
    publish.push(ROOT, TARGET, "abc")
    assert world.registry[f"{TARGET}/spark:abc"] == "sha256:there-spark"
    world.done.clear()
    with pytest.raises(UserError, match="spark:v1.2.0 is released already and is another image"):
        publish.push(ROOT, TARGET, "v1.2.0")
    assert not world.done, "refused before anything is tagged"


def test_a_release_needs_charts_of_its_version(world: World) -> None:
    with pytest.raises(UserError, match=r"TAG=v99\.0\.0 is a release, but charts/.*/Chart.yaml says"):
        publish.push(ROOT, TARGET, "v99.0.0")
    assert not world.done


@pytest.mark.parametrize(
    "target", ["https://registry.example.com/dataops", "registry/UPPER", "registry.example.com/", "a b"]
)
def test_a_registry_that_is_none_is_refused(world: World, target: str) -> None:
    with pytest.raises(UserError, match="is no registry: write host and path without https://"):
        publish.push(ROOT, target)


def test_a_tag_that_is_none_is_refused(world: World) -> None:
    with pytest.raises(UserError, match="TAG=a/b is no tag"):
        publish.push(ROOT, TARGET, "a/b")


@pytest.fixture(scope="module")
def archives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Every chart as an archive, by its name, in a folder that has nothing else of the repository."""
    made = publish.package(ROOT, tmp_path_factory.mktemp("dist"))
    return {path.name.rpartition("-")[0]: path for path in made}


def test_every_application_chart_is_packaged_under_its_own_version(archives: dict[str, Path]) -> None:
    described = [yaml.safe_load(path.read_text()) for path in sorted((ROOT / "charts").glob("*/Chart.yaml"))]
    wanted = {f"{one['name']}-{one['version']}.tgz" for one in described if one["type"] == "application"}
    assert {path.name for path in archives.values()} == wanted and all(path.is_file() for path in archives.values())


@pytest.fixture(scope="module")
def helm() -> Callable[..., str]:
    return lambda *words: run([ensure_tool("helm"), *words], cwd=Path("/")).stdout


@pytest.mark.parametrize("name", ["platform", "spark", "mlflow", "airflow", "jupyterhub"])
def test_an_archive_renders_as_the_checkout_does(
    name: str, archives: dict[str, Path], helm: Callable[..., str], tmp_path: Path
) -> None:
    facts = tmp_path / "openshift.yaml"
    facts.write_text((ROOT / "environments" / "openshift.yaml").read_text())
    with tarfile.open(archives[name]) as archive:
        assert f"{name}/charts/common/Chart.yaml" in archive.getnames(), "the library chart is not inside"
        archive.extractall(tmp_path, filter="data")
    tags = [f"--set=global.tags.{image}=v1.2.0" for image in image_names(ROOT)]
    overlay = "values-openshift.yaml"

    def render(chart: Path) -> str:
        files = [f"--values={path}" for path in (chart / overlay, facts) if path.is_file()]
        version = f"--kube-version={load_versions(ROOT)['KUBERNETES_VERSION']}"
        return helm("template", name, chart, "--namespace=dataops", version, *files, *tags)

    rendered = render(tmp_path / name)
    assert rendered == render(ROOT / "charts" / name) and "kind:" in rendered
    assert not [path for path in (tmp_path / name).rglob("*") if path.is_symlink()]
