"""Promises of the quicker copy: the same plan, of nodes of its own that know their places."""

from sqlglot import exp, parse_one

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
