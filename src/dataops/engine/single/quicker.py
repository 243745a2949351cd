"""What small jobs would wait for in sqlframe and sqlglot, done more quickly: they ask this of every step of a plan."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlframe.base import util
from sqlframe.base.column import Column
from sqlframe.duckdb import functions
from sqlglot import exp


def copied(plan: exp.Expr) -> exp.Expr:
    """Return a copy of a plan as sqlglot's own is, but for what it copies in depth of places in a text and of types."""
    whole: exp.Expr = type(plan)()
    open_: list[tuple[exp.Expr, exp.Expr]] = [(plan, whole)]
    while open_:
        node, made = open_.pop()
        made.comments = node.comments and list(node.comments)
        made._type, made._hash = node._type, node._hash
        made._meta = node._meta and dict(node._meta)
        for key, value in node.args.items():
            if isinstance(value, exp.Expr):
                made.args[key] = _below(made, key, None, value, open_)
            elif isinstance(value, list):
                made.args[key] = [
                    _below(made, key, place, part, open_) if isinstance(part, exp.Expr) else part
                    for place, part in enumerate(value)
                ]
            else:
                made.args[key] = value
    return whole


def _below(
    parent: exp.Expr, key: str, place: int | None, part: exp.Expr, open_: list[tuple[exp.Expr, exp.Expr]]
) -> exp.Expr:
    made: exp.Expr = type(part)()
    made.parent, made.arg_key, made.index = parent, key, place
    open_.append((part, made))
    return made


def columns(select: exp.Select) -> list[Column] | None:
    """Return what a query selects, as columns for a step after it; None where sqlframe must look more closely."""
    names = _names(select)
    return None if names is None else [Column(_column(name.this, bool(name.quoted)).copy()) for name in names]


def _names(select: exp.Select) -> list[exp.Identifier] | None:
    names: list[exp.Identifier] = []
    for part in select.expressions:
        name = part.args.get("alias") if isinstance(part, exp.Alias) else part.args.get("this")
        if not (isinstance(part, exp.Alias | exp.Column) and isinstance(name, exp.Identifier)):
            return None
        names.append(name)
    return names


@lru_cache(maxsize=10_000)
def _column(name: str, quoted: bool) -> exp.Expr:
    # sqlframe writes and reads a name again for every step of a plan
    column: exp.Expr = functions.col(exp.to_identifier(name, quoted=quoted).sql(dialect="spark")).expression
    return column


_usual_named_selects: Any = exp.Select.named_selects


def _named_selects(select: exp.Select) -> list[str]:
    names = _names(select)
    usual: list[str] = [name.this for name in names] if names else _usual_named_selects.__get__(select)
    return usual


def quicken() -> None:
    """Have both libraries use what is here."""
    # sqlframe looks a dialect's name up among all there are, for which it would load thirty
    util.dialect_to_string = lambda dialect: type(dialect).__name__.lower()
    exp.Expression.copy = copied  # type: ignore[method-assign, assignment]  # it has no other place for it
    exp.Select.named_selects = property(_named_selects)  # type: ignore[method-assign, assignment]  # as above
