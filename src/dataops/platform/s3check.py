"""`dataops s3 check`: run here, or in a pod of the jobs' namespace, which has the facts and a job's key."""

import sys
from pathlib import Path

from dataops.config import Settings
from dataops.errors import UserError
from dataops.platform.environment import Environment
from dataops.platform.kube import Cluster
from dataops.platform.process import step
from dataops.platform.smoke.context import CheckFailed, Context
from dataops.platform.smoke.pods import run_pod
from dataops.pods import job_pod
from dataops.s3.check import Report, check
from dataops.s3.check.masked import masked

PATIENCE_SECONDS = 420


def check_here() -> Report:
    """Check the store that this process's environment names.

    Raises:
        UserError: there is no way in.
    """
    settings = Settings.load()
    report = check(settings, progress=lambda title: print(f"S3: {title}", file=sys.stderr, flush=True))
    return Report.of(masked(settings, report.document()))


def check_inside(root: Path, cluster: Cluster, environment: Environment) -> Report:
    """Check the store of a place from the pod of a job, where every client but Airflow's is installed.

    Args:
        root: The repository root.
        cluster: The place's cluster.
        environment: The place.

    Raises:
        UserError: there is no way in, or the pod did not run.
    """
    context = Context(root, cluster, environment)
    try:
        pod = job_pod(image=context.job_image, component="task", size="medium", spark=False)
        pod["spec"]["containers"][0]["args"] = ["python", "-m", "dataops.s3.check"]
        pod["metadata"]["generateName"] = "s3-check-"
        with step("Checking S3 from a pod of the jobs' namespace"):
            return Report.of(run_pod(context, pod, PATIENCE_SECONDS))
    except CheckFailed as failed:
        _, told, sentence = str(failed).rpartition("error: ")
        raise UserError(sentence if told else f"the check did not run: {failed}") from None
