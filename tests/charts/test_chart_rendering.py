"""A chart renders everywhere it is for, the same way each time, and Helm's own lint has nothing to say."""

from pathlib import Path

import pytest

from tests.charts.harness import CHARTS, Variant, helm, template, value_flags, variants

VARIANTS = pytest.mark.parametrize("variant", variants(), ids=str)


@VARIANTS
def test_renders(variant: Variant) -> None:
    done = template(variant)
    assert done.returncode == 0, done.stderr
    assert "apiVersion" in done.stdout, f"{variant} renders nothing"


@VARIANTS
def test_renders_twice_the_same(variant: Variant) -> None:
    assert template(variant).stdout == template(variant).stdout, f"{variant}: something in it is random"


@VARIANTS
def test_lint_is_clean(variant: Variant) -> None:
    done = helm("lint", "--strict", "--quiet", str(CHARTS / variant.chart), *value_flags(variant))
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", sorted(CHARTS.glob("*/templates/**/*.*")), ids=lambda p: str(p.relative_to(CHARTS)))
def test_templates_ask_nothing_of_the_cluster_and_nothing_of_chance(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in ("lookup ", ".Capabilities", "randAlpha", "randNumeric", "uuidv4", "genCA", "genPrivateKey", "now |"):
        assert word not in text, f"{path}: {word.strip()} makes a render differ from the next one"
