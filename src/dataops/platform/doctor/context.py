"""What the checks share: the place, its cluster, what would be installed there, and what is."""

import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from kubernetes import client
from kubernetes.client.exceptions import ApiException

from dataops.errors import UserError
from dataops.platform import helm, trust
from dataops.platform.charts import Chart, charts_of
from dataops.platform.images.builder import image_refs
from dataops.platform.plan import image_tags
from dataops.platform.smoke.context import Context as SmokeContext

OPENSHIFT = {"route.openshift.io", "security.openshift.io"}


@dataclass
class Context(SmokeContext):
    """What a check is given; a smoke check's context with the rendered charts beside it."""

    @cached_property
    def charts(self) -> list[Chart]:
        """The charts of the environment."""
        return charts_of(self.root, self.environment)

    @cached_property
    def _tags(self) -> tuple[dict[str, str], str]:
        """What pods name images by, and why that is not by digest where it should be."""
        try:
            return image_tags(self.root, self.environment), ""
        except UserError as refusal:
            # the shape of everything else is the same
            tags = {name: reference.rpartition(":")[2] for name, reference in image_refs(self.root).items()}
            return tags, str(refusal)

    @property
    def no_digests(self) -> str:
        """Why the registry does not say what images are there; empty when it does."""
        return self._tags[1]

    @cached_property
    def rendered(self) -> str:
        """What a deploy would install, as text."""
        values = {"tags": self._tags[0], "checksum": ""}
        return "\n---\n".join(helm.template(chart, self.environment, values) for chart in self.charts)

    @cached_property
    def objects(self) -> list[tuple[str, dict[str, Any]]]:
        """What a deploy would install, each object with its namespace."""
        parsed = helm.parse(self.rendered)
        return [(one["metadata"].get("namespace", self.environment.servers), one) for one in parsed]

    @cached_property
    def releases(self) -> dict[str, helm.Release]:
        """What Helm recorded."""
        return helm.releases(self.cluster, self.environment)

    @property
    def deployed(self) -> bool:
        """Whether the first deploy came as far as the accounts and facts that pods need."""
        return self.cluster.config_map(self.environment.namespaces["jobs"], "dataops-env") is not None

    @property
    def namespaces(self) -> list[str]:
        """Each namespace once; one may play all roles."""
        return self.environment.every_namespace

    @property
    def command(self) -> str:
        """What installs the platform here, as people type it."""
        return f"make deploy ENV={self.environment.name}"

    @cached_property
    def groups(self) -> set[str]:
        """The API groups that the cluster serves."""
        return {group.name for group in client.ApisApi(self.cluster.api).get_api_versions().groups}

    @property
    def openshift(self) -> bool:
        """Whether the cluster admits pods as OpenShift does."""
        return bool(self.groups & OPENSHIFT)

    @cached_property
    def _kinds(self) -> dict[str, dict[str, str]]:
        return {}

    def trusted(self) -> ssl.SSLContext:
        """Whom the platform's programs trust; the system's roots alone while the private CA cannot be read."""
        return ssl.create_default_context(cadata=self._bundle)

    @cached_property
    def _bundle(self) -> str | None:
        try:
            return trust.bundle(self.cluster, self.environment)
        except UserError:
            return None  # another check says what is wrong with it

    def resource(self, version: str, kind: str) -> tuple[str, str] | None:
        """The API group and the plural of a kind, as rights are written; None when the cluster does not serve it."""
        group, _, number = version.rpartition("/")
        if version not in self._kinds:
            try:
                custom: Any = client.CustomObjectsApi(self.cluster.api)
                served = custom.get_api_resources(group, number) if group else self.cluster.core.get_api_resources()
                self._kinds[version] = {one.kind: one.name for one in served.resources if "/" not in one.name}
            except ApiException as error:
                if error.status != 404:
                    raise
                self._kinds[version] = {}
        plural = self._kinds[version].get(kind)
        return (group, plural) if plural else None

    def custom(self, version: str, namespace: str, plural: str, name: str) -> dict[str, Any] | None:
        """An object of a kind that the client has no class for; None when there is none."""
        group, _, number = version.rpartition("/")
        custom: Any = client.CustomObjectsApi(self.cluster.api)
        try:
            found: dict[str, Any] = custom.get_namespaced_custom_object(group, number, namespace, plural, name)
        except ApiException as error:
            if error.status == 404:
                return None
            raise
        return found

    def images(self) -> list[str]:
        """The reference of each image that rendered objects name, in whatever field."""
        registry = re.escape(str(self.environment.get("registry")))
        return sorted(set(re.findall(rf"{registry}/[\w./-]+(?::[\w.-]+|@sha256:[0-9a-f]+)", self.rendered)))

    def pods(self) -> Iterator[tuple[str, str, dict[str, Any]]]:
        """The namespace, a name and the pod of each rendered workload, `helm test` pods among them."""
        for namespace, one in self.objects:
            name = f"{one['kind']} {one['metadata']['name']}"
            if one["kind"] == "Pod":
                yield namespace, name, one
            elif "template" in (one.get("spec") or {}) and one["kind"] in ("Deployment", "StatefulSet", "Job"):
                yield namespace, name, _with_claims(one)


def _with_claims(workload: dict[str, Any]) -> dict[str, Any]:
    """A workload's pod, with the volumes that a StatefulSet adds to it."""
    template, about = workload["spec"]["template"], workload["metadata"]
    claims = [claim["metadata"]["name"] for claim in workload["spec"].get("volumeClaimTemplates", [])]
    added = [{"name": one, "persistentVolumeClaim": {"claimName": f"{one}-{about['name']}-0"}} for one in claims]
    spec = template["spec"]
    return {**template, "spec": {**spec, "volumes": [*spec.get("volumes", []), *added]}}
