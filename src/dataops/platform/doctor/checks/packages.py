"""The mirror that `pip install` of notebooks asks: named, opened by the policies, and answering a notebook's pod."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from dataops.platform.doctor import mirror
from dataops.platform.doctor.context import Context
from dataops.platform.doctor.findings import Finding, error, ok
from dataops.platform.smoke.context import CheckFailed
from dataops.platform.smoke.pods import MARK, run_pod
from dataops.pods import job_pod

ORDER = 82
SECONDS = 90.0


def check(context: Context) -> Iterator[Finding]:
    """Ask the mirror from a pod that policies take for a notebook, once there is something to run it with."""
    facts = context.environment.values
    if "packages" not in facts:
        yield ok("notebooks have no package mirror: the facts name none under global.packages")
        return
    index = facts["packages"]["index"]
    if "packages" not in facts.get("egress", {}):
        yield error(f"policies let no notebook go to {index}", "name its addresses in global.egress.packages")
        return
    if not context.deployed:
        yield ok(f"the package mirror {index} is asked after the first `{context.command}`")
        return
    try:
        found = run_pod(context, mirror_pod(context), SECONDS)["finding"]
    except CheckFailed as failure:
        found = "error", f"the package mirror was not asked: {failure}", "put right what it names", ""
    yield Finding(*found)


def mirror_pod(context: Context) -> dict[str, Any]:
    """A pod with the labels of a notebook and none of its Secrets."""
    pod = job_pod(image=context.job_image, component="notebook", size="small", spark=False)
    about, spec, container = pod["metadata"], pod["spec"], pod["spec"]["containers"][0]
    about["labels"] |= {"app.kubernetes.io/name": "jupyterhub", MARK: "packages"}
    own = context.environment.own_namespaces.values()
    about |= {"generateName": "doctor-packages-", "namespace": next(iter(own), context.environment.namespaces["users"])}
    spec["serviceAccountName"] = "notebook"
    spec["imagePullSecrets"] = context.environment.values.get("imagePullSecrets") or []
    spec["volumes"] = [one for one in spec["volumes"] if one["name"] != "catalog"]
    container["volumeMounts"] = [one for one in container["volumeMounts"] if one["name"] != "catalog"]
    container["envFrom"] = [{"configMapRef": {"name": "dataops-env"}}]
    container["args"] = ["python", "-c", Path(mirror.__file__).read_text(encoding="utf-8")]
    return pod
