"""A data scientist's day at the browser: log in, choose a size, run a notebook, look at Spark and MLflow, log out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, HttpCredentials, expect

from dataops.platform.smoke.context import Context
from tests.e2e import pods
from tests.e2e.browser import PAGE_SECONDS, Person, chromium, person

SMALL = "Small: look at data"
BACK_SECONDS = 60
# of a server that nobody uses: the page warns when a sixth is left; the hub asks every 30 seconds which servers run
IDLE_SECONDS, NOTICED_SECONDS = 36, 60


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Chromium, for all tests of this file."""
    with chromium() as one:
        yield one


def test_a_day(browser: Browser, platform: Context) -> None:
    with person(browser, platform, "ada") as ada:
        ada.log_in()
        expect(ada.page.get_by_text("Up to 2 CPUs and 2 GB of memory").first).to_be_visible()
        ada.see("profiles")
        ada.start_server(SMALL)
        ada.open()
        ada.run_all()
        outputs = ada.outputs()
        expect(
            ada.page.locator(".jp-OutputArea-output[data-mime-type='application/vnd.jupyter.stderr']")
        ).to_have_count(0)
        expect(outputs.locator("table").first).to_contain_text("dep_delay")
        ada.see("notebook")
        ada.run("spark.range(1000).count()", "1000")
        ada.run(
            "with mlflow.start_run(run_name='first-look') as run: mlflow.log_metric('rows', 1000)\nrun.info.run_name",
            "first-look",
        )
        look_at_spark(ada)
        look_at_mlflow(browser, ada)
        ada.log_out()
        ada.see("logged-out")


def look_at_spark(one: Person) -> None:
    """Spark's own pages answer behind the user's log-in, and nobody else's."""
    one.page.goto(f"{one.platform.url('jupyterhub')}/user/{one.name}/proxy/4040/jobs/")
    expect(one.page.get_by_text("Spark Jobs")).to_be_visible(timeout=PAGE_SECONDS * 1000)
    expect(one.page.get_by_text("Completed Jobs").first).to_be_visible()
    one.see("spark")


def look_at_mlflow(browser: Browser, one: Person) -> None:
    """A token of the hub signs in to MLflow, where the run of the notebook is."""
    known: HttpCredentials = {"username": one.name, "password": one.token()}
    with person(browser, one.platform, f"{one.name}-mlflow", known) as reader:
        reader.page.goto(f"{one.platform.url('mlflow')}/#/experiments")
        reader.page.get_by_role("link", name=f"users/{one.name}").click()
        reader.page.wait_for_url(re.compile(r"/experiments/\d+"))
        experiment = re.findall(r"/experiments/(\d+)", reader.page.url)[0]
        reader.page.goto(f"{one.platform.url('mlflow')}/#/experiments/{experiment}/runs")
        expect(reader.page.get_by_text("first-look").first).to_be_visible(timeout=PAGE_SECONDS * 1000)
        reader.see("mlflow")


def test_two_at_once(browser: Browser, platform: Context) -> None:
    with person(browser, platform, "bea") as bea, person(browser, platform, "cleo") as cleo:
        for one in (bea, cleo):
            one.log_in()
            one.start_server(SMALL)
        for one in (bea, cleo):
            one.open()
            one.run(f"name = {one.name!r}; spark.range(10).count()", "10")
        for one in (bea, cleo):
            one.run("name", one.name)
        other = bea.page.goto(f"{platform.url('jupyterhub')}/user/cleo/api/contents")
        assert other is not None and other.status in (403, 404)
        for one in (bea, cleo):
            one.log_out()


@pytest.mark.parametrize(("name", "password"), [("ada", "wrong"), ("mlflow-jobs", None), ("No One", None)])
def test_a_stranger_is_turned_away(browser: Browser, platform: Context, name: str, password: str | None) -> None:
    with person(browser, platform, name) as stranger:
        stranger.log_in(password)
        expect(stranger.page.get_by_text("Invalid username or password")).to_be_visible()
        stranger.page.goto(f"{platform.url('jupyterhub')}/hub/home")
        expect(stranger.page).to_have_url(re.compile("/hub/login"))


