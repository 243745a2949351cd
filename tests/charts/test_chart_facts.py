"""ConfigMap dataops-env and the accounts' Secrets hold exactly what the library reads, in each namespace the same."""

import pytest

from dataops.config import environment_names
from tests.charts.harness import CHARTS, Rendered, Variant, environments, every_object, read_yaml, render

NAMESPACES = {"dataops", "dataops-users", "dataops-jobs"}
# What programs other than ours read; derived from the same facts in charts/platform/files/env.yaml and nowhere else.
NATIVE = {
    "AWS_REGION",
    "AWS_DEFAULT_REGION",
    "AWS_ENDPOINT_URL_S3",
    "AWS_REQUEST_CHECKSUM_CALCULATION",
    "AWS_RESPONSE_CHECKSUM_VALIDATION",
    "MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE",
    "MLFLOW_EXPERIMENTAL_S3_SIGNATURE_VERSION",
    "AWS_CA_BUNDLE",
    "REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE",
    "CURL_CA_BUNDLE",
    "GIT_SSL_CAINFO",
    "PIP_INDEX_URL",
    "JAVA_TOOL_OPTIONS",
    "MLFLOW_DISABLE_TELEMETRY",
}
# How an account signs in to MLflow: jobs by Secret mlflow-jobs, notebooks by the token that the hub gives them.
MLFLOW_SIGN_IN = {"MLFLOW_TRACKING_USERNAME", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"}
FACTS = [item for item in every_object("ConfigMap") if item.name == "dataops-env"]


def secret_keys(name: str) -> set[str]:
    """Keys of one Secret of the platform's secrets.yaml."""
    return next(set(entry["keys"]) for entry in read_yaml(CHARTS / "platform/secrets.yaml") if entry["name"] == name)


@pytest.mark.parametrize("env", environments("platform"))
def test_each_namespace_has_its_facts(env: str) -> None:
    assert {item.namespace for item in FACTS if item.variant.env == env} == NAMESPACES


@pytest.mark.parametrize("facts", FACTS, ids=str)
@pytest.mark.parametrize("account", ["s3-job", "s3-notebook"])
def test_facts_and_account_are_what_the_library_reads(facts: Rendered, account: str) -> None:
    given = set(facts.object["data"]) - NATIVE | secret_keys(account)
    assert given == environment_names() - MLFLOW_SIGN_IN, f"{facts}: dataops.config and charts/platform disagree"


@pytest.mark.parametrize("facts", FACTS, ids=str)
def test_values_are_complete(facts: Rendered) -> None:
    for name, value in facts.object["data"].items():
        assert isinstance(value, str) and value and "<no value>" not in value, f"{facts}: {name} is {value!r}"


@pytest.mark.parametrize("env", environments("platform"))
def test_namespaces_differ_only_in_the_executor_image(env: str) -> None:
    rest = []
    for item in render(Variant("platform", env)):
        if item["kind"] == "ConfigMap":
            rest.append({key: value for key, value in item["data"].items() if key != "SPARK_EXECUTOR_IMAGE"})
    assert len(rest) == len(NAMESPACES) and all(facts == rest[0] for facts in rest)


@pytest.mark.parametrize("facts", FACTS, ids=str)
def test_other_programs_sign_and_address_as_the_library_does(facts: Rendered) -> None:
    data = facts.object["data"]
    assert data["MLFLOW_EXPERIMENTAL_S3_SIGNATURE_VERSION"] == data["AWS_S3_SIGNATURE_VERSION"]
    assert data["MLFLOW_BOTO_CLIENT_ADDRESSING_STYLE"] == data["S3_ADDRESSING_STYLE"]
    assert data["AWS_ENDPOINT_URL_S3"] == data["S3_ENDPOINT_URL"]
