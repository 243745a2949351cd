"""A Route ends TLS at the router (edge) or in the pod (reencrypt), whose port, probes and callers follow."""

import json
from typing import Any

import pytest
import yaml

from dataops.errors import UserError
from dataops.platform.environment import load_environment
from dataops.platform.report import PAGES
from tests.charts.harness import CHARTS, ROOT, Object, Rendered, Variant, every_object, template, walk

# service -> its chart, the Deployment that serves it, the Service, the arguments that make it speak TLS
SERVED = {
    "mlflow": ("mlflow", "mlflow", "mlflow", "--uvicorn-opts=--ssl-keyfile={key} --ssl-certfile={certificate}"),
    "airflow": ("airflow", "airflow-api-server", "airflow-api-server", "--ssl-cert={certificate} --ssl-key={key}"),
    "jupyterhub": ("jupyterhub", "proxy", "proxy-public", "--ssl-cert={certificate} --ssl-key={key}"),
}
FILES = {"certificate": "/etc/dataops/tls/tls.crt", "key": "/etc/dataops/tls/tls.key"}
REQUEST = "service.beta.openshift.io/serving-cert-secret-name"
SERVICES = pytest.mark.parametrize("service", SERVED)
WAYS = pytest.mark.parametrize("way", ["edge", "reencrypt"])


def rendered(chart: str, routes: dict[str, str], **facts: Any) -> list[Rendered]:
    """The objects of a chart on OpenShift with these routes."""
    variant = Variant(chart, "openshift")
    done = template(variant, routes=routes, **facts)
    assert done.returncode == 0, done.stderr
    return [Rendered(variant, item) for item in yaml.safe_load_all(done.stdout) if item]


def one(items: list[Rendered], kind: str, name: str) -> Object:
    """The object of a kind and name."""
    (found,) = [item.object for item in items if (item.kind, item.name) == (kind, name)]
    return found


def server(items: list[Rendered], service: str) -> tuple[Object, Object]:
    """The pod and the container that serve a service."""
    spec: Object = one(items, "Deployment", SERVED[service][1])["spec"]["template"]["spec"]
    return spec, spec["containers"][0]


@SERVICES
@WAYS
def test_the_route_and_the_pod_agree(service: str, way: str) -> None:
    chart, _, name, words = SERVED[service]
    items = rendered(chart, {service: way})
    tls = way == "reencrypt"
    assert one(items, "Route", service)["spec"]["tls"]["termination"] == way
    asked = one(items, "Service", name)["metadata"].get("annotations", {})
    assert asked == ({REQUEST: f"{service}-tls"} if tls else {})
    pod, container = server(items, service)
    assert (words.format(**FILES) in " ".join(container["args"])) is tls
    volumes = [volume["secret"]["secretName"] for volume in pod["volumes"] if volume["name"] == "tls"]
    assert volumes == ([f"{service}-tls"] if tls else [])
    mounts = [mount for mount in container["volumeMounts"] if mount["name"] == "tls"]
    assert mounts == ([{"name": "tls", "mountPath": "/etc/dataops/tls", "readOnly": True}] if tls else [])
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"]["scheme"] == ("HTTPS" if tls else "HTTP"), probe


@WAYS
def test_callers_inside_speak_what_the_servers_do(way: str) -> None:
    routes, scheme = dict.fromkeys(SERVED, way), "https" if way == "reencrypt" else "http"
    maps = [item.object for item in rendered("platform", routes) if item.kind == "ConfigMap"]
    uris = {found["data"]["MLFLOW_TRACKING_URI"] for found in maps if found["metadata"]["name"] == "dataops-env"}
    assert uris == {f"{scheme}://mlflow.dataops.svc.cluster.local:5000"}
    airflow = rendered("airflow", routes)
    inner = f"{scheme}://airflow-api-server.dataops.svc.cluster.local:8080"
    template_of_tasks = yaml.safe_load(one(airflow, "ConfigMap", "airflow")["data"]["pod_template.yaml"])
    pods = [template_of_tasks, *(item.object for item in airflow if item.kind in ("Deployment", "Job"))]
    addresses = [
        node["value"]
        for pod in pods
        for node in walk(pod)
        if node.get("name") == "AIRFLOW__CORE__EXECUTION_API_SERVER_URL"
    ]
    assert len(addresses) == len(pods) and set(addresses) == {f"{inner}/execution/"}


@SERVICES
def test_helm_test_asks_by_a_name_in_the_certificate_and_trusts_its_ca(service: str) -> None:
    (pod,) = [item for item in rendered(SERVED[service][0], {service: "reencrypt"}) if item.kind == "Pod"]
    (container,) = pod.containers
    assert {"configMapRef": {"name": "dataops-env"}} in container["envFrom"]
    program = "".join(path.read_text() for path in (CHARTS / SERVED[service][0] / "files").glob("check.py"))
    shown = json.dumps(pod.object) + program
    assert "http://" not in shown, "a plain address"
    assert f"https://{SERVED[service][2]}.dataops.svc.cluster.local:" in shown or "MLFLOW_TRACKING_URI" in shown


@pytest.mark.parametrize("exposure", ["none", "nodePort", "ingress"])
def test_only_a_route_hands_tls_on(exposure: str) -> None:
    items = rendered("mlflow", {"mlflow": "reencrypt"}, exposure=exposure, nodePorts={"mlflow": 30082})
    assert "--ssl" not in json.dumps(server(items, "mlflow")[1]) and not one(items, "Service", "mlflow")[
        "metadata"
    ].get("annotations")


@pytest.mark.parametrize(
    ("routes", "sentence"),
    [
        (
            "history: reencrypt",
            "global.routes.history: 'reencrypt' is not one of ['edge'] (Spark 3.5 reads its key from a",
        ),
        ("mlflow: passthrough", "global.routes.mlflow: 'passthrough' is not one of ['edge', 'reencrypt']"),
        ("mlfow: edge", "global.routes: Additional properties are not allowed ('mlfow' was unexpected)"),
    ],
)
def test_a_route_that_cannot_be_is_refused(
    routes: str, sentence: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "facts.yaml").write_text(f"global: {{routes: {{{routes}}}}}\n")
    monkeypatch.setenv("FACTS", str(tmp_path / "facts.yaml"))
    with pytest.raises(UserError) as error:
        load_environment(ROOT, "openshift")
    assert sentence in str(error.value)


def test_the_pages_people_are_told_of_are_those_with_a_route() -> None:
    place = load_environment(ROOT, "openshift")
    told = {page.url(place) for page in PAGES} - {"not exposed"}
    hosts = {route.object["spec"]["host"] for route in every_object("Route") if route.variant.env == "openshift"}
    assert hosts and told == {f"https://{host}" for host in hosts}
