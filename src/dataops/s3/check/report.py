"""The report for people."""

from rich.console import Console
from rich.table import Table

from dataops.s3.check.findings import Report, Status

_COLOURS = {
    Status.OK: "green",
    Status.DEGRADED: "yellow",
    Status.FAILED: "bold red",
    Status.UNSUPPORTED: "cyan",
    Status.NOT_CHECKED: "dim",
}


def show(report: Report, console: Console) -> None:
    """Print every finding, then what follows from those that are not well, then the sum."""
    table = Table(title=f"S3 at {report.endpoint}, bucket {report.bucket}", title_justify="left")
    for column in ("what", "is", "seen"):
        table.add_column(column, overflow="fold")
    for one in report.findings:
        table.add_row(one.name, f"[{_COLOURS[one.status]}]{one.status.value}[/]", one.seen)
    console.print(table)
    for one in report.findings:
        if one.consequence:
            advice = f" Set or do: {one.setting}." if one.setting else ""
            text = f"{one.name} ({one.status.value}): {one.consequence}.{advice}"
            console.print(text, markup=False, style=_COLOURS[one.status], soft_wrap=True)
    counts = {status: sum(one.status is status for one in report.findings) for status in Status}
    told = ", ".join(f"{count} {status.value}" for status, count in counts.items() if count)
    ending = "the platform works here" if not report.failed else "the platform does not work here as it is set"
    console.print(f"{told} in {report.seconds:.0f} s: {ending}", soft_wrap=True)
