"""Every pod of the platform as its API server gets it: rendered, spawned for a user, started for a task or by Spark.

KubeSpawner and Spark are asked themselves, without a cluster: what they add to our templates is in the result.
"""

import asyncio
import importlib.util
from dataclasses import dataclass
from functools import cache
from types import ModuleType
from typing import Any
from unittest.mock import patch

import pyspark
import yaml
from kubernetes_asyncio import client
from pyspark import SparkConf
from pyspark.java_gateway import launch_gateway
from traitlets.config import Config

from dataops.config import Settings
from dataops.platform.environment import load_environment
from dataops.pods import SIZES, job_pod
from dataops.spark.conf import spark_conf
from dataops.spark.pods import write_executor_template
from tests.charts.harness import CHARTS, ENVIRONMENTS, Object, Rendered, Variant, every_pod, render


@dataclass(frozen=True)
class PlatformPod:
    """One pod, its name only for people to find it by."""

    name: str
    namespace: str
    labels: dict[str, str]
    spec: Object

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name}"


@cache
def every_platform_pod() -> tuple[PlatformPod, ...]:
    """All of them, for both environments; the first call starts a Java for a few seconds."""
    found = [PlatformPod(str(pod), pod.namespace, pod.pod_labels, _with_claims(pod)) for pod in every_pod()]
    for env in ENVIRONMENTS:
        found += [*_user_pods(env), _task_pod(env), *_job_pods(env)]
    return (*found, *_executor_pods())


def config_map(chart: str, env: str, name: str, namespace: str = "dataops") -> dict[str, str]:
    """The data of one rendered ConfigMap."""
    items = [Rendered(Variant(chart, env), item) for item in render(Variant(chart, env))]
    (found,) = [i for i in items if (i.kind, i.name, i.namespace) == ("ConfigMap", name, namespace)]
    return dict(found.object["data"])


def namespaces(env: str) -> dict[str, str]:
    """The namespace of each role."""
    return load_environment(CHARTS.parent, env).namespaces


def _with_claims(pod: Rendered) -> Object:
    """A pod's specification with the volumes that a StatefulSet adds to it."""
    claims = [claim["metadata"]["name"] for claim in pod.object["spec"].get("volumeClaimTemplates", [])]
    added = [{"name": name, "persistentVolumeClaim": {"claimName": f"{name}-{pod.name}-0"}} for name in claims]
    return {**pod.pod, "volumes": [*pod.pod.get("volumes", []), *added]}


def _user_pods(env: str) -> list[PlatformPod]:
    """What KubeSpawner makes of the hub's configuration, for each profile that it offers."""
    spawners = {one["slug"]: spawner(env, profile=one["slug"]) for one in spawner(env).profile_list}
    pods = {slug: asyncio.run(manifest(one)) for slug, one in spawners.items()}
    return [
        PlatformPod(f"jupyterhub-{env}-user-{slug}", spawners[slug].namespace, pod["metadata"]["labels"], pod["spec"])
        for slug, pod in pods.items()
    ]


def spawner(env: str, *, profile: str = "", **settings: Any) -> Any:
    """The hub's spawner in a place, with a profile as a person chooses it; nothing is asked of a cluster."""
    configuration, read = Config(), yaml.safe_load(config_map("jupyterhub", env, "hub")["settings.yaml"])
    for file in ("user_pod", "profiles"):
        hub_file(file).configure(configuration, {**read, **settings})
    with patch("kubespawner.spawner.load_config"), patch("kubespawner.spawner.shared_client"):
        made = hub_file("spawner").PlatformSpawner(config=configuration, _mock=True)
    made.user_options = {"profile": profile} if profile else {}
    return made


async def manifest(one: Any) -> Object:
    """The pod that a spawner would ask for, as the API server gets it."""
    await one.load_user_options()
    async with client.ApiClient() as api:
        return dict(api.sanitize_for_serialization(await one.get_pod_manifest()))


def hub_file(name: str) -> ModuleType:
    """A Python file of the hub's configuration, as a module."""
    found = importlib.util.spec_from_file_location(name, CHARTS / "jupyterhub" / "files" / f"{name}.py")
    assert found and found.loader
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)
    return module


