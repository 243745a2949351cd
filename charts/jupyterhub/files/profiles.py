"""The sizes of server that people choose from: KubeSpawner's profiles, made of the amounts in the chart's values."""

from typing import Any

from traitlets.config import Config

from dataops.spark.profiles import PROFILES

# In the order of the page, each with the size of its Spark sessions; a start without a choice gets the first.
TITLES = {
    "small": ("Small: look at data, write code", "small"),
    "medium": ("Medium: work on larger tables, train a model", "medium"),
    "large": ("Large: heavy work, for as long as it takes", "large"),
    "gpu": ("GPU: train on a graphics card", "medium"),
}
UNITS = {"M": 1, "G": 1024, "T": 1024 * 1024}


def cpus(number: float) -> str:
    """Return a number of processors as people say it."""
    return f"{number:g} CPU{'s' if number > 1 else ''}"


def mebibytes(text: str) -> int:
    """Read an amount of memory such as `512m` or `2G`."""
    return int(text[:-1]) * UNITS[text[-1].upper()]


def memory(amount: int) -> str:
    """Return an amount of memory as people say it."""
    return f"{amount} MB" if amount < UNITS["G"] else f"{amount / UNITS['G']:g} GB"


def cost(share: dict[str, Any], spark: str, gpu: str = "") -> str:
    """Say in words what a profile takes from the others.

    Args:
        share: Its requests and limits.
        spark: The size of its Spark sessions.
        gpu: The resource of which it takes one.

    Returns:
        What the page shows under the profile's title.
    """
    kept, most, session = share["requests"], share["limits"], PROFILES[spark]
    executor = memory(mebibytes(session.executor_memory) + mebibytes(session.executor_overhead))
    card = f", and 1 {gpu} for you alone" if gpu else ""
    return (
        f"Up to {cpus(most['cpu'])} and {memory(mebibytes(most['memory']))} of memory; {cpus(kept['cpu'])} and "
        f"{memory(mebibytes(kept['memory']))} of it are kept free for you{card}. While Spark works it adds up to "
        f"{session.max_executors} executors of {cpus(session.executor_cores)} and {executor} each."
    )


def configure(c: Config, settings: dict[str, Any]) -> None:
    """Give KubeSpawner the profiles; the one with a GPU only where the place says what its resource is called."""
    gpu = settings["gpu"]
    c.KubeSpawner.profile_list = [
        profile(name, settings["user"]["profiles"][name], gpu) for name in TITLES if name != "gpu" or gpu
    ]


def profile(name: str, share: dict[str, Any], gpu: str) -> dict[str, Any]:
    """Describe one profile to KubeSpawner."""
    title, spark = TITLES[name]
    override: dict[str, Any] = {
        "cpu_guarantee": share["requests"]["cpu"],
        "cpu_limit": share["limits"]["cpu"],
        "mem_guarantee": share["requests"]["memory"],
        "mem_limit": share["limits"]["memory"],
        "environment": {"SPARK_PROFILE": spark},
    }
    if gpu:
        # None takes away what an earlier start with the card has left in the same spawner
        override["extra_resource_limits"] = {gpu: "1" if name == "gpu" else None}
    return {
        "slug": name,
        "display_name": title,
        "description": cost(share, spark, gpu if name == "gpu" else ""),
        "default": name == next(iter(TITLES)),
        "kubespawner_override": override,
    }
