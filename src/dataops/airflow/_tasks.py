"""Tasks that run a module of jobs/ in a pod of the Spark image, while nothing in Airflow sits and waits for it."""

from collections.abc import Sequence

from dataops.airflow._dags import LOAD
from dataops.airflow._operator import JobOperator
from dataops.config import Settings
from dataops.errors import UserError
from dataops.pods import SIZES, job_pod


def spark_task(task_id: str, *, module: str, arguments: Sequence[str] = (), size: str = "small") -> JobOperator:
    """Run a job module as a Spark driver, whose executors are pods beside it.

    Args:
        task_id: name of the task.
        module: the module to run, e.g. `jobs.flights_silver`.
        arguments: its command line; may hold Airflow templates such as `LOAD`.
        size: `small`, `medium` or `large`: memory and CPU of the driver and of its executors.

    Raises:
        UserError: the size is unknown, or the Airflow pods do not know the Spark image.
    """
    return _job_task(task_id, module, arguments, size, spark=True)


def python_task(task_id: str, *, module: str, arguments: Sequence[str] = (), size: str = "small") -> JobOperator:
    """Run a job module that starts no Spark executors; arguments as for `spark_task`.

    Raises:
        UserError: the size is unknown, or the Airflow pods do not know the Spark image.
    """
    return _job_task(task_id, module, arguments, size, spark=False)


def sql_task(
    task_id: str,
    *,
    sql: str,
    reads: Sequence[str],
    publish: str = "",
    partition_by: Sequence[str] = (),
    size: str = "small",
) -> JobOperator:
    """Run a statement of jobs/sql/ on Spark, and publish its rows as a table; without a table it is a check.

    Args:
        task_id: name of the task.
        sql: name of the file, without `.sql`; in it `:load` is the run's day.
        reads: the tables it reads, each at one snapshot; `silver.flights` is the view `silver_flights`.
        publish: the table that the rows become. Without it every row is a fault, and one fails the task.
        partition_by: partition columns of that table.
        size: as for `spark_task`.

    Raises:
        UserError: the size is unknown, or the Airflow pods do not know the Spark image.
    """
    options = {"--sql": sql, "--reads": " ".join(reads), "--publish": publish, "--partition-by": " ".join(partition_by)}
    return _job_task(task_id, "jobs.run_sql", _command_line(options), size, spark=True)


def publish_task(
    task_id: str, *, path: str, table: str, partition_by: Sequence[str] = (), size: str = "small"
) -> JobOperator:
    """Publish the Parquet files below a prefix of the lake as a table, in one commit.

    Args:
        task_id: name of the task.
        path: the prefix, such as `f"bronze/visits/{LOAD}/"`.
        table: the table; only partitions that occur in the files are replaced.
        partition_by: its partition columns; without them the whole table is replaced.
        size: as for `spark_task`.

    Raises:
        UserError: the size is unknown, or the Airflow pods do not know the Spark image.
    """
    options = {"--path": path, "--table": table, "--partition-by": " ".join(partition_by)}
    return _job_task(task_id, "jobs.publish_files", _command_line(options), size, spark=True)


def _command_line(options: dict[str, str]) -> list[str]:
    return ["--load", LOAD, *(word for name, value in options.items() if value for word in (name, value))]


def _job_task(task_id: str, module: str, arguments: Sequence[str], size: str, *, spark: bool) -> JobOperator:
    if size not in SIZES:
        raise UserError(f"task {task_id}: size {size!r} is unknown; use one of {', '.join(SIZES)}")
    image = Settings.load().spark_executor_image
    if not image:
        raise UserError(
            f"task {task_id}: SPARK_EXECUTOR_IMAGE is not set; give the Airflow pods the ConfigMap dataops-env"
        )
    return JobOperator(
        task_id=task_id,
        name=task_id.replace("_", "-"),
        pod_template_dict=job_pod(image=image, component="driver" if spark else "task", size=size, spark=spark),
        arguments=["python", "-m", module, *arguments],  # the image's entrypoint stays in charge
        env_vars={"DATAOPS_RUN": RUN},
        # the pod is made where the worker runs, with the worker's own account
        kubernetes_conn_id=None,
        in_cluster=True,
        # the worker pod ends while the job runs; the triggerer watches it, and its log is fetched at the end
        deferrable=True,
        poll_interval=2,
        startup_check_interval_seconds=2,
        get_logs=True,
        on_finish_action="delete_pod",
        startup_timeout_seconds=300,
        log_events_on_startup=False,  # each look would read every event of the namespace
        log_events_on_failure=True,
    )


RUN = "{{ dag.dag_id }}/{{ run_id }}/{{ ti.task_id }}/{{ ti.map_index }}"
"""The identity of a task's run, the same for every attempt."""
