"""The application charts, found by rule: a folder of charts/ whose Chart.yaml is of type application."""

from dataclasses import dataclass
from pathlib import Path

from dataops.errors import UserError
from dataops.platform.documents import read_yaml
from dataops.platform.environment import Environment


@dataclass(frozen=True)
class Chart:
    """One application chart.

    Attributes:
        name: The chart's, the folder's and the release's name.
        path: Its folder.
        order: Where it stands among the others, from the annotation `dataops/order`.
        environments: The only environments it belongs to; empty means all.
        version: The release it is of.
    """

    name: str
    path: Path
    order: int
    environments: frozenset[str]
    version: str

    def belongs_to(self, environment: Environment) -> bool:
        """Whether the chart is installed there."""
        return not self.environments or environment.name in self.environments

    def value_files(self, environment: Environment) -> list[Path]:
        """The values files of this chart in an environment, in the order Helm reads them."""
        overlay = self.path / f"values-{environment.name}.yaml"
        return [*([overlay] if overlay.is_file() else []), *environment.files]


def discover(root: Path) -> list[Chart]:
    """Every application chart, in the order of installation.

    Args:
        root: The repository root.

    Returns:
        The charts.

    Raises:
        UserError: A chart does not say where it stands.
    """
    charts = []
    for file in sorted((root / "charts").glob("*/Chart.yaml")):
        about = read_yaml(file)
        if about.get("type") != "application":
            continue
        notes = about.get("annotations") or {}
        if "dataops/order" not in notes:
            raise UserError(f'{file} needs the annotation dataops/order: "<number>", its place among the charts')
        environments = frozenset(notes.get("dataops/environments", "").replace(",", " ").split())
        order, version = int(notes["dataops/order"]), str(about["version"])
        charts.append(Chart(about["name"], file.parent, order, environments, version))
    return sorted(charts, key=lambda chart: (chart.order, chart.name))


def charts_of(root: Path, environment: Environment, only: str | None = None) -> list[Chart]:
    """The charts of an environment, in the order of installation.

    Args:
        root: The repository root.
        environment: The place.
        only: Take this chart alone.

    Returns:
        The charts.

    Raises:
        UserError: `only` names no chart of the environment.
    """
    charts = [chart for chart in discover(root) if chart.belongs_to(environment)]
    if only is None:
        return charts
    chosen = [chart for chart in charts if chart.name == only]
    if not chosen:
        names = ", ".join(chart.name for chart in charts)
        raise UserError(f"{only} is no chart of ENV={environment.name}: choose one of {names}")
    return chosen
