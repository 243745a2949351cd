"""Prints, as JSON, what decides about each route of the server that changes something; runs in the server's own Python.

The real route tables are asked, Flask's and FastAPI's, with MLflow's own functions: what a new version adds is in them.
"""

import json
import re
from collections.abc import Iterator
from typing import Any

import mlflow.server.auth as auth
from mlflow.server import app

READING = {"GET", "HEAD", "OPTIONS"}


def of_flask(path: str, method: str) -> str:
    """Name what decides about a request that Flask answers."""
    asked = app.test_request_context(path, method=method).request
    if auth.is_unprotected_route(path):
        return "public"
    if validator := auth._find_validator(asked):
        return f"check {validator.__name__}"
    if auth._is_proxy_artifact_path(path):
        return "check of the artifact's run" if method in ("PUT", "POST", "DELETE") else "closed"
    return "decides itself" if auth._authorized_outside_before_request(asked) else "closed"


def of_fastapi(path: str, method: str) -> str:
    """Name what decides about a request that FastAPI answers."""
    if auth.is_unprotected_route(path):
        return "public"
    validator = auth._find_fastapi_validator(path, method)
    return f"check {validator.__qualname__.split('.')[0]}" if validator else "closed"


def native(routes: Any) -> Iterator[Any]:
    """Every route of FastAPI, those of included routers with their prefix."""
    for route in routes:
        if hasattr(route, "effective_route_contexts"):
            yield from route.effective_route_contexts()
        elif getattr(route, "methods", None):
            yield route


def main() -> None:
    """Print `method path: what decides`."""
    fastapi = auth.create_app(app)
    found = {}
    for rule in app.url_map.iter_rules():
        for method in (rule.methods or set()) - READING:
            found[f"{method} {rule.rule}"] = of_flask(re.sub(r"<[^>]+>", "1", rule.rule), method)
    for route in native(fastapi.routes):
        for method in route.methods - READING:
            found[f"{method} {route.path}"] = of_fastapi(re.sub(r"{[^}]+}", "1", route.path), method)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
