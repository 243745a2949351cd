"""silver.flights and gold.delays, read by Spark and by pyiceberg, equal figures computed from the package's files."""

from dataops.platform.smoke.context import Context, expect
from dataops.platform.smoke.pods import run_inside

TITLE = "Silver and gold equal figures computed independently"
ORDER = 40
LOOK = "see the task logs of silver and gold in Airflow"


def check(context: Context) -> str:
    """Run inside/tables.py and expect no difference."""
    result = run_inside(context, "tables", spark=True, size="medium")
    differences = [f"{name}: {line}" for name, lines in result["differences"].items() for line in lines]
    expect(not differences, f"{len(differences)} difference(s), the first: {'; '.join(differences[:2])}")
    return ", ".join(f"{name} {rows} rows" for name, rows in result["rows"].items())
