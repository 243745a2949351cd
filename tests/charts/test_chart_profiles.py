"""The sizes of server that people choose from: what the page says is what the pod gets, and Spark's session fits in."""

import asyncio
from typing import Any

import pytest

from dataops.platform.doctor.amounts import parse
from dataops.spark.profiles import PROFILES
from tests.charts.harness import ENVIRONMENTS, Object, Variant, template
from tests.charts.pods import manifest, spawner

GPU = "example.com/gpu"
NAMES = ("small", "medium", "large")


def notebook(env: str, profile: str = "", **settings: Any) -> Object:
    """The container of a person's server."""
    container: Object = asyncio.run(manifest(spawner(env, profile=profile, **settings)))["spec"]["containers"][0]
    return container


def size_of_spark(container: Object) -> str:
    return next(str(entry["value"]) for entry in container["env"] if entry["name"] == "SPARK_PROFILE")


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_a_start_without_a_choice_is_small(env: str) -> None:
    assert notebook(env) == notebook(env, "small") != notebook(env, "medium")


def test_the_profiles_are_as_agreed() -> None:
    small, medium = notebook("local", "small")["resources"], notebook("local", "medium")["resources"]
    assert [parse(small["requests"][what]) for what in ("cpu", "memory")] == [parse("30m"), parse("256Mi")]
    assert [parse(medium["requests"][what]) for what in ("cpu", "memory")] == [parse("1"), parse("2Gi")]
    assert [parse(medium["limits"][what]) for what in ("cpu", "memory")] == [parse("2"), parse("4Gi")]


@pytest.mark.parametrize("env", ENVIRONMENTS)
@pytest.mark.parametrize("profile", NAMES)
def test_two_spark_drivers_fit_beside_the_server(env: str, profile: str) -> None:
    """A kernel has one, and the next one waits warm."""
    container = notebook(env, profile)
    driver = PROFILES[size_of_spark(container)].driver_memory
    assert 2 * parse(f"{driver.upper()}i") < parse(container["resources"]["limits"]["memory"])
    assert size_of_spark(container) == profile


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_page_says_what_each_costs(env: str) -> None:
    said = {one["slug"]: one["description"] for one in spawner(env).profile_list}
    assert tuple(said) == NAMES
    assert said["medium"] == (
        "Up to 2 CPUs and 4 GB of memory; 1 CPU and 2 GB of it are kept free for you. While Spark works it adds up to "
        "4 executors of 1 CPU and 1.75 GB each."
    )


def test_the_gpu_is_offered_where_the_place_names_it() -> None:
    offered = spawner("openshift", gpu=GPU)
    assert [one["slug"] for one in offered.profile_list] == [*NAMES, "gpu"]
    assert f"1 {GPU} for you alone" in offered.profile_list[-1]["description"]
    resources = notebook("openshift", "gpu", gpu=GPU)["resources"]
    assert resources["limits"][GPU] == "1" and resources["requests"].get(GPU, "1") == "1"


def test_the_gpu_is_given_back_with_the_next_start() -> None:
    one = spawner("openshift", profile="gpu", gpu=GPU)
    first = asyncio.run(manifest(one))
    one.user_options = {"profile": "medium"}
    second = asyncio.run(manifest(one))
    assert GPU in str(first) and GPU not in str(second)


def test_the_fact_reaches_the_hub() -> None:
    assert f"gpu: {GPU}" in template(Variant("jupyterhub", "openshift"), gpu=GPU).stdout
