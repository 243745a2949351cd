"""A pod writes, lists, reads and deletes an object of the lake over TLS, with a job's key."""

from dataops.platform.smoke.context import Context, expect
from dataops.platform.smoke.pods import run_inside

TITLE = "S3 round trip over TLS with the private CA"
ORDER = 10
LOOK = "see `kubectl -n dataops logs -l app.kubernetes.io/component=s3` and docs/TROUBLESHOOTING.md"


def check(context: Context) -> str:
    """Run inside/s3.py and expect what was written to come back."""
    result = run_inside(context, "s3")
    expect(result["endpoint"].startswith("https://"), f"S3 is reached by {result['endpoint']}, not by TLS")
    expect(result["rows"] == result["written"], f"wrote {result['written']} rows, read {result['rows']}")
    return f"{result['rows']} rows through {result['endpoint']}"
