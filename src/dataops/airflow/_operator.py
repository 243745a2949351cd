"""The operator behind every task of a job: a pod, with the way to its Spark history and to MLflow."""

from typing import Any

from airflow.providers.cncf.kubernetes.operators.pod import KubernetesPodOperator
from airflow.sdk import BaseOperatorLink

from dataops.config import Settings


class SparkHistoryLink(BaseOperatorLink):
    """Opens the Spark application of a task in the history server."""

    name = "Spark history"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Return the address; a driver's application has its pod's uid as its id."""
        address, pod = Settings.load().spark_history_url, getattr(operator, "pod", None)
        if not address or pod is None or pod.metadata.labels.get("app.kubernetes.io/component") != "driver":
            return ""
        return f"{address}/history/{pod.metadata.uid}/jobs/"


class MlflowLink(BaseOperatorLink):
    """Opens MLflow."""

    name = "MLflow"

    def get_link(self, operator: Any, *, ti_key: Any) -> str:
        """Return the address."""
        return Settings.load().mlflow_url or ""


class JobOperator(KubernetesPodOperator):
    """A pod that runs a job."""

    operator_extra_links = (*KubernetesPodOperator.operator_extra_links, SparkHistoryLink(), MlflowLink())
