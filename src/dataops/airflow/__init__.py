"""What a DAG is declared with: the platform's policy, its tasks, and waits that need no pod.

Importing this never imports Spark, pandas or MLflow: the DAG processor parses every DAG again and again.
"""

from dataops.airflow._dags import LOAD, daily_dag, manual_dag
from dataops.airflow._sensors import partition_there, s3_ready, table_fresh
from dataops.airflow._tasks import publish_task, python_task, spark_task, sql_task

__all__ = [
    "LOAD",
    "daily_dag",
    "manual_dag",
    "partition_there",
    "publish_task",
    "python_task",
    "s3_ready",
    "spark_task",
    "sql_task",
    "table_fresh",
]