def test_the_hub_restarts_in_the_middle(browser: Browser, platform: Context) -> None:
    with person(browser, platform, "dan") as dan:
        dan.log_in()
        dan.start_server(SMALL)
        dan.open()
        dan.run("kept = 6 * 7; kept", "42")
        for component in ("hub", "proxy"):
            restart(platform, component, dan.name)
            dan.open()
            dan.run("kept + 1", "43")
        dan.page.goto(f"{platform.url('jupyterhub')}/hub/home")
        expect(dan.page.get_by_role("button", name="Stop My Server")).to_be_visible(timeout=BACK_SECONDS * 1000)
        dan.log_out()


def test_a_server_that_nobody_uses_warns_and_ends_and_says_so(browser: Browser, platform: Context) -> None:
    home, spawn = (f"{platform.url('jupyterhub')}/hub/{page}" for page in ("home", "spawn"))
    with person(browser, platform, "eve") as eve:
        with servers_that_stop_after(platform, IDLE_SECONDS):
            eve.log_in()
            eve.start_server(SMALL)
        warning = eve.page.get_by_text("Nobody uses this server: it stops at")
        expect(warning).to_be_visible(timeout=IDLE_SECONDS * 1000)
        eve.see("idle")
        eve.page.mouse.move(400, 400)
        expect(warning).to_be_hidden()
        eve.page.wait_for_timeout(IDLE_SECONDS / 4 * 1000)  # past the end that a hand has put off
        expect(warning).to_be_hidden()
        expect(warning).to_be_visible(timeout=IDLE_SECONDS * 1000)

        def ended() -> bool:
            eve.page.goto(home)
            return eve.page.get_by_role("button", name="Start My Server").is_visible()

        pods.until(ended, NOTICED_SECONDS, "nobody used the server, and it runs")
        eve.page.goto(spawn)
        eve.page.get_by_role("button", name="Start").click()
        expect(eve.page.locator("#progress-log")).to_contain_text(
            f"nobody had used it for {IDLE_SECONDS / 60:g} minutes. Your files are as they were"
        )
        eve.page.wait_for_url("**/lab**", timeout=BACK_SECONDS * 1000)
        eve.log_out()


@contextmanager
def servers_that_stop_after(platform: Context, seconds: int) -> Iterator[None]:
    """Have servers that the hub starts while the block runs stop so soon without use; others keep their hour."""
    core, namespace, file = platform.cluster.core, platform.environment.servers, "settings.yaml"

    def reads(text: str) -> None:
        core.patch_namespaced_config_map("hub", namespace, {"data": {file: text}})
        restart(platform, "hub")

    before = core.read_namespaced_config_map("hub", namespace).data[file]
    reads(re.sub(r"(?m)^idleSeconds: \d+$", f"idleSeconds: {seconds}", before))
    try:
        yield
    finally:
        reads(before)


def restart(platform: Context, component: str, *users: str) -> None:
    """Delete a server's pod and wait until another is there and the pages of the hub and of users answer."""
    core, namespace = platform.cluster.core, platform.environment.servers
    selector = f"app.kubernetes.io/name=jupyterhub,app.kubernetes.io/component={component}"
    (old,) = core.list_namespaced_pod(namespace, label_selector=selector).items
    core.delete_namespaced_pod(old.metadata.name, namespace)
    # a request to a pod that goes away meanwhile is never answered
    with platform.http("jupyterhub", timeout=5) as client:

        def answers() -> bool:
            now = core.list_namespaced_pod(namespace, label_selector=selector).items
            if not any(ready(one) for one in now if one.metadata.name != old.metadata.name):
                return False  # what answers now is on its way out
            try:
                return all(
                    client.get(path).is_success for path in ("/hub/login", *(f"/user/{one}/api" for one in users))
                )
            except httpx.TransportError:
                return False

        pods.until(answers, BACK_SECONDS, f"the {component} is not back")


def ready(pod: Any) -> bool:
    """Whether a pod is sent requests."""
    return any(one.type == "Ready" and one.status == "True" for one in pod.status.conditions or [])
