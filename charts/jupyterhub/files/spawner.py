"""The platform's spawner: it puts people into their namespaces, and says in one sentence why a server did not start."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Any, ClassVar

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


def why(pod: dict[str, Any] | None) -> str | None:
    """Say why a server has ended that nobody had asked to.

    Args:
        pod: Its pod as it is seen now; None where it is gone.

    Returns:
        The reason, empty where the program ended well and left no word; None while it runs.
    """
    gone = "the cluster evicted or deleted its pod, as it does when it empties a node"
    if pod is None:
        return gone
    status = pod["status"]
    ends = [one["state"]["terminated"] for one in status.get("containerStatuses") or [] if "terminated" in one["state"]]
    if status.get("reason") == "Evicted":
        return f"its node ran short and evicted it ({status.get('message')}); choose a smaller profile or start later"
    if not ends:
        return None
    if any(end.get("reason") == "OOMKilled" for end in ends):
        return "it used up its memory and was killed; choose a larger profile"
    if pod["metadata"].get("deletionTimestamp"):
        return gone
    if code := ends[0]["exitCode"]:
        return f"its program ended with code {code}"
    # what it wrote into its termination log, as it does when nobody uses it
    return str(ends[0].get("message", ""))


class PlatformSpawner(KubeSpawner):  # type: ignore[misc]  # it ships no types
    """KubeSpawner, with refusals that people understand and a namespace for each person where the place lists them.

    KubeSpawner's own way to namespaces of users wants rights in the whole cluster.
    """

    own_namespaces = Dict(
        value_trait=Unicode(), key_trait=Unicode(), config=True, help="Namespaces by people; empty shares one."
    )

    # why the last server ended, by people, empty where that needs no word; after a stop the hub makes a spawner anew
    ends: ClassVar[dict[str, str]] = {}

    async def poll(self) -> Any:
        """Ask how the pod is, and remember why it ended when nobody had asked it to."""
        await self._start_watching_pods()
        if self.server is not None and self.pending in (None, "check"):
            reason = why(self.pod_reflector.pods.get(f"{self.namespace}/{self.pod_name}"))
            if reason is not None:  # the first word counts: KubeSpawner deletes a pod that has ended
                self.ends.setdefault(self.user.name, reason)
        code = await super().poll()
        if code is None and self.ready:
            self.ends.pop(self.user.name, None)
        return code

    async def progress(self) -> AsyncIterator[dict[str, Any]]:
        """Say first why the last server ended."""
        if reason := self.ends.get(self.user.name):
            told = (
                f"Your last server ended without being asked: {reason}. Your files are as they were, "
                "the variables of its kernels are lost."
            )
            yield {"progress": 0, "message": told}
        async for event in super().progress():
            yield event

    async def _start(self) -> Any:
        """Start the pod.

        Raises:
            Refused: Nobody has listed the person, the cluster has no room for the pod, or refuses it.
        """
        if self.own_namespaces and self.user.name != SMOKE:
            self._move_to_own_namespace()
        # an earlier start may have found the home elsewhere, or somebody took it away since; one that is there stays
        self._pvc_exists = False
        starting = asyncio.ensure_future(super()._start())
        waited = 0
        try:
            while not (await asyncio.wait({starting}, timeout=1))[0]:
                hindrance = self._hindrance()
                waited = waited + 1 if hindrance else 0
                if waited >= NO_ROOM_SECONDS:
                    raise Refused(hindrance)
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
        facts, _ = self.extra_container_config["envFrom"]
        self.extra_container_config = {"envFrom": [facts, {"secretRef": {"name": f"s3-{name}"}}]}

    def _hindrance(self) -> str:
        """The sentence for what the scheduler lacks for this pod; empty when people can do nothing."""
        last = self.events[-1] if self.events else {"reason": ""}
        said = last["message"] if last["reason"] == "FailedScheduling" else ""
        if "Insufficient" in said:
            return f"No node has room for your server now ({said}): {WAYS_OUT}."
        if missing := re.search(r'persistentvolumeclaim "([^"]+)" not found', said):
            return (
                f"Volume claim {missing[1]} does not exist in namespace {self.namespace}: ask an administrator to make "
                "it there, or to name another in user.sharedClaim of charts/jupyterhub."
            )
        return ""

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
