"""A DAG on this machine: Airflow with SQLite, jobs as processes, and a lake in a folder that goes again."""