def _task_pod(env: str) -> PlatformPod:
    """What Airflow's scheduler starts for a task; it adds names, arguments and labels to this template."""
    pod = yaml.safe_load(config_map("airflow", env, "airflow")["pod_template.yaml"])
    return PlatformPod(f"airflow-{env}-task", namespaces(env)["jobs"], pod["metadata"]["labels"], pod["spec"])


def _job_pods(env: str) -> list[PlatformPod]:
    """What a task of a DAG and the smoke run start for a job."""
    where = namespaces(env)["jobs"]
    image = config_map("platform", env, "dataops-env", where)["SPARK_EXECUTOR_IMAGE"]
    found = []
    for size in SIZES:
        for kind in ("driver", "task"):
            pod = job_pod(image=image, component=kind, size=size, spark=kind == "driver")
            found.append(PlatformPod(f"job-{env}-{size}-{kind}", where, pod["metadata"]["labels"], pod["spec"]))
    return found


def _executor_pods() -> list[PlatformPod]:
    """What a Spark driver starts, in each namespace that has drivers."""
    places = [(env, role, namespaces(env)[role]) for env in ENVIRONMENTS for role in ("users", "jobs")]
    gateway = launch_gateway(SparkConf(loadDefaults=False))  # type: ignore[no-untyped-call]  # py4j has no types
    try:
        pods = [
            _executor_pod(gateway.jvm, config_map("platform", env, "dataops-env", where)) for env, _, where in places
        ]
    finally:
        gateway.shutdown()
        gateway.proc.stdin.close()  # Spark's gateway ends with the one who started it
    return [
        PlatformPod(f"executor-{env}-{role}", where, pod["metadata"]["labels"], pod["spec"])
        for (env, role, where), pod in zip(places, pods, strict=True)
    ]


def _executor_pod(jvm: Any, facts: dict[str, str]) -> Object:
    """The pod as Spark's own builder puts it together from the session's options."""
    me = {"POD_NAME": "driver", "POD_NAMESPACE": "jobs", "POD_IP": "192.0.2.7", "LAKE_CATALOG_USER": "lake_job"}
    settings = Settings.model_validate({name.lower(): value for name, value in {**facts, **me}.items()})
    template = write_executor_template()
    options = spark_conf(settings, spark_version=pyspark.__version__, executor_template=template)
    conf = jvm.org.apache.spark.SparkConf(False)
    for name, value in {**options, "spark.app.id": "spark-0"}.items():
        conf.set(name, value)
    nothing = getattr(jvm.scala, "Option").empty()
    wanted = jvm.org.apache.spark.deploy.k8s.KubernetesConf.createExecutorConf(conf, "1", "spark-0", nothing, 0)
    profile = _companion(jvm.org.apache.spark.resource, "ResourceProfile").getOrCreateDefaultProfile(conf)
    file_option = getattr(_companion(jvm.org.apache.spark, "SecurityManager"), "$lessinit$greater$default$3")()
    security = jvm.org.apache.spark.SecurityManager(conf, nothing, file_option)
    security.initializeAuth()
    empty = jvm.io.fabric8.kubernetes.client.Config.empty()
    kubernetes = jvm.io.fabric8.kubernetes.client.KubernetesClientBuilder().withConfig(empty).build()
    builder = jvm.org.apache.spark.scheduler.cluster.k8s.KubernetesExecutorBuilder()
    made = builder.buildFromFeatures(wanted, security, kubernetes, profile).pod()
    text = jvm.io.fabric8.kubernetes.client.utils.Serialization
    pod, container = (dict(yaml.safe_load(text.asYaml(part))) for part in (made.pod(), made.container()))
    template.unlink()
    pod["spec"]["containers"] = [*pod["spec"].get("containers", []), container]
    return pod


def _companion(package: Any, name: str) -> Any:
    """The object that Scala keeps beside a class."""
    return getattr(getattr(package, f"{name}$"), "MODULE$")
