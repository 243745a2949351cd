"""`dataops tables`: what lies in the lake, what should, and the way back."""

from typing import TYPE_CHECKING, Annotated

import typer

from dataops.commands.show import columns_of, lines_of_change, print_rows, size_of, time_of
from dataops.tables.maintenance import DAYS, KEEP

if TYPE_CHECKING:
    from dataops.tables.declare import Table

Name = Annotated[str, typer.Argument(help="The table, such as silver.flights.")]
Names = Annotated[list[str] | None, typer.Argument(help="Only these tables; all when none is given.")]
Which = Annotated[str | None, typer.Option("--snapshot", help="Its id or tag; the current one when not given.")]

tables_app = typer.Typer(no_args_is_help=True, help="Look at tables of the lake, bring them to their declarations.")


@tables_app.command()
def ls() -> None:
    """List the tables with rows, size, last write and owner."""
    from dataops.tables.describe import describe_all

    print_rows(
        ["table", "rows", "size", "files", "written", "owner", "description"],
        [
            [each.name, f"{each.rows:,}", size_of(each), str(each.files), time_of(each), each.owner, each.description]
            for each in describe_all()
        ],
    )


@tables_app.command()
def show(name: Name) -> None:
    """Show one table: what it is, its columns, and what the last write noted."""
    from dataops.tables.declared import declared
    from dataops.tables.describe import describe

    table, declaration = describe(name), declared().get(name)
    last = table.current
    facts = {
        "owner": table.owner or "nobody",
        "holds": table.description or "nobody said",
        "location": table.location,
        "partitioned by": ", ".join(table.partition_by) or "nothing",
        "sorted by": ", ".join(table.sort_by) or "nothing",
        "keys": ", ".join(declaration.keys) or "none" if declaration else "none: the table is not declared",
        "rows": f"{table.rows:,} in {table.files} files, {size_of(table)}",
        "snapshots": str(len(table.versions)),
        "tags": ", ".join(f"{ref}@{each.snapshot_id}" for each in table.versions for ref in each.tags) or "none",
        "last write": time_of(table) + (f", {last.operation}" if last else ""),
        **(last.properties if last else {}),
    }
    print_rows([], [[what, value] for what, value in facts.items()])
    print()
    print_rows(["column", "type", "", "description"], columns_of(table))


@tables_app.command()
def apply(names: Names = None) -> None:
    """Bring tables to their declarations; what would lose values is refused, and then that table is left alone."""
    from dataops.errors import UserError
    from dataops.tables import evolve

    refused = []
    for table in _declared(names):
        try:
            print("\n".join(lines_of_change(table.name, evolve.apply(table))))
        except UserError as error:
            refused.append(str(error))
    if refused:
        raise UserError("; ".join(refused))


@tables_app.command()
def diff(
    names: Names = None,
    since: Annotated[str | None, typer.Option(help="A snapshot or tag: count the rows changed after it.")] = None,
    until: Annotated[str | None, typer.Option(help="The last snapshot or tag that counts.")] = None,
) -> None:
    """Show what `apply` would do, or with --since what happened to the rows of tables."""
    from dataops.tables.declared import declared
    from dataops.tables.difference import difference
    from dataops.tables.evolve import changes

    if since is None:
        for table in _declared(names):
            print("\n".join(lines_of_change(table.name, changes(table))))
        return
    known = declared()
    for name in names or []:
        found = difference(name, since, until, known[name].keys if name in known else ())
        by_key = "" if found.changed is None else f"; {found.changed} of both are the same row by its keys"
        print(f"{name}: {found.added} rows added, {found.removed} removed{by_key}")


@tables_app.command()
def history(name: Name) -> None:
    """List the snapshots of a table, the newest first, with the run that wrote each."""
    from dataops.tables.snapshots import RUN
    from dataops.tables.snapshots import history as versions

    print_rows(
        ["snapshot", "written", "operation", "rows", "added", "removed", "run", "is"],
        [
            [
                str(each.snapshot_id),
                f"{each.written:%Y-%m-%d %H:%M:%S}",
                each.operation,
                *(f"{count:,}" for count in (each.rows, each.added, each.removed)),
                each.properties.get(RUN, ""),
                ", ".join([*([] if each.state == "past" else [each.state]), *each.tags]),
            ]
            for each in versions(name)
        ],
    )


@tables_app.command()
def tag(name: Name, tag_name: Annotated[str, typer.Argument(metavar="TAG")], snapshot: Which = None) -> None:
    """Give a snapshot a name, which keeps it from expiring."""
    from dataops.tables.snapshots import tag as give

    print(f"{name}: {tag_name} is snapshot {give(name, tag_name, snapshot)}")


@tables_app.command()
def rollback(
    name: Name,
    to: Annotated[str | None, typer.Option(help="The id or tag of a snapshot.")] = None,
    before_run: Annotated[str | None, typer.Option(help="What the table was before this run wrote to it.")] = None,
) -> None:
    """Make an earlier snapshot the current one; nothing is deleted, so that this too can be undone."""
    from dataops.tables.python import load_table
    from dataops.tables.snapshots import rollback as back

    left = load_table(name).metadata.current_snapshot_id
    print(f"{name}: the current snapshot is {back(name, to, before_run=before_run)}; undo with: --to {left}")


@tables_app.command()
def verify(names: Names = None) -> None:
    """Check that every file of the current snapshot is there, whole, with its rows."""
    from dataops.tables.python import table_names
    from dataops.tables.verify import verify as check

    wrong = {name: check(name) for name in names or table_names()}
    for name, found in wrong.items():
        print("\n".join(f"{name}: {each}" for each in found or ["every file is there, with its rows"]))
    raise typer.Exit(1 if any(wrong.values()) else 0)


@tables_app.command()
def compact(names: Annotated[list[str], typer.Argument(help="The tables.")]) -> None:
    """Make few large files of many small ones, with Spark."""
    from dataops.spark.session import create_spark_session
    from dataops.tables.compact import compact as rewrite

    with create_spark_session("compact") as spark:
        for name in names:
            gone, new = rewrite(spark, name)
            print(f"{name}: {gone} files became {new}")


@tables_app.command()
def expire(
    names: Names = None,
    days: Annotated[int, typer.Option(help="How old a snapshot must be.")] = DAYS,
    keep: Annotated[int, typer.Option(help="How many of the newest stay in any case.")] = KEEP,
) -> None:
    """Forget old snapshots and delete the files that only they had; tagged ones stay."""
    from dataops.tables.maintenance import expire as forget
    from dataops.tables.python import table_names

    for name in names or table_names():
        print(f"{name}: {len(forget(name, days=days, keep=keep))} snapshots expired")


@tables_app.command()
def orphans(
    names: Names = None, delete: Annotated[bool, typer.Option("--delete", help="Delete them, too.")] = False
) -> None:
    """List files that no snapshot names and that are older than three days."""
    from dataops.tables.maintenance import orphans as find
    from dataops.tables.python import table_names

    for name in names or table_names():
        found = find(name, delete=delete)
        print("\n".join([f"{name}: {len(found)} files{' deleted' if delete else ''}", *(f"  {x.key}" for x in found)]))


@tables_app.command()
def export(
    name: Name, path: Annotated[str, typer.Argument(help="Such as sandbox/flights.")], snapshot: Which = None
) -> None:
    """Write a table's rows as plain Parquet."""
    from dataops.tables.export import export as write

    print(f"{name}: {write(name, path, snapshot)} files written below {path}")


def _declared(names: list[str] | None) -> list["Table"]:
    from dataops.tables.declared import declaration, declared

    return [declaration(name) for name in names] if names else list(declared().values())
