"""Admission: the cluster takes every pod as it would be made (asked by a dry run), on OpenShift by `restricted-v2`."""

import copy
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import yaml
from kubernetes.client.exceptions import ApiException

from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok, warning
from dataops.platform.kube import message
from dataops.pods import job_pod

ORDER = 60
SCC = "openshift.io/scc"
RESTRICTED = "restricted-v2"
NO_ACCOUNT = re.compile(r"error looking up service account|serviceaccount \S+ not found")
WORDS = 300


def check(context: Context) -> Iterator[Finding]:
    """Ask about every pod that charts render, that Airflow starts and that a job gets; then look at those that run."""
    admitted: Counter[str] = Counter()
    for namespace, name, pod in [*context.pods(), *_started(context)]:
        try:
            annotations, warnings = _ask(context, namespace, pod)
        except ApiException as failure:
            if failure.status == 404:  # the namespace itself, which another check names
                continue
            yield error(
                f"{namespace} refuses the pod of {name}: {_short(message(failure))}",
                "put right what it names, or ask the administrator why the namespace refuses it",
            )
            continue
        admitted[namespace] += 1
        if warnings:
            yield warning(f"{namespace} warns about the pod of {name}: {_short(warnings)}", "put right what it names")
        if problem := _wrong_scc(context, f"the pod of {name} in {namespace}", annotations):
            yield problem
    for namespace, count in admitted.items():
        yield ok(f"{namespace} takes {count} pod(s)" + (f" by {RESTRICTED}" if context.openshift else ""))
    yield from _running(context)


def _started(context: Context) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """The pods that programs make: a job's, and those that ConfigMaps hold as a whole."""
    jobs = context.environment.namespaces["jobs"]
    image = next((name for name in context.images() if re.search(r"/spark[:@]", name)), "spark")
    yield jobs, "a job", job_pod(image=image, component="task", size="small", spark=True)
    for _, one in context.objects:
        for key, text in (one.get("data") or {}).items() if one["kind"] == "ConfigMap" else []:
            if key.endswith((".yaml", ".yml")):
                content = yaml.safe_load(text)
                if isinstance(content, dict) and content.get("kind") == "Pod":
                    yield jobs, f"{one['metadata']['name']}/{key}", content


def _ask(context: Context, namespace: str, template: dict[str, Any]) -> tuple[dict[str, str], str]:
    """The annotations a pod would get and what the API server warns of; its accounts may be still to come."""
    pod = {"apiVersion": "v1", "kind": "Pod", **copy.deepcopy(template)}
    about = pod.get("metadata", {})
    kept = {key: about[key] for key in ("labels", "annotations") if key in about}
    pod["metadata"] = {"generateName": "doctor-", **kept}
    create = context.cluster.core.create_namespaced_pod_with_http_info
    try:
        found, _, headers = create(namespace, pod, dry_run="All")
    except ApiException as failure:
        if not NO_ACCOUNT.search(message(failure)):
            raise
        # an account that comes with the deploy has no more rights than this one
        pod["spec"]["serviceAccountName"] = "default"
        found, _, headers = create(namespace, pod, dry_run="All")
    return found.metadata.annotations or {}, str(headers.get("Warning") or "")


def _wrong_scc(context: Context, pod: str, annotations: dict[str, str]) -> Finding | None:
    scc = annotations.get(SCC)
    if not context.openshift or scc == RESTRICTED:
        return None
    return error(
        f"{pod} is admitted by {scc or 'no security context constraint'}, not by {RESTRICTED}",
        "look as an ordinary admin of the namespace, and have other grants of constraints removed",
    )


def _running(context: Context) -> Iterator[Finding]:
    if not context.openshift:
        return
    pods = [
        pod for namespace in context.namespaces for pod in context.cluster.core.list_namespaced_pod(namespace).items
    ]
    about = [(f"{pod.metadata.namespace}/{pod.metadata.name}", pod.metadata.annotations or {}) for pod in pods]
    wrong = [problem for name, notes in about if (problem := _wrong_scc(context, f"pod {name}", notes))]
    yield from wrong
    if pods and not wrong:
        yield ok(f"{len(pods)} pod(s) run by {RESTRICTED}")


def _short(words: str) -> str:
    """The API server's words without the pod's name, on one line."""
    said = re.sub(r'^pods "[^"]*" is forbidden: ', "", " ".join(words.split()))
    return said if len(said) <= WORDS else f"{said[:WORDS]} ..."
