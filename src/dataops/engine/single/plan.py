"""Rewrites a plan so that DuckDB computes what Spark would, and refuses what is not proved to be equal."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from sqlframe.duckdb import functions as single
from sqlglot import exp

from dataops.engine.patterns import is_same
from dataops.errors import UserError

if TYPE_CHECKING:
    from pyspark.sql import Column

PROVED = frozenset(
    "abs add alias and array arraycompact avg between boolean case cast ceil coalesce column concat concatws contains "
    "count cte datatype dateadd datediff datestrtodate datesub dayofmonth distinct div endswith eq floor from "
    "greatest group gt gte hour identifier if in is isnan join lag lastday lead least length like limit literal lower "
    "lt lte max min minute mod month mul neg neq not null nullsafeeq or order ordered paren regexplike second select "
    "star startswith sub substring sum table tablealias timestamptrunc trim tsordstodate union unixseconds unixtotime "
    "upper var where window windowspec with year".split()
)
"""The parts of plans that tests show to be equal; everything else is refused."""

_CASTS = {
    exp.DType.INT: "int",
    exp.DType.BIGINT: "bigint",
    exp.DType.DOUBLE: "double",
    exp.DType.TEXT: "text",
    exp.DType.BOOLEAN: "boolean",
    exp.DType.DATE: "date",
    exp.DType.TIMESTAMPTZ: "timestamp",
}
_MACROS: dict[type[exp.Expr], str] = {
    exp.Ceil: "ceil",
    exp.DateStrToDate: "date",
    exp.Floor: "floor",
    exp.IsNan: "isnan",
    exp.Lower: "lower",
    exp.TsOrDsToDate: "date",
    exp.UnixSeconds: "unix_seconds",
    exp.Upper: "upper",
}
_COMPARISONS = (exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE)
# Spark has these as int, DuckDB as bigint
_INTS = (exp.Year, exp.Month, exp.DayOfMonth, exp.Hour, exp.Minute, exp.Second, exp.Length, exp.DateDiff)
_INT_NAMES = {"QUARTER", "ROW_NUMBER", "RANK", "DENSE_RANK"}
_CLOCK = "spark_clock"
_TELL = "run the job with --engine spark, or write it with what docs/ENGINES.md lists"


def as_spark(plan: exp.Expr) -> exp.Expr:
    """Return a copy of the plan with all that differs between the engines rewritten.

    Raises:
        UserError: the plan holds something that is not proved to be equal on both.
    """
    whole = exp.Paren(this=plan.copy())  # so that each node has a parent in which it can be replaced
    for node in reversed(list(whole.this.walk())):  # from the leaves: what is rewritten keeps its children
        _check(node)
        rewritten = _node(node)
        if rewritten is not node:
            node.replace(rewritten)
    done: exp.Expr = whole.this
    return done


def clock(instant: str, zone: str) -> Column:
    """Return what a clock in a time zone shows at an instant (a column)."""
    column = single.col(instant)
    shown = exp.Anonymous(this=_CLOCK, expressions=[column.expression, exp.Literal.string(zone)])
    return cast("Column", type(column)(shown))


def _check(node: exp.Expr) -> None:
    known = node.name in {*_INT_NAMES, _CLOCK} if isinstance(node, exp.Anonymous) else node.key in PROVED
    if isinstance(node, exp.Like) and "\\" in node.expression.sql():
        known = False  # a backslash escapes in Spark only
    if isinstance(node, exp.RegexpLike):
        known = node.expression.is_string and is_same(node.expression.name)
    if isinstance(node, exp.Cast) and node.to.this not in _CASTS:
        known = False
    if not known:
        raise UserError(f"{node.sql('spark')[:80]} is not proved to give the same on one machine as on Spark; {_TELL}")


def _node(node: exp.Expr) -> exp.Expr:
    new: exp.Expr = node
    if isinstance(node, exp.Cast):
        new = _macro(_CASTS[node.to.this], node.this)
    elif macro := _MACROS.get(type(node)):
        new = _macro(macro, node.this)
    elif isinstance(node, exp.Literal) and not node.is_string and not node.is_int:
        new = exp.cast(exp.Literal.string(node.this), exp.DType.DOUBLE)  # for DuckDB 0.06 is an exact decimal
    elif isinstance(node, exp.Div):
        new = _macro("divide", node.this, node.expression)
    elif isinstance(node, exp.Mod):
        new = exp.Mod(this=node.this, expression=exp.Nullif(this=node.expression, expression=exp.Literal.number(0)))
    elif isinstance(node, exp.Avg):
        new = exp.Avg(this=_macro("number", node.this))
    elif isinstance(node, exp.Substring):
        new = _macro("substring", node.this, node.args["start"], node.args["length"])
    elif isinstance(node, _COMPARISONS):
        new = type(node)(this=_compared(node.this, node.expression), expression=_compared(node.expression, node.this))
    elif isinstance(node, exp.In):
        new = exp.In(this=node.this, expressions=[_compared(each, node.this) for each in node.expressions])
    elif isinstance(node, exp.Order):
        new = exp.Order(expressions=[_ordered(each) for each in node.expressions])
    elif isinstance(node, _INTS) or (_is_int(node) and not isinstance(node.parent, exp.Window)):
        new = exp.cast(node.copy(), exp.DType.INT)
    return new


def _macro(name: str, *arguments: exp.Expr) -> exp.Expr:
    return exp.Anonymous(this=f"spark_{name}", expressions=list(arguments))


def _compared(side: exp.Expr, other: exp.Expr) -> exp.Expr:
    # DuckDB would round the text that it compares with a number
    return _macro("number_beside", side.copy(), other.copy()) if side.is_int else side


def _ordered(node: exp.Expr) -> exp.Expr:
    # nulls come first where nothing else is said
    return node if isinstance(node, exp.Ordered) else exp.Ordered(this=node, desc=False, nulls_first=True)


def _is_int(node: exp.Expr) -> bool:
    function = node.this if isinstance(node, exp.Window) else node
    return isinstance(function, exp.Anonymous) and function.name in _INT_NAMES
