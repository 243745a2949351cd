"""The platform on a node of 8 GiB: proven there, encrypted, installed chart by chart, and small when nobody uses it."""

from __future__ import annotations

import json
import re
import subprocess
import time

import httpx

from cluster.cgroups import parse_size, roots
from dataops.platform.smoke.context import Context
from dataops.platform.versions import load_versions
from tests.e2e.verbs import ROOT, make
from tests.e2e_full.conftest import MEMORY

IDLE_SECONDS = 600
IDLE_MIB = 3 * 1024


def test_every_check_is_green_within_the_nodes_memory(context: Context) -> None:
    report = json.loads((ROOT / ".reports" / "smoke.json").read_text())
    assert [one["name"] for one in report["checks"] if not one["ok"]] == []
    files = [root / name for root in roots() for name in ("memory.limit_in_bytes", "memory.max")]
    assert [file.read_text().strip() for file in files if file.exists()] == [str(parse_size(MEMORY))]


def test_jobs_ran_on_the_chosen_spark_with_encrypted_rpc(context: Context) -> None:
    applications = f"{context.url('history')}/api/v1/applications"
    newest = httpx.get(applications, params={"limit": 1}).json()[0]
    assert newest["attempts"][0]["appSparkVersion"] == load_versions(ROOT)["SPARK_VERSION"]
    properties = dict(httpx.get(f"{applications}/{newest['id']}/environment").json()["sparkProperties"])
    assert properties["spark.authenticate"] == properties["spark.network.crypto.enabled"] == "true"
    assert properties["spark.io.encryption.enabled"] == "true"


def test_memory_after_ten_idle_minutes(context: Context) -> None:
    time.sleep(IDLE_SECONDS)
    status = make("status").stdout
    working_set = re.search(r"Working set of all platform pods: (\d+) MiB", status)
    assert working_set and int(working_set[1]) <= IDLE_MIB, status


def test_each_chart_installs_by_chart_testing(context: Context) -> None:
    subprocess.run([ROOT / ".venv/bin/dataops", "charts", "install", "--env", "local"], cwd=ROOT, check=True)
    again = make("deploy", SMOKE="never")
    assert again.returncode == 0 and again.stdout.count("nothing to change") >= 6, again.stdout[-2000:]
