"""Tables in the spark image, with the real catalog and store: two engines write one in turn, four read it."""

from collections.abc import Callable

from dataops import tables
from dataops.config import Settings
from tests.integration.services import Services

SignIn = Callable[[str], Settings]


def test_two_engines_write_and_four_read(catalog: Services, sign_in: SignIn, spark: Callable[..., str]) -> None:
    sign_in("job")
    assert "13 snapshots agree" in spark("job", "-m", "tests.integration.programs.two_engines")
    assert len(tables.read_pandas("silver.two_engines")) == 15  # outside of the image, over TLS


def test_the_command_lists_what_a_notebook_may_read(sign_in: SignIn, spark: Callable[..., str]) -> None:
    sign_in("job")
    tables.apply(tables.Table("silver.listed", (tables.Column("id", "int"),), "tests", "Listed."))
    assert "silver.listed" in spark("notebook", "-m", "dataops", "tables", "ls")
