"""Every route of the server that changes something is checked by MLflow or closed: an upgrade adds no hole unseen."""

import re

from tests.mlflow.alice import admin, person
from tests.mlflow.server import Server, environment

# Functions that decide without a look at what belongs to whom, and why that is enough.
ENOUGH = {
    "decides itself": "a search, whose answer holds what the caller may read; GraphQL's only mutation echoes a word",
    "check _get_require_authentication_validator": "the assistant, which our own rules close",
    "check _allow_authenticated": "the demo, which our own rules close, and figures about the pages' use, sent nowhere",
}
SEARCHES = ("/experiments/search", "/runs/search", "/graphql")
CLOSED_BY_US = ("/assistant/", "/demo/")
SENT_NOWHERE = "POST /ajax-api/3.0/mlflow/ui-telemetry"


def test_every_route_that_changes_something_is_checked_or_closed(routes: dict[str, str]) -> None:
    public = sorted(route for route, decision in routes.items() if decision == "public")
    assert not public, f"anybody may call these without a log-in: {public}"
    lambdas = sorted(route for route, decision in routes.items() if decision == "check <lambda>")
    unknown = [route for route in lambdas if not any(word in route for word in ("/datasets/", "/jobs/", "/traces/"))]
    assert not unknown, f"these have a check without a name; is it one? {unknown}"


def test_what_asks_for_no_right_is_known_and_harmless(routes: dict[str, str]) -> None:
    loose = [route for route, decision in routes.items() if decision in ENOUGH]
    holes = [route for route in loose if not route.endswith(SEARCHES) and route != SENT_NOWHERE]
    holes = [route for route in holes if not any(family in route for family in CLOSED_BY_US)]
    assert not holes, f"everybody with a log-in may call these, close them in dataops.mlflow.server_rules: {holes}"


def test_what_acts_in_the_servers_name_is_closed(server: Server, routes: dict[str, str]) -> None:
    families = re.compile(r"[A-Z]+ (/(ajax-)?api/3.0(/mlflow)?)?/(assistant|demo|gateway|jobs)/")
    meant = [re.sub("[<{].*?[>}]", "1", route).split() for route in routes if families.match(route)]
    assert len(meant) > 40, "the families have other addresses now"
    bob = person(server, "bob")
    said = {(method, path): bob.request(method, path, json={}).text for method, path in meant}
    sentence = "MLflow's assistant, demo, gateway and jobs are no part of this platform.\n"
    assert {address: text for address, text in said.items() if text != sentence} == {}


def test_the_server_starts_closed(server: Server) -> None:
    switches = environment(server)
    assert switches["MLFLOW_BASIC_AUTH_FAIL_CLOSED"] == "true"
    assert switches["MLFLOW_SERVER_ENABLE_JOB_EXECUTION"] == "false"
    assert admin(server).get("/api/3.0/mlflow/server-info").status_code == 200
