"""SQL: runs one statement of jobs/sql/, publishes its rows as a table, or fails if it is a check and finds some."""

from pathlib import Path

from pyspark.sql import DataFrame, SparkSession

from dataops import tables
from dataops.errors import UserError
from dataops.spark.session import create_spark_session
from jobs._job import command, report

FOLDER = Path(__file__).parent / "sql"
SHOWN = 5


def statement(name: str) -> str:
    """Return the text of a file of jobs/sql/.

    Raises:
        UserError: there is no such file.
    """
    known = sorted(path.stem for path in FOLDER.glob("*.sql"))
    if name not in known:
        raise UserError(f"jobs/sql/{name}.sql does not exist; name one of: {', '.join(known)}")
    return (FOLDER / f"{name}.sql").read_text(encoding="utf-8")


def transform(spark: SparkSession, text: str, load: str) -> DataFrame:
    """Run a statement, in which `:load` stands for the day of the load."""
    return spark.sql(text, args={"load": load})


def main(load: str, *, sql: str, reads: str, publish: str, partition_by: str) -> None:
    """Run one statement on one snapshot of each table it reads.

    Raises:
        UserError: there is no such statement, or it is a check and found rows.
    """
    text = statement(sql)
    with create_spark_session(f"run_sql {sql}") as spark:
        for table in reads.split():
            tables.read(spark, table).createOrReplaceTempView(table.replace(".", "_"))
        rows = transform(spark, text, load).persist()
        count = rows.count()
        if not publish:
            if count:
                shown = "; ".join(str(row.asDict()) for row in rows.take(SHOWN))
                raise UserError(f"the check {sql} found {count} rows that should not be: {shown}")
            report("sql", load, rows_in=count, rows_out=count, rejected={}, sql=sql)
            return
        snapshot = tables.publish(rows, publish, partition_by=partition_by.split())
        report("sql", load, rows_in=count, rows_out=count, rejected={}, sql=sql, table=publish, snapshot=snapshot)


if __name__ == "__main__":
    command(
        main,
        __doc__,
        sql="name of a file in jobs/sql/, without .sql",
        reads="the tables it reads, with spaces between; silver.flights is the view silver_flights",
        publish="the table that its rows become; without it, rows are faults",
        partition_by="partition columns of that table, with spaces between",
    )
