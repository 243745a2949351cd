"""Charts stay small enough to be read."""

from pathlib import Path

import pytest

from tests.charts.harness import CHARTS

LIMITS = {"values.yaml": 120, "values-local.yaml": 40, "values-openshift.yaml": 40}
REQUIRED = (*LIMITS, "Chart.yaml", "values.schema.json", "secrets.yaml", "templates/NOTES.txt", "charts/common")


def lines(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


@pytest.mark.parametrize("path", sorted(CHARTS.glob("*/values*.yaml")), ids=lambda p: f"{p.parent.name}/{p.name}")
def test_values(path: Path) -> None:
    assert lines(path) <= LIMITS[path.name], f"{path}: a value exists only if two places disagree about it"


@pytest.mark.parametrize("path", sorted(CHARTS.glob("*/templates/**/*.*")), ids=lambda p: str(p.relative_to(CHARTS)))
def test_templates(path: Path) -> None:
    assert lines(path) <= 120, f"{path}: {lines(path)} lines"


def test_library() -> None:
    assert (
        sum(lines(path) for path in (CHARTS / "common").rglob("*.*")) <= 250
    ), "a fragment used once belongs to its chart"


@pytest.mark.parametrize(
    "chart", sorted(p.parent for p in CHARTS.glob("*/Chart.yaml") if p.parent.name != "common"), ids=lambda p: p.name
)
def test_files(chart: Path) -> None:
    missing = [name for name in REQUIRED if not (chart / name).exists()]
    assert not missing, f"{chart.name} lacks {', '.join(missing)}"
    assert list((chart / "templates/tests").glob("*.yaml")), f"{chart.name} has no `helm test`"
    assert (chart / "charts/common").resolve() == CHARTS / "common", "a symlink to ../../common"
