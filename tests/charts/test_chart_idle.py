"""A server that nobody uses: it stops itself when the chart says, and the hub's culler knows no other."""

import pytest

from tests.charts.harness import CHARTS, ENVIRONMENTS, read_yaml
from tests.charts.pods import config_map, spawner


@pytest.mark.parametrize("env", ENVIRONMENTS)
def test_the_server_knows_when_to_stop(env: str) -> None:
    said = read_yaml(CHARTS / "jupyterhub/values.yaml")["user"]["idleSeconds"]
    assert spawner(env).get_env()["SERVER_IDLE_SECONDS"] == str(said)
    assert f"idleSeconds: {said}\n" in config_map("jupyterhub", env, "hub")["settings.yaml"]
