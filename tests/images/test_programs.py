"""Each image starts its program on a read-only root as an unknown uid."""

from collections.abc import Callable

import pytest

from dataops.platform.versions import load_versions
from tests.images.containers import IMAGES, ROOT

VERSIONS = load_versions(ROOT)
# the command that proves an image's program, and what it must print
PROGRAMS = {
    "airflow": (["airflow", "version"], VERSIONS["AIRFLOW_VERSION"]),
    "base": (["python3", "--version"], f"Python {VERSIONS['PYTHON_VERSION']}"),
    "jupyterhub": (["jupyterhub", "--version"], VERSIONS["JUPYTERHUB_VERSION"]),
    "minio": (["minio", "--version"], "minio version"),
    "mlflow": (["mlflow", "--version"], VERSIONS["MLFLOW_VERSION"]),
    "notebook": (["jupyterhub-singleuser", "--version"], VERSIONS["JUPYTERHUB_VERSION"]),
    "postgres": (["postgres", "--version"], f"(PostgreSQL) {VERSIONS['POSTGRESQL_VERSION']}."),
    "spark": (["python3", "-c", "import pyspark; print(pyspark.__version__)"], VERSIONS["SPARK_VERSION"]),
}
COUNT = """
from pyspark.sql import SparkSession
spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").getOrCreate()
print("rows", spark.range(1000).filter("id % 2 = 0").count())
"""


def test_every_image_has_its_program() -> None:
    assert sorted(PROGRAMS) == IMAGES


@pytest.mark.parametrize("name", IMAGES)
def test_program_starts(name: str, printed: Callable[..., str]) -> None:
    command, expected = PROGRAMS[name]
    assert expected in printed(name, *command)


def test_proxy_starts(printed: Callable[..., str]) -> None:
    assert VERSIONS["CONFIGURABLE_HTTP_PROXY_VERSION"] in printed("jupyterhub", "configurable-http-proxy", "--version")


def test_spark_counts(printed: Callable[..., str]) -> None:
    assert "rows 500" in printed("spark", "python3", "-c", COUNT)


def test_people_may_add_packages_that_the_server_does_not_see(printed: Callable[..., str]) -> None:
    code = "import site; print(site.ENABLE_USER_SITE)"
    assert printed("notebook", "python", "-c", code).split() == ["False"]
    assert printed("notebook", "env", "-u", "PYTHONNOUSERSITE", "python", "-c", code).split() == ["True"]
    assert "install.constraint='/opt/venv/versions.txt'" in printed("notebook", "pip", "config", "list")
    assert "numpy==1." in printed("notebook", "cat", "/opt/venv/versions.txt")


def test_the_server_reads_its_configuration_and_the_page_its_extension(printed: Callable[..., str]) -> None:
    code = "from jupyter_server.serverapp import ServerApp; s = ServerApp(); s.load_config_file(); "
    shown = printed("notebook", "python", "-c", code + "print(s.terminado_settings)").strip()
    assert shown == "{'shell_command': ['bash']}", "a login shell forgets PATH"
    found = printed("notebook", "sh", "-c", "jupyter labextension list 2>&1")
    assert any("dataops-idle" in line and "enabled" in line and "OK" in line for line in found.splitlines()), found


def test_the_launcher_offers_our_kernel_alone(printed: Callable[..., str]) -> None:
    code = (
        "from jupyter_server.serverapp import ServerApp; from jupyter_client.kernelspec import KernelSpecManager;"
        " s = ServerApp(); s.load_config_file(); print(list(KernelSpecManager(config=s.config).find_kernel_specs()))"
    )
    assert printed("notebook", "python", "-c", code).strip() == "['dataops']"


@pytest.mark.parametrize("name", ["airflow", "jupyterhub", "mlflow", "notebook", "spark"])
def test_library_is_importable_and_compiled(name: str, printed: Callable[..., str]) -> None:
    code = "import dataops; data = open(dataops.__cached__, 'rb').read(8); print(dataops.__file__, data[4])"
    assert printed(name, "python3", "-c", code).split() == ["/opt/dataops/src/dataops/__init__.py", "1"]


@pytest.mark.parametrize("name", ["airflow", "jupyterhub", "mlflow", "notebook", "spark"])
def test_packages_are_compiled(name: str, printed: Callable[..., str]) -> None:
    code = "import boto3; print(open(boto3.__cached__, 'rb').read(8)[4])"
    assert printed(name, "python3", "-c", code).split() == ["1"], "1 is an unchecked-hash pyc"


@pytest.mark.parametrize("name", ["notebook", "spark"])
def test_pods_have_the_command_for_the_lake(name: str, printed: Callable[..., str]) -> None:
    assert "rollback" in printed(name, "dataops", "tables", "--help")
