"""Tasks that run a module of jobs/ in a pod of the Spark image, while nothing in Airflow sits and waits for it."""

from collections.abc import Sequence

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator

from dataops.config import Settings
from dataops.errors import UserError
from dataops.pods import SIZES, job_pod


def spark_task(
    task_id: str, *, module: str, arguments: Sequence[str] = (), size: str = "small"
) -> KubernetesPodOperator:
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


def python_task(
    task_id: str, *, module: str, arguments: Sequence[str] = (), size: str = "small"
) -> KubernetesPodOperator:
    """Run a job module that starts no Spark executors; arguments as for `spark_task`.

    Raises:
        UserError: the size is unknown, or the Airflow pods do not know the Spark image.
    """
    return _job_task(task_id, module, arguments, size, spark=False)


def _job_task(task_id: str, module: str, arguments: Sequence[str], size: str, *, spark: bool) -> KubernetesPodOperator:
    if size not in SIZES:
        raise UserError(f"task {task_id}: size {size!r} is unknown; use one of {', '.join(SIZES)}")
    image = Settings.load().spark_executor_image
    if not image:
        raise UserError(
            f"task {task_id}: SPARK_EXECUTOR_IMAGE is not set; give the Airflow pods the ConfigMap dataops-env"
        )
    return KubernetesPodOperator(
        task_id=task_id,
        name=task_id.replace("_", "-"),
        pod_template_dict=job_pod(image=image, component="driver" if spark else "task", size=size, spark=spark),
        arguments=["python", "-m", module, *arguments],  # the image's entrypoint stays in charge
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
