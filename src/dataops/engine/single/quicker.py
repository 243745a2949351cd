"""What small jobs would wait for in sqlframe and sqlglot, done more quickly: they ask this of every step of a plan."""

from __future__ import annotations

from sqlframe.base import util
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
            if isinstance(value, list):
                made.args[key] = [_below(made, key, part, open_, place) for place, part in enumerate(value)]
            else:
                made.args[key] = _below(made, key, value, open_)
    return whole


def _below(
    parent: exp.Expr, key: str, part: object, open_: list[tuple[exp.Expr, exp.Expr]], place: int | None = None
) -> object:
    if not isinstance(part, exp.Expr):
        return part
    made: exp.Expr = type(part)()
    made.parent, made.arg_key, made.index = parent, key, place
    open_.append((part, made))
    return made


def quicken() -> None:
    """Have both libraries use what is here."""
    # sqlframe looks a dialect's name up among all there are, for which it would load thirty
    util.dialect_to_string = lambda dialect: type(dialect).__name__.lower()
    exp.Expression.copy = copied  # type: ignore[method-assign, assignment]  # it has no other place for it
