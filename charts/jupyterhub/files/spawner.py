"""The platform's spawner: it puts people into their namespaces, and says in one sentence why a server did not start."""

import asyncio
import json
from typing import Any

from kubernetes_asyncio.client.exceptions import ApiException
from kubespawner import KubeSpawner  # type: ignore[import-untyped]  # it ships no types
from tornado.web import HTTPError
from traitlets import Dict, Unicode

# A node may be about to free what is asked for: an earlier server of the same person, for example.
NO_ROOM_SECONDS = 30
# Whom `make smoke` logs in as: its server is in the shared namespace, where nobody else's is then.
SMOKE = "smoke"
WAYS_OUT = "choose a smaller profile, stop what you no longer need, or ask an administrator for more"


class Refused(HTTPError):
    """A server that cannot start; of other errors the form, to which a quick one leads back, says nothing."""

    def __init__(self, sentence: str) -> None:
        """Keep the sentence where the page of a slow start looks for it too."""
        super().__init__(409, sentence)
        self.jupyterhub_message = sentence

    def __str__(self) -> str:
        return str(self.jupyterhub_message)


class PlatformSpawner(KubeSpawner):  # type: ignore[misc]  # it ships no types
    """KubeSpawner, with refusals that people understand and a namespace for each person where the place lists them.

    KubeSpawner's own way to namespaces of users wants rights in the whole cluster.
    """

    own_namespaces = Dict(
        value_trait=Unicode(), key_trait=Unicode(), config=True, help="Namespaces by people; empty shares one."
    )

    async def _start(self) -> Any:
        """Start the pod.

        Raises:
            Refused: Nobody has listed the person, the cluster has no room for the pod, or refuses it.
        """
        if self.own_namespaces and self.user.name != SMOKE:
            self._move_to_own_namespace()
        starting = asyncio.ensure_future(super()._start())
        waited = 0
        try:
            while not (await asyncio.wait({starting}, timeout=1))[0]:
                waited = waited + 1 if self._no_room() else 0
                if waited >= NO_ROOM_SECONDS:
                    raise Refused(f"No node has room for your server now ({self._no_room()}): {WAYS_OUT}.")
            return starting.result()
        except ApiException as error:
            raise Refused(self._reason(error)) from error
        except ValueError as error:  # a profile that does not exist
            raise Refused(str(error)) from error
        finally:
            starting.cancel()

    def _move_to_own_namespace(self) -> None:
        """Let the pod, its volume and its key of S3 be the person's own."""
        name = self.user.name
        if name not in self.own_namespaces:
            raise Refused(
                f"{name} has no namespace here: ask an administrator to add the name to `users:` in the environment "
                "file, to apply what `make bootstrap` prints, and to deploy."
            )
        if self.namespace != self.own_namespaces[name]:
            self.namespace = self.own_namespaces[name]
            self.dns_name = self.dns_name_template.format(namespace=self.namespace, name=self.pod_name)
            # what an earlier start found was in another namespace
            self._pvc_exists = False
        facts, _ = self.extra_container_config["envFrom"]
        self.extra_container_config = {"envFrom": [facts, {"secretRef": {"name": f"s3-{name}"}}]}

    def _no_room(self) -> str:
        """What the scheduler lacks for this pod; empty when it lacks nothing."""
        last = self.events[-1] if self.events else {"reason": ""}
        return last["message"] if last["reason"] == "FailedScheduling" and "Insufficient" in last["message"] else ""

    def _reason(self, error: ApiException) -> str:
        """The sentence for a refusal of the API server."""
        try:
            said = str(json.loads(error.body)["message"])
        except (TypeError, ValueError, KeyError):
            said = f"{error.status} {error.reason}"
        _, quota, amounts = said.partition("exceeded quota: ")
        if quota:
            return f"Your server does not fit into the quota of namespace {self.namespace} ({amounts}): {WAYS_OUT}."
        if "maximum" in said:  # a LimitRange
            return f"Your server is larger than namespace {self.namespace} allows ({said}): {WAYS_OUT}."
        return f"The cluster refuses your server ({said}): show this to an administrator."
