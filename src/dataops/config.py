"""Settings of the library: the environment's names are the contract, and only this module reads the environment."""

import os
import ssl
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, NonNegativeInt, SecretStr, ValidationError, field_validator

from dataops.errors import UserError

POD_NAMES = frozenset(
    {
        *("POD_NAME", "POD_NAMESPACE", "POD_IP", "SPARK_PROFILE", "SPARK_APPLICATION", "DATAOPS_RUN"),
        *("SPARK_HISTORY_URL", "MLFLOW_URL"),
    }
)
"""Names that a pod's own spec sets; all others come from the ConfigMap dataops-env and the Secrets of the account."""


class Settings(BaseModel):
    """Where things are and who one is. Each field is the environment variable of the same name in capitals."""

    model_config = ConfigDict(frozen=True)

    s3_endpoint_url: str | None = None
    s3_access_key_id: SecretStr | None = None
    s3_secret_access_key: SecretStr | None = None
    s3_region: str = "us-east-1"
    s3_bucket: str = "data-lake"
    s3_platform_bucket: str = "dataops-platform"
    s3_addressing_style: Literal["path", "virtual"] = "path"
    aws_s3_signature_version: Literal["s3v4", "s3"] = "s3v4"
    s3_multi_delete: bool = True
    dataops_ca_bundle: Path | None = None

    spark_master_url: str = "local[*]"
    spark_executor_image: str | None = None
    spark_profile: Literal["small", "medium", "large"] = "small"
    spark_application: str | None = None
    spark_history_url: str | None = None

    lake_catalog_uri: str | None = None
    lake_catalog_user: str | None = None
    pgsslmode: Literal["disable", "allow", "prefer", "require", "verify-ca", "verify-full"] = "prefer"
    pgsslrootcert: Path | None = None

    mlflow_url: str | None = None
    single_engine_max_bytes: NonNegativeInt | None = None  # docs/ENGINES.md says what is meant then

    mlflow_tracking_uri: str | None = None
    mlflow_tracking_username: str | None = None
    mlflow_tracking_password: SecretStr | None = None
    mlflow_tracking_token: SecretStr | None = None

    dataops_run: str | None = None
    pod_name: str | None = None
    pod_namespace: str | None = None
    pod_ip: str | None = None

    @field_validator("s3_endpoint_url", "mlflow_tracking_uri")
    @classmethod
    def _http(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
                raise ValueError("it must look like https://host:port")
        return value

    @field_validator("lake_catalog_uri")
    @classmethod
    def _postgresql(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme != "postgresql" or not parts.hostname or not parts.path.strip("/"):
            raise ValueError("it must look like postgresql://host:port/database")
        if parts.username or parts.password or parts.query:
            raise ValueError(
                "it must hold no user, password or options; LAKE_CATALOG_USER and PGPASSFILE say who signs in"
            )
        return value

    @field_validator("spark_master_url")
    @classmethod
    def _master(cls, value: str) -> str:
        if not value.startswith(("k8s://", "spark://", "local")):
            raise ValueError("it must start with k8s://, spark:// or local")
        return value

    @classmethod
    def load(cls) -> Self:
        """Read the settings from the environment; a variable that is empty counts as not set.

        Raises:
            UserError: a variable holds what it may not; the message names the variable.
        """
        given = {name: value for name in cls.model_fields if (value := os.environ.get(name.upper()))}
        try:
            return cls.model_validate(given)
        except ValidationError as error:
            first = error.errors()[0]
            name = str(first["loc"][0]).upper()
            raise UserError(
                f"{name} is wrong: {first['msg'].removeprefix('Value error, ')}; correct it in the environment"
            ) from None

    def secrets(self) -> list[str]:
        """Return every secret value, so that logs can mask them."""
        values = (getattr(self, name) for name in type(self).model_fields)
        return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]

    def ca_bundle(self) -> Path | None:
        """Return the file with the certificates to trust, or None where the system's are meant.

        Raises:
            UserError: the file is missing or holds no certificate.
        """
        bundle = self.dataops_ca_bundle
        if bundle is None:
            return None
        if not bundle.is_file():
            raise UserError(
                f"DATAOPS_CA_BUNDLE names {bundle}, which does not exist; mount the ConfigMap dataops-ca there"
            )
        try:
            ssl.create_default_context(cafile=str(bundle))
        except ssl.SSLError:
            raise UserError(
                f"DATAOPS_CA_BUNDLE names {bundle}, which holds no readable certificate; name a file in PEM"
            ) from None
        return bundle

    def s3_keys(self) -> tuple[str, str]:
        """Return the S3 access key and its secret.

        Raises:
            UserError: one of them is not set.
        """
        if not self.s3_access_key_id or not self.s3_secret_access_key:
            missing = "S3_SECRET_ACCESS_KEY" if self.s3_access_key_id else "S3_ACCESS_KEY_ID"
            raise UserError(f"{missing} is not set; give the pod the Secret s3-<account> of its account")
        return self.s3_access_key_id.get_secret_value(), self.s3_secret_access_key.get_secret_value()


def environment_names() -> frozenset[str]:
    """Return the names that the platform's ConfigMap and Secrets must offer to every account that works on the lake."""
    return frozenset(name.upper() for name in Settings.model_fields) - POD_NAMES


def export(**values: str) -> None:
    """Set environment variables for programs started from this one, such as Spark's JVM."""
    os.environ.update(values)


def withdraw(*names: str) -> None:
    """Remove environment variables, such as a secret that a library has read from there."""
    for name in names:
        os.environ.pop(name, None)


def variables(*prefixes: str) -> dict[str, str]:
    """Return the variables of other programs whose names begin so, to compare them."""
    return {name: value for name, value in sorted(os.environ.items()) if name.startswith(prefixes)}


def variable(name: str) -> str | None:
    """Return a variable that belongs to another program and is read only to help people, such as JAVA_HOME."""
    return os.environ.get(name)
