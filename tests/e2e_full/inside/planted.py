"""Rows in the catalog that somebody tries to change: `plant` makes, `remove` takes them; runs in a job's pod."""

import os
import sys
from contextlib import closing

import psycopg2

NAME = "isolation"
STATEMENTS = {
    "plant": (
        "insert into iceberg_tables (catalog_name, table_namespace, table_name) values ('lake', %s, %s)",
        "insert into iceberg_namespace_properties values ('lake', %s, %s, 'x')",
    ),
    "remove": (
        "delete from iceberg_tables where table_namespace = %s and table_name = %s",
        "delete from iceberg_namespace_properties where namespace = %s and property_key = %s",
    ),
}

with closing(psycopg2.connect(os.environ["LAKE_CATALOG_URI"], user=os.environ["LAKE_CATALOG_USER"])) as connection:
    with connection, connection.cursor() as cursor:
        for namespace in ("silver", "gold"):
            for statement in STATEMENTS[sys.argv[1]]:
                cursor.execute(statement, (namespace, NAME))
print("RESULT {}")
