"""Probe of a component without a page of its own: has its job noted a heartbeat in the database lately?

`airflow jobs check` asks the same and costs three seconds of CPU each time; this costs a tenth of one.
"""

import sys
from contextlib import closing

import psycopg2
from wait_for_migration import address

LATELY = "60 seconds"


def main(job_type: str) -> None:
    """Look at the newest heartbeat of this kind of job."""
    with closing(psycopg2.connect(address(), connect_timeout=5)) as connection, connection.cursor() as cursor:
        cursor.execute(
            "SELECT max(latest_heartbeat), coalesce(max(latest_heartbeat) > now() - %s::interval, false)"
            " FROM job WHERE job_type = %s AND state = 'running'",
            (LATELY, job_type),
        )
        latest, alive = cursor.fetchone()
    if not alive:
        sys.exit(f"error: no heartbeat of {job_type} within {LATELY}, the last one was {latest}")


if __name__ == "__main__":
    main(sys.argv[1])
