"""The platform's spawner: KubeSpawner that says in one sentence why a server did not start, and what to do."""

import asyncio
import json
from typing import Any

from kubernetes_asyncio.client.exceptions import ApiException
from kubespawner import KubeSpawner  # type: ignore[import-untyped]  # it ships no types
from tornado.web import HTTPError

# A node may be about to free what is asked for: an earlier server of the same person, for example.
NO_ROOM_SECONDS = 30
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
    """KubeSpawner, with refusals that people understand."""

    async def _start(self) -> Any:
        """Start the pod.

        Raises:
            Refused: The cluster has no room for it, or refuses it.
        """
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
