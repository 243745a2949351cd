"""What the banner says of services: asked for real, over loopback."""

import http.server
import threading
from collections.abc import Iterator

import pytest

from dataops.config import Settings
from dataops.notebook.services import services
from dataops.notebook.whereabouts import status


@pytest.fixture
def web() -> Iterator[str]:
    """A server that answers /health, and everything else with an error of its own or a refusal."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_error({"/health": 200, "/": 403}.get(self.path, 503))

        def log_message(self, *arguments: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_each_service_tells_the_truth(web: str) -> None:
    settings = Settings.model_construct(
        s3_endpoint_url=web,
        mlflow_tracking_uri=f"{web}/broken",
        spark_master_url="spark://127.0.0.1:9",
        lake_catalog_uri=f"postgresql://{web.removeprefix('http://')}/lake",
    )
    spark, s3, catalog, mlflow = services(settings)
    assert spark.name.startswith("Spark 3.5") and spark.trouble.startswith("it does not answer (")
    assert (s3.place, s3.trouble) == (web, "") and catalog.trouble == ""  # a refusal is an answer
    assert mlflow.trouble == "it does not answer (it answers 503)"


def test_the_status_names_person_profile_and_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("S3_ENDPOINT_URL", "MLFLOW_TRACKING_URI", "LAKE_CATALOG_URI", "SPARK_MASTER_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("JUPYTERHUB_USER", "<ada>")
    monkeypatch.setenv("JUPYTERHUB_BASE_URL", "/")
    monkeypatch.setenv("SPARK_PROFILE", "medium")
    found = status(["Something happened."])
    assert found.lines()[0].startswith("You are <ada>; profile medium: ")
    assert "S3 at -: it is not set up here." in repr(found) and "Something happened." in repr(found)
    page = found._repr_html_()
    assert "&lt;ada&gt;" in page and '<a href="/hub/home" target="_blank">my server</a>' in page
