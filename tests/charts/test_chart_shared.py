"""`~/shared`: there only where a place names a claim for it, and then people may write to it."""

import asyncio

import pytest

from tests.charts.harness import CHARTS, ENVIRONMENTS, Object, Variant, read_yaml, template
from tests.charts.pods import manifest, spawner

USER = read_yaml(CHARTS / "jupyterhub/values.yaml")["user"]


def pod(env: str, claim: str) -> Object:
    """A person's pod where a claim is named."""
    spec: Object = asyncio.run(manifest(spawner(env, user={**USER, "sharedClaim": claim})))["spec"]
    return spec


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_a_named_claim_is_a_folder_in_every_home(env: str) -> None:
    spec, without = pod(env, "team"), pod(env, "")
    (volume,) = (one for one in spec["volumes"] if one not in without["volumes"])
    assert volume["persistentVolumeClaim"]["claimName"] == "team"
    mounts = spec["containers"][0]["volumeMounts"]
    (mount,) = (one for one in mounts if one not in without["containers"][0]["volumeMounts"])
    assert mount == {"name": volume["name"], "mountPath": "/home/dataops/shared"}, "read-write"
    assert mounts.index(mount) > [one["mountPath"] for one in mounts].index("/home/dataops"), "inside the home"


def test_a_claim_is_a_name() -> None:
    done = template(Variant("jupyterhub", "local"), "--set=user.sharedClaim=/team")
    assert done.returncode and "/user/sharedClaim" in done.stderr
