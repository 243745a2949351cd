"""The cluster a command talks to: one context of one kubeconfig, and the few calls the platform makes."""

from __future__ import annotations

import base64
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from kubernetes import client, config, dynamic
from kubernetes.client.exceptions import ApiException
from kubernetes.stream import stream
from urllib3.exceptions import HTTPError

from dataops.errors import UserError

FIELD_MANAGER = "dataops"


@dataclass(frozen=True)
class Cluster:
    """One context of one kubeconfig.

    The API groups are untyped: the client's own types call every field optional, even those that are always there.

    Attributes:
        kubeconfig: The file; None means what kubectl would take.
        context: The context's name.
        server: The address of its API server.
        api: The client.
    """

    kubeconfig: Path | None
    context: str
    server: str
    api: client.ApiClient = field(repr=False)

    @property
    def core(self) -> Any:
        """Pods, Secrets, ConfigMaps, nodes."""
        return client.CoreV1Api(self.api)

    @property
    def apps(self) -> Any:
        """Deployments and StatefulSets."""
        return client.AppsV1Api(self.api)

    @property
    def batch(self) -> Any:
        """Jobs."""
        return client.BatchV1Api(self.api)

    @property
    def environ(self) -> dict[str, str]:
        """What a subprocess needs to talk to the same cluster."""
        return {"KUBECONFIG": str(self.kubeconfig)} if self.kubeconfig else {}

    def silence(self) -> str | None:
        """Why the API server does not answer; None when it does."""
        try:
            client.VersionApi(self.api).get_code(_request_timeout=5)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, it does not answer
            return explain(error) or type(error).__name__
        return None

    def must_answer(self, fix: str) -> None:
        """Return if the API server answers.

        Args:
            fix: What to do when it does not.

        Raises:
            UserError: It does not; the message says why.
        """
        if why := self.silence():
            raise UserError(f"{self.server} does not answer ({why}): {fix}")

    def secret(self, namespace: str, name: str) -> dict[str, bytes] | None:
        """A Secret's data, or None when there is no such Secret."""
        try:
            found = self.core.read_namespaced_secret(name, namespace)
        except ApiException as error:
            if error.status == 404:
                return None
            raise
        return {key: base64.b64decode(value) for key, value in (found.data or {}).items()}

    def write_secret(self, namespace: str, name: str, data: dict[str, bytes], labels: dict[str, str]) -> None:
        """Create a Secret, or add keys to the one that is there.

        Args:
            namespace: Its namespace.
            name: Its name.
            data: The keys to write.
            labels: Labels of a Secret that is created.
        """
        encoded: Any = {key: base64.b64encode(value).decode() for key, value in data.items()}
        if self.secret(namespace, name) is None:
            body = client.V1Secret(metadata=client.V1ObjectMeta(name=name, labels=labels), data=encoded)
            self.core.create_namespaced_secret(namespace, body)
        else:
            self.core.patch_namespaced_secret(name, namespace, {"data": encoded})

    def config_map(self, namespace: str, name: str) -> Any:
        """A ConfigMap, or None when there is no such ConfigMap."""
        try:
            return self.core.read_namespaced_config_map(name, namespace)
        except ApiException as error:
            if error.status == 404:
                return None
            raise

    def execute(self, namespace: str, pod: str, command: Sequence[str], timeout: float = 60) -> str:
        """Run a command in a running pod.

        Args:
            namespace: The pod's namespace.
            pod: Its name.
            command: Program and arguments.
            timeout: Seconds until it must have ended.

        Returns:
            What it printed.

        Raises:
            UserError: It failed or took too long.
        """
        pipes = {"stdout": True, "stderr": True, "_preload_content": False}
        said = stream(self.core.connect_get_namespaced_pod_exec, pod, namespace, command=command, **pipes)
        said.run_forever(timeout=timeout)
        if said.is_open() or said.returncode != 0:
            raise UserError(
                f"{command[0]} in pod {pod} of {namespace} failed: {said.read_stderr()[-300:] or 'no answer'}"
            )
        return str(said.read_stdout())

    def apply(self, documents: str) -> None:
        """Create or update every object of a YAML text, as `kubectl apply --server-side` does."""
        dynamic_client = dynamic.DynamicClient(self.api)  # type: ignore[no-untyped-call]  # the client's own gap
        for body in yaml.safe_load_all(documents):
            if not body:
                continue
            resource = dynamic_client.resources.get(api_version=body["apiVersion"], kind=body["kind"])
            resource.server_side_apply(
                body=body,
                name=body["metadata"]["name"],
                namespace=body["metadata"].get("namespace"),
                field_manager=FIELD_MANAGER,
                force_conflicts=True,
            )


def connect(kubeconfig: Path | None) -> Cluster:
    """Open the current context of a kubeconfig.

    Args:
        kubeconfig: The file; None means KUBECONFIG or ~/.kube/config.

    Returns:
        The cluster; nothing was sent to it yet.

    Raises:
        UserError: There is no usable kubeconfig.
    """
    path = str(kubeconfig) if kubeconfig else os.environ.get("KUBECONFIG")
    where = path or "KUBECONFIG or ~/.kube/config"
    if path and not any(Path(one).is_file() for one in path.split(os.pathsep)):
        raise UserError(f"{where} is no file: correct or unset KUBECONFIG, or run `make cluster`")
    try:
        _, current = config.list_kube_config_contexts(path)  # type: ignore[no-untyped-call]  # the client's own gap
        api = config.new_client_from_config(path)  # type: ignore[no-untyped-call]  # the client's own gap
    except config.ConfigException as error:
        raise UserError(f"{where} names no usable cluster ({error}): log in first, or run `make cluster`") from error
    except (yaml.YAMLError, OSError, TypeError, ValueError) as error:
        raise UserError(f"{where} is no kubeconfig: correct or unset KUBECONFIG, or run `make cluster`") from error
    context: dict[str, Any] = current
    return Cluster(kubeconfig, str(context["name"]), str(api.configuration.host), api)


def explain(error: BaseException) -> str | None:
    """What an error of the client means, in a few words; None for one that is not about the cluster."""
    if isinstance(error, HTTPError) and "CERTIFICATE_VERIFY_FAILED" in str(error):
        return "its certificate is not trusted: log in with the CA that signed it"
    if isinstance(error, HTTPError):
        return re.sub(r"^\w+\(host=.*?\): ", "", str(getattr(error, "reason", None) or error))
    if not isinstance(error, ApiException):
        return None
    if error.status == 401:
        return "it does not know you any more, log in again"
    return f"{error.status} {message(error)}" + (", ask its administrator" if error.status == 403 else "")


def message(error: ApiException) -> str:
    """The API server's own words."""
    try:
        return str(json.loads(error.body or "")["message"])
    except (TypeError, ValueError, KeyError):
        return str(error.reason)
