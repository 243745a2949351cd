"""docker-compose.yml, run for real: a person logs in and works in a notebook, and nothing is open to other machines."""

from __future__ import annotations

import json
import re
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml

from dataops.platform.environment import load_environment
from dataops.platform.process import run
from dataops.platform.smoke.context import Context
from dataops.platform.smoke.hub import Hub
from tests.e2e.verbs import make
from tests.e2e_full.checkouts import clone
from tests.e2e_full.docker import bring, daemon

PROJECT = "dataops-compose-test"
PORTS = {8000, 7077, 8080, 9000, 9001, 5000}
CELL_SECONDS = 300
READY_SECONDS = 180
WORK = """
import os, mlflow as client
from dataops import tables
print("MASTER", spark.sparkContext.master)
write_s3_parquet(spark.range(1000, numPartitions=4), "sandbox/compose/numbers")
print("ROWS", read_s3_parquet(spark, "sandbox/compose/numbers").count())
tables.publish(spark.range(10).toDF("id"), "sandbox.compose")
print("EXECUTORS", len(spark.sparkContext._jsc.sc().statusTracker().getExecutorInfos()) - 1)  # less the driver
mlflow.set_experiment("compose")
with mlflow.start_run() as run:
    mlflow.log_metric("rows", 1000)
    mlflow.log_text("through the server to S3", "note.txt")
print("NOTE", client.artifacts.load_text(f"runs:/{run.info.run_id}/note.txt"))
open("kept.txt", "w").write(run.info.run_id)
print("ENVIRONMENT", sorted(os.environ))
spark.stop()
"""
LATER = """
from dataops import tables
print("ROWS", tables.read(spark, "sandbox.compose").count())
print("STATUS", mlflow.get_run(open("kept.txt").read()).info.status)
spark.stop()
"""


@dataclass
class Laptop(Context):
    """What the hub's client asks of a cluster, answered by the files of `make compose`."""

    docker: str = ""

    def url(self, key: str) -> str:
        """The one page that the test opens."""
        return {"jupyterhub": "http://localhost:8000"}[key]

    @property
    def trust(self) -> ssl.SSLContext:
        """The bundle of the laptop."""
        return ssl.create_default_context(cafile=self.root / ".compose/ca/ca-bundle.crt")

    def secret(self, name: str, key: str) -> str:
        """A value that `make compose` wrote."""
        return (self.root / ".compose/secrets" / name / key).read_text(encoding="utf-8")

    def compose(self, *words: str) -> str:
        """Run docker-compose, of whichever generation is there, in the checkout."""
        program = ["docker-compose"] if shutil.which("docker-compose") else ["docker", "compose"]
        return run(
            [*program, "--project-name", PROJECT, *words], cwd=self.root, env={"DOCKER_HOST": self.docker}
        ).stdout

    def start(self) -> None:
        """Start everything and return when all of it says that it is ready."""
        self.compose("up", "--detach")
        end = time.monotonic() + READY_SECONDS
        while late := [one["Name"] for one in self.containers() if not ready(one["State"])]:
            assert time.monotonic() < end, f"not ready after {READY_SECONDS} s: {late}"
            time.sleep(1)

    def containers(self) -> list[dict[str, Any]]:
        """Every container of the project, as Docker describes it."""
        names = self.compose("ps", "--quiet").split()
        found: list[dict[str, Any]] = json.loads(run(["docker", "--host", self.docker, "inspect", *names]).stdout)
        return found


def ready(state: dict[str, Any]) -> bool:
    """Whether a container is healthy, or has ended well where it has no check."""
    return bool(state["Health"]["Status"] == "healthy") if "Health" in state else state["ExitCode"] == 0


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """A fresh checkout after `make compose` and `docker-compose up`; nothing is left of it afterwards."""
    folder = clone(tmp_path_factory.mktemp("laptop") / "dataops", "HEAD")
    with daemon() as address:
        done = make("compose", folder)
        assert done.returncode == 0, done.stdout[-3000:]
        nothing: Any = None
        here = Laptop(folder, nothing, load_environment(folder, "local"), docker=address)
        wanted = yaml.safe_load(here.compose("config"))["services"]
        bring(sorted({service["image"] for service in wanted.values()}), address)
        try:
            here.start()
            yield here
        finally:
            here.compose("down", "--volumes")


def example(notebook: Path) -> str:
    """The code of an example."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def words(shown: str) -> dict[str, str]:
    """What the cells printed, by its first word."""
    return dict(re.findall(r"^([A-Z]+) (.*)$", shown, re.MULTILINE))


def test_a_person_logs_in_and_works_with_spark_tables_and_runs(laptop: Laptop) -> None:
    hub = Hub(laptop)
    with hub.server():
        for notebook in sorted((laptop.root / "notebooks-kernel/examples").glob("*.ipynb")):
            hub.run(example(notebook), CELL_SECONDS)
        told = words(hub.run(WORK, CELL_SECONDS))
    assert told["MASTER"] == "spark://spark-master:7077" and int(told["EXECUTORS"]) >= 1
    assert told["ROWS"] == "1000" and told["NOTE"] == "through the server to S3"
    own = {"HUB_DATABASE_URL", "HUB_LOGIN_PASSWORD", "HUB_COOKIE_SECRET", "PROXY_TOKEN"}
    assert not [name for name in own if f"'{name}'" in told["ENVIRONMENT"]], "a kernel has a key of the hub"


def test_other_machines_find_every_port_closed(laptop: Laptop) -> None:
    bindings = [one for each in laptop.containers() for one in each["NetworkSettings"]["Ports"].items() if one[1]]
    assert {int(host["HostPort"]) for _, hosts in bindings for host in hosts} == PORTS
    assert {host["HostIp"] for _, hosts in bindings for host in hosts} == {"127.0.0.1"}
    outside = run(["hostname", "--all-ip-addresses"]).stdout.split()
    for port in PORTS:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
        for address in outside:
            with pytest.raises(OSError):
                socket.create_connection((address, port), timeout=5)


def test_every_container_is_held_as_its_pod_would_be(laptop: Laptop) -> None:
    for one in laptop.containers():
        name, held = one["Name"], one["HostConfig"]
        assert held["ReadonlyRootfs"] and held["CapDrop"] == ["ALL"] and not held["Privileged"], name
        assert "no-new-privileges:true" in held["SecurityOpt"], name
        uid, group = one["Config"]["User"].split(":")
        assert int(uid) > 0 and group == "0", name


def test_work_and_password_outlast_an_update(laptop: Laptop) -> None:
    before = laptop.secret("hub-login", "password")
    laptop.compose("down")
    assert make("compose", laptop.root).returncode == 0
    laptop.start()
    assert laptop.secret("hub-login", "password") == before
    hub = Hub(laptop)
    with hub.server():
        told = words(hub.run(LATER, CELL_SECONDS))
    assert told["ROWS"] == "10" and told["STATUS"] == "FINISHED"
