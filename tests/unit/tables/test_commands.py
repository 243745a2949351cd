"""`dataops tables`, as people type it in a pod: what it prints, and with what it ends."""

import sys

import pyarrow as pa
import pytest

from dataops import tables
from dataops.commands import main
from dataops.config import Settings
from dataops.tables import declared
from dataops.tables.declare import Column, Table
from dataops.tables.snapshots import RUN

NAME = "silver.prices"
PRICES = Table(
    name=NAME,
    columns=(Column("id", "bigint", description="Its number."), Column("price", "double")),
    owner="somebody",
    description="Prices.",
    keys=("id",),
)
FRAME = pa.table({"id": [1, 2], "price": [1.0, 2.0]})


@pytest.fixture
def prices(lake: Settings, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """A declared table and the snapshots of its two loads."""
    monkeypatch.setattr(declared, "declared", lambda: {NAME: PRICES})
    tables.apply(PRICES)
    made = []
    for run in ("monday", "tuesday"):
        tables.load_table(NAME).append(FRAME, snapshot_properties={RUN: run})
        made.append(tables.current_snapshot(NAME))
    return made


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, words: str, code: int = 0) -> list[str]:
    """What a command prints; words are told apart by one blank."""
    monkeypatch.setattr(sys, "argv", ["dataops", *words.split()])
    with pytest.raises(SystemExit) as ended:
        main()
    printed = capsys.readouterr()
    assert ended.value.code == code or (code and str(ended.value.code).startswith("error: "))
    return [" ".join(line.split()) for line in (printed.out or str(ended.value.code)).splitlines()]


def test_tables_are_listed_and_shown(
    prices: list[int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, line = said(capsys, monkeypatch, "tables ls")
    assert line.startswith("silver.prices 4 ") and line.endswith("UTC somebody Prices.")
    shown = said(capsys, monkeypatch, f"tables show {NAME}")
    assert {"owner somebody", "keys id", "snapshots 2", f"{RUN} tuesday", "id bigint Its number."} <= set(shown)


def test_history_leads_to_a_rollback_which_can_be_undone(
    prices: list[int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, newest, oldest = said(capsys, monkeypatch, f"tables history {NAME}")
    assert newest.endswith("append 4 2 0 tuesday current") and oldest.endswith("append 2 2 0 monday")
    said(capsys, monkeypatch, f"tables tag {NAME} good --snapshot {prices[0]}")
    (undo,) = said(capsys, monkeypatch, f"tables rollback {NAME} --before-run tuesday")
    assert undo == f"{NAME}: the current snapshot is {prices[0]}; undo with: --to {prices[1]}"
    assert said(capsys, monkeypatch, f"tables history {NAME}")[1].endswith("tuesday rolled back")
    said(capsys, monkeypatch, f"tables rollback {NAME} --to {prices[1]}")
    assert said(capsys, monkeypatch, f"tables diff {NAME} --since good") == [
        f"{NAME}: 2 rows added, 0 removed; 0 of both are the same row by its keys"
    ]


def test_the_lake_follows_the_declarations(
    prices: list[int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(capsys, monkeypatch, "tables diff") == [f"{NAME}: as declared"]
    monkeypatch.setattr(declared, "declared", lambda: {NAME: Table(NAME, (Column("id", "int"),), "else", "Prices.")})
    assert said(capsys, monkeypatch, "tables diff")[0].startswith(f"{NAME}: refused: column id is bigint and declared")
    (refusal,) = said(capsys, monkeypatch, "tables apply", code=1)
    assert refusal.startswith(f"error: table {NAME}: column id is bigint")
    assert tables.load_table(NAME).properties["owner"] == "somebody"


def test_maintenance_says_what_it_did(
    prices: list[int], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(capsys, monkeypatch, "tables verify") == [f"{NAME}: every file is there, with its rows"]
    assert said(capsys, monkeypatch, "tables expire") == [f"{NAME}: 0 snapshots expired"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("show silver.nothing", "error: there is no table silver.nothing in the lake; list them with: dataops tables"),
        ("show nothing", "error: 'nothing' is no name of a table"),
        ("apply silver.nothing", "error: table silver.nothing is not declared; declared are silver.prices"),
        (f"rollback {NAME} --to 7", f"error: table {NAME} has no snapshot and no tag 7; see them with"),
        (f"diff {NAME} --since 7", f"error: table {NAME} has no snapshot and no tag 7; see them with"),
    ],
)
def test_a_wrong_word_is_one_sentence(
    prices: list[int],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: str,
    sentence: str,
) -> None:
    (line,) = said(capsys, monkeypatch, f"tables {words}", code=1)
    assert line.startswith(sentence)
