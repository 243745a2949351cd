"""The provider is chosen by what is there; your own context only when it was typed."""

import pytest

from cluster.providers import choose
from dataops.errors import UserError


@pytest.mark.parametrize(
    ("wanted", "kind", "bare_root", "expected"),
    [
        ("current", True, True, "current"),
        ("node", True, True, "node"),
        (None, True, True, "kind"),
        (None, False, True, "node"),
        ("", False, True, "node"),
    ],
)
def test_choice(wanted: str | None, kind: bool, bare_root: bool, expected: str) -> None:
    assert choose(wanted, lambda: kind, bare_root) == expected


def test_no_choice_is_one_sentence_that_says_what_to_do() -> None:
    with pytest.raises(UserError) as error:
        choose(None, lambda: False, False)
    assert "current" in str(error.value) and "\n" not in str(error.value)
