"""A mistyped value of a chart is one sentence that names the value, the chart and the files to correct."""

import shutil
from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform import helm
from dataops.platform.charts import discover
from dataops.platform.environment import load_environment
from tests.charts.harness import CHARTS, charts

ROOT = CHARTS.parent


def sentence(folder: Path, chart: str, more: str) -> str:
    """What is said about a chart whose values-local.yaml ends in more lines."""
    shutil.copytree(CHARTS, folder / "charts", symlinks=True)
    with (folder / "charts" / chart / "values-local.yaml").open("a", encoding="utf-8") as file:
        file.write(f"\n{more}\n")
    found = next(one for one in discover(folder) if one.name == chart)
    with pytest.raises(UserError) as error:
        helm.template(found, load_environment(ROOT, "local"), {"tags": {}, "checksum": ""})
    words = str(error.value)
    assert words.startswith(f"chart {chart} cannot be rendered for ENV=local: ") and "\n" not in words
    assert "symbolic link" not in words and "correct its values.yaml or values-local.yaml" in words
    return words


@pytest.mark.parametrize("chart", charts())
def test_an_unknown_value_is_named(chart: str, tmp_path: Path) -> None:
    assert "at the top: additional properties 'replica' not allowed" in sentence(tmp_path, chart, "replica: 3")


def test_a_value_of_the_wrong_kind_is_named_with_its_place(tmp_path: Path) -> None:
    words = sentence(tmp_path, "mlflow", "allowedHosts: some.host\nconfig: {MLFLOW_WORKERS: 2}")
    assert "allowedHosts: got string, want array" in words and "config.MLFLOW_WORKERS: got number, want string" in words


def test_values_that_are_not_yaml_are_named_with_their_file(tmp_path: Path) -> None:
    assert "spark/values-local.yaml: error converting YAML" in sentence(tmp_path, "spark", "a: [b")


def test_what_a_template_misses_is_named_without_helms_other_words(tmp_path: Path) -> None:
    words = sentence(tmp_path, "mlflow", "")  # rendered without tags
    assert "global.tags.mlflow is missing" in words
