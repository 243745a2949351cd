"""Settings: the names of the environment are the contract, and a wrong value is one sentence."""

import pytest
from pydantic import ValidationError

from dataops.config import Settings, environment_names
from dataops.errors import UserError


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)


def test_names_of_the_environment_are_fixed() -> None:
    fixed = (
        "S3_ENDPOINT_URL S3_ACCESS_KEY_ID S3_SECRET_ACCESS_KEY S3_REGION S3_BUCKET S3_PLATFORM_BUCKET"
        " S3_ADDRESSING_STYLE AWS_S3_SIGNATURE_VERSION S3_MULTI_DELETE SPARK_MASTER_URL"
        " MLFLOW_TRACKING_URI LAKE_CATALOG_URI LAKE_CATALOG_USER DATAOPS_CA_BUNDLE"
    )
    assert set(fixed.split()) <= environment_names()
    assert "POD_IP" not in environment_names()


def test_values_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("S3_BUCKET", "somewhere")
    monkeypatch.setenv("S3_REGION", "")  # empty is the same as not set
    settings = Settings.load()
    assert (settings.s3_bucket, settings.s3_region) == ("somewhere", "us-east-1")


def test_settings_are_frozen() -> None:
    with pytest.raises(ValidationError):
        Settings.load().s3_bucket = "other"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("S3_ENDPOINT_URL", "s3.example:9000"),
        ("S3_ADDRESSING_STYLE", "dns"),
        ("AWS_S3_SIGNATURE_VERSION", "v4"),
        ("S3_MULTI_DELETE", "sometimes"),
        ("SPARK_MASTER_URL", "yarn"),
        ("SPARK_PROFILE", "huge"),
        ("LAKE_CATALOG_URI", "mysql://host/lake"),
        ("LAKE_CATALOG_URI", "postgresql://me:secret@host/lake"),
        ("PGSSLMODE", "on"),
    ],
)
def test_a_wrong_value_is_one_sentence_that_names_the_variable(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(UserError, match=f"^{name} is wrong: ") as caught:
        Settings.load()
    assert "\n" not in str(caught.value) and "secret" not in str(caught.value)


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY", "MLFLOW_TRACKING_PASSWORD", "MLFLOW_TRACKING_TOKEN"):
        monkeypatch.setenv(name, f"canary-{name}")
    settings = Settings.load()
    assert "canary" not in repr(settings) + str(settings)
    assert len(settings.secrets()) == 4


def test_a_missing_key_is_named() -> None:
    with pytest.raises(UserError, match="S3_ACCESS_KEY_ID is not set"):
        Settings.load().s3_keys()
