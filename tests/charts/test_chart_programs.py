"""Programs that a chart brings in its files/: each pod that runs one sets every variable which it demands."""

import re

import pytest

from dataops.config import environment_names
from tests.charts.harness import CHARTS, Object, Rendered, every_pod, read_yaml

DEMANDED = re.compile(r"""os\.environ\[["'](\w+)["']\]""")
NEIGHBOUR = re.compile(r"^from (\w+) import", re.MULTILINE)


def programs(pod: Rendered) -> list[tuple[Object, str]]:
    """Each container that runs a program of the chart, and the program's text with that of its neighbours."""
    folder = CHARTS / pod.variant.chart / "files"
    texts = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.py")}
    found = []
    for container in pod.containers:
        for name in (word.rpartition("/")[2] for word in container.get("args", [])):
            if name in texts:
                # what a neighbour does as a program of its own is not done when it is imported
                imported = [texts.get(f"{module}.py", "") for module in NEIGHBOUR.findall(texts[name])]
                found.append((container, texts[name] + "".join(text.partition("__main__")[0] for text in imported)))
    return found


def offered(container: Object) -> set[str]:
    """The variables that a container sets: one by one, as the facts of the place, or as the keys of a Secret."""
    names = {str(entry["name"]) for entry in container.get("env", [])}
    for source in container.get("envFrom", []):
        if "secretRef" in source:
            names |= keys(source["secretRef"]["name"])
        elif source == {"configMapRef": {"name": "dataops-env"}}:
            names |= environment_names()
    return names


def keys(secret: str) -> set[str]:
    """The keys of a Secret, as the charts declare it."""
    for path in CHARTS.glob("*/secrets.yaml"):
        for entry in read_yaml(path):
            if entry["name"] == secret:
                return set(entry["keys"])
    return set()


RUNNERS = [pod for pod in every_pod() if programs(pod)]


@pytest.mark.parametrize("pod", RUNNERS, ids=str)
def test_programs_get_the_variables_they_demand(pod: Rendered) -> None:
    for container, text in programs(pod):
        missing = set(DEMANDED.findall(text)) - offered(container)
        assert not missing, f"{pod}, container {container['name']}: {', '.join(sorted(missing))} is not set"
