"""What the account of a notebook tries with its own keys, and what comes of it; runs in a notebook's pod."""

import json
import os
import uuid
from collections.abc import Callable
from contextlib import closing
from functools import cache, partial
from pathlib import Path
from typing import Any

Attempts = dict[str, Callable[[], str]]

LAKE, PLATFORM = "data-lake", "dataops-platform"
SOURCE = {"Bucket": LAKE, "Key": "sandbox/_e2e/source"}
# names of nobody's, and nothing is committed: an attempt that succeeds harms nothing
MINE = f"e2e_{uuid.uuid4().hex}"
ADD = "insert into iceberg_tables (catalog_name, table_namespace, table_name) values ('lake', '{0}', '{1}')"
STATEMENTS = {
    "add a table": ADD,
    "change its tables": "update iceberg_tables set metadata_location = 's3a://x' where table_namespace = '{0}'",
    "take its tables": "update iceberg_tables set table_namespace = 'sandbox' where table_namespace = '{0}'",
    "delete its tables": "delete from iceberg_tables where table_namespace = '{0}'",
    "give it a table": ADD.replace("{0}", "sandbox")
    + "; update iceberg_tables set table_namespace = '{0}' where table_name = '{1}'",
    "add a property": "insert into iceberg_namespace_properties values ('lake', '{0}', '{1}', 'x')",
    "change its properties": "update iceberg_namespace_properties set property_value = 'x' where namespace = '{0}'",
    "delete its properties": "delete from iceberg_namespace_properties where namespace = '{0}'",
}
LOOKS = {
    "see its tables": "select 1 from iceberg_tables where table_namespace = '{0}'",
    "see its properties": "select 1 from iceberg_namespace_properties where namespace = '{0}'",
}
DEFINITIONS = {
    "create a table": "create table e2e_attempt (number int)",
    "drop the tables": "drop table iceberg_tables",
    "empty the tables": "truncate iceberg_tables",
    "switch row security off": "alter table iceberg_tables disable row level security",
    "become their owner": "set role lake_owner",
    "become a job": "set role lake_job",
}


@cache
def store() -> Any:
    """The S3 client of this pod."""
    from dataops.s3 import S3Client

    return S3Client().boto


def s3(call: str, **parameters: Any) -> str:
    """The store's answer to a request: the code of its refusal, or `done`."""
    from botocore.exceptions import ClientError

    try:
        answer = getattr(store(), call)(**parameters)
        if call == "create_multipart_upload":
            store().abort_multipart_upload(**parameters, UploadId=answer["UploadId"])
    except ClientError as error:
        return str(error.response["Error"]["Code"])
    refused = answer.get("Errors") or []
    return str(refused[0]["Code"]) if refused else "done"


def writes(folder: str) -> Attempts:
    """Every way to write below a folder of the lake, in an order that leaves nothing there."""
    here, copy = {"Bucket": LAKE, "Key": f"{folder}/{MINE}"}, {"Bucket": LAKE, "Key": f"{folder}/{MINE}.copy"}
    return {
        f"{folder}: put": partial(s3, "put_object", **here, Body=b"attempt"),
        f"{folder}: multipart": partial(s3, "create_multipart_upload", **here),
        f"{folder}: copy": partial(s3, "copy_object", **copy, CopySource=SOURCE),
        f"{folder}: delete": partial(s3, "delete_object", **here),
        f"{folder}: delete many": partial(
            s3, "delete_objects", Bucket=LAKE, Delete={"Objects": [{"Key": copy["Key"]}]}
        ),
    }


def sql(statement: str, **options: Any) -> str:
    """The database's answer to a statement that is not committed: the name of its refusal, or the rows it met."""
    import psycopg2

    try:
        address, user = os.environ["LAKE_CATALOG_URI"], os.environ["LAKE_CATALOG_USER"]
        with closing(psycopg2.connect(address, user=user, **options)) as connection:
            cursor = connection.cursor()
            cursor.execute(statement)
            return f"{cursor.rowcount} rows"
    except psycopg2.OperationalError as error:
        return str(error).strip().splitlines()[0]
    except psycopg2.Error as error:
        return type(error).__name__


def look_into(database: str) -> str:
    """The answer to the same account and password in another database of the server."""
    password = Path("/etc/dataops/catalog/password").read_text(encoding="utf-8")
    return sql("select 1", dbname=database, password=password)


def about(namespace: str, statements: dict[str, str]) -> Attempts:
    """Statements about a namespace of the catalog."""
    return {f"{namespace}: {name}": partial(sql, text.format(namespace, MINE)) for name, text in statements.items()}


def publish(table: str) -> str:
    """What the library says to a table being published."""
    from dataops import tables
    from dataops.config import Settings
    from dataops.errors import UserError
    from dataops.s3 import S3Client
    from dataops.spark.session import create_spark_session

    settings = Settings.load().model_copy(update={"spark_master_url": "local[1]"})
    spark = create_spark_session("e2e-rights", settings=settings, conf={"spark.eventLog.enabled": "false"})
    try:
        tables.publish(spark.range(1), table)
    except UserError as refusal:
        return str(refusal)
    spark.sql(f"drop table lake.{table} purge")
    for folder in S3Client(settings).list_objects(tables.table_location(table, settings) + "/"):
        S3Client(settings).delete(folder.key)
    return "done"


REFUSED_BY_S3: Attempts = {
    **{name: attempt for folder in ("bronze", "silver", "gold", "mlflow") for name, attempt in writes(folder).items()},
    "platform: list": partial(s3, "list_objects_v2", Bucket=PLATFORM),
    "platform: list its logs": partial(s3, "list_objects_v2", Bucket=PLATFORM, Prefix="airflow-logs/"),
    "platform: read": partial(s3, "get_object", Bucket=PLATFORM, Key="airflow-logs/any"),
    "platform: write": partial(s3, "put_object", Bucket=PLATFORM, Key=f"airflow-logs/{MINE}", Body=b"attempt"),
}
REFUSED_BY_CATALOG: Attempts = {
    **about("silver", STATEMENTS),
    **about("gold", STATEMENTS),
    **{name: partial(sql, text) for name, text in DEFINITIONS.items()},
}
REFUSED_DATABASES: Attempts = {
    name: partial(look_into, name) for name in ("airflow", "hub", "mlflow", "mlflow_auth", "postgres")
}
REFUSED_TABLES: Attempts = {f"publish {name}": partial(publish, name) for name in ("silver.flights", "gold.e2e")}
# the same attempts where they are allowed, which shows that it is the rights that make the difference
ALLOWED: Attempts = {
    "sandbox: put the source of copies": partial(s3, "put_object", **SOURCE, Body=b"attempt"),
    **writes("sandbox"),
    "bronze: list": partial(s3, "list_objects_v2", Bucket=LAKE, Prefix="bronze/"),
    **about("sandbox", STATEMENTS),
    **about("silver", LOOKS),
    **about("gold", LOOKS),
    "look into lake": partial(look_into, "lake"),
    "publish sandbox.e2e": partial(publish, "sandbox.e2e"),
}

if __name__ == "__main__":
    attempts = {**ALLOWED, **REFUSED_BY_S3, **REFUSED_BY_CATALOG, **REFUSED_DATABASES, **REFUSED_TABLES}
    outcomes = {name: attempt() for name, attempt in attempts.items()}
    store().delete_object(**SOURCE)
    print("RESULT " + json.dumps(outcomes))
