"""What a DAG is declared with: the platform's policy and its tasks, each of which runs in a pod of its own.

Importing this never imports Spark, pandas or MLflow: the DAG processor parses every DAG again and again.
"""

from dataops.airflow._dags import LOAD, daily_dag
from dataops.airflow._tasks import python_task, spark_task

__all__ = ["LOAD", "daily_dag", "python_task", "spark_task"]
