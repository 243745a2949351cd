"""Promises of what is done more quickly: as the libraries would, and a copy whose nodes know their places."""

import pytest
from sqlframe.base.dataframe import BaseDataFrame
from sqlglot import exp, parse_one

from dataops.engine.single import single_session
from dataops.engine.single.frames import SingleFrame
from dataops.engine.single.quicker import copied

QUERY = """
with a as (select x, sum(y) over (partition by x) as t from r)
select * from a join b on a.x = b.x where a.t in (1, 2)
"""


def test_a_copy_is_equal_and_shares_no_node() -> None:
    plan = parse_one(QUERY)
    copy = copied(plan)
    assert copy == plan
    assert copy.sql() == plan.sql()
    assert not {id(node) for node in copy.walk()} & {id(node) for node in plan.walk()}


def test_each_node_of_a_copy_knows_where_it_stands() -> None:
    plan = parse_one(QUERY)
    pairs = list(zip(plan.walk(), copied(plan).walk(), strict=True))
    for old, new in pairs:
        assert (new.arg_key, new.index) == (old.arg_key, old.index)
        assert new.parent is None or any(new is child for child in new.parent.iter_expressions())
    assert pairs[0][1].parent is None


def test_a_change_of_the_copy_leaves_the_plan_alone() -> None:
    plan = parse_one("select a from b /* kept */")
    plan.meta["kept"] = 1
    copy = plan.copy()  # the one that is used everywhere once a session was loaded
    copy.meta["kept"] = 2
    for column in copy.find_all(exp.Column):
        column.replace(exp.column("z"))
    assert plan.sql() == "SELECT a FROM b /* kept */"
    assert plan.meta == {"kept": 1}


SELECTED = ["a", "t.a", "a as b", "sum(a) as b", "`with space`", "a as `with space`", "`end`", "Upper as upper"]


def test_what_a_query_selects_is_read_as_sqlframe_reads_it() -> None:
    select = exp.select(*SELECTED, dialect="spark").from_("t")
    with single_session():
        quick = SingleFrame._get_outer_select_columns(select)
        usual = BaseDataFrame._get_outer_select_columns(select)
    assert [column.expression for column in quick] == [column.expression for column in usual]
    assert [column.expression.meta for column in quick] == [column.expression.meta for column in usual]
    assert select.named_selects == [expression.output_name for expression in select.expressions]


@pytest.mark.parametrize("selected", ["*", "1", "null", "a, *", "a + 1"])
def test_what_has_no_plain_name_is_left_to_the_libraries(selected: str) -> None:
    select = exp.select(*selected.split(", "), dialect="spark").from_("t")
    with single_session():
        quick = SingleFrame._get_outer_select_columns(select)
        usual = BaseDataFrame._get_outer_select_columns(select)
    assert [column.expression for column in quick] == [column.expression for column in usual]
    assert select.named_selects == [each.output_name for each in select.expressions if each.alias_or_name]


def test_a_name_that_is_read_once_is_another_node_each_time() -> None:
    select = exp.select("a").from_("t")
    with single_session():
        first, second = (SingleFrame._get_outer_select_columns(select)[0].expression for _ in range(2))
    first.set("table", exp.to_identifier("t"))
    assert second.sql() == "a"
