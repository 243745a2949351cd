"""How each client reaches the store: signature, addressing, checksums, certificates, time limits, retries.

| client | for | V2 signature |
|---|---|---|
| object_store (obstore) | reading, writing and deleting objects | no |
| boto3 | listings, copies, presigned addresses, and all else where object_store cannot | yes |
| Polars | lazy scans of one's own | no |
| pyarrow | pyiceberg's files; where the store wants V2, `dataops.tables.fileio` fetches them whole by boto3 | no |

Spark's S3A is set up in `dataops.spark.conf`. What only reads its environment, such as MLflow, is served by the
ConfigMap dataops-env, whose variables come from the same facts (charts/platform/files/env.yaml).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from dataops.config import Settings
from dataops.errors import UserError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client as BotoClient
    from obstore.store import S3Credential, S3Store
    from pyarrow.fs import S3FileSystem

CONNECT_SECONDS = 5
SILENT_SECONDS = 30
"""How long nothing may arrive; a long transfer that moves is never cut off."""
ATTEMPTS = 6
"""With one answer in seven an error, one request in a hundred thousand fails in the end."""
BUDGET_SECONDS = 120
"""After this long a request is not tried again; waits in between grow and are left to chance, as is usual."""
CONNECTIONS = 32


def endpoint(settings: Settings) -> str:
    """Return the store's address.

    Raises:
        UserError: it is not set.
    """
    if not settings.s3_endpoint_url:
        raise UserError("S3_ENDPOINT_URL is not set; give the pod the ConfigMap dataops-env")
    return settings.s3_endpoint_url


def signs_v2(settings: Settings) -> bool:
    """Return whether the store wants the older signature, which boto3 and S3A alone can write."""
    return settings.aws_s3_signature_version == "s3"


def boto3(settings: Settings, attempts: int | None = None) -> BotoClient:
    """Return a boto3 client.

    Args:
        settings: The store and who one is.
        attempts: How often a request is sent before its error counts; ATTEMPTS by default.

    Raises:
        UserError: The endpoint or a key is not set, or the CA bundle is missing or holds no certificate.
    """
    import boto3  # lazily: it takes a quarter of a second
    from botocore.config import Config

    address, ca = endpoint(settings), settings.ca_bundle()
    key, secret = settings.s3_keys()
    try:
        return boto3.session.Session().client(
            "s3",
            endpoint_url=address,
            region_name=settings.s3_region,
            aws_access_key_id=key,
            aws_secret_access_key=secret,
            verify=str(ca) if ca else True,
            config=Config(
                signature_version=settings.aws_s3_signature_version,
                s3={"addressing_style": settings.s3_addressing_style},
                # stores that are not AWS reject the trailing checksums boto3 sends by default
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                connect_timeout=CONNECT_SECONDS,
                read_timeout=SILENT_SECONDS,
                max_pool_connections=CONNECTIONS,
                retries={"mode": "standard", "total_max_attempts": attempts or ATTEMPTS},
            ),
        )
    except ValueError as error:  # botocore's own idea of an address
        raise UserError(f"S3_ENDPOINT_URL is wrong: {error}; correct it in the environment") from None


def object_store(settings: Settings, bucket: str) -> S3Store:
    """Return object_store's view of a bucket.

    Raises:
        UserError: The endpoint or a key is not set, or the CA bundle is missing or holds no certificate.
    """
    from obstore.store import S3Store

    ca = settings.ca_bundle()
    client: dict[str, Any] = {
        "allow_http": True,
        "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
        "read_timeout": timedelta(seconds=SILENT_SECONDS),
        "timeout": timedelta(days=1),  # of a whole request, which a slow line may need; its own default is 30 seconds
    }
    if ca:
        client["root_certificate"] = ca.read_bytes()
    address = _address_of(settings, bucket)
    key, secret = settings.s3_keys()
    credential: S3Credential = {"access_key_id": key, "secret_access_key": secret, "expires_at": None}
    return S3Store(
        bucket,
        aws_endpoint_url_s3=address,
        region=settings.s3_region,
        # given so, no AWS_SESSION_TOKEN is sent along; nor may AWS_SKIP_SIGNATURE decide
        credential_provider=lambda: credential,
        skip_signature=False,
        virtual_hosted_style_request=_virtual(settings, bucket),
        disable_bulk_delete=True,  # stores disagree about what must sign its list of keys: MD5, CRC32 or nothing
        client_options=client,  # type: ignore[arg-type]  # TypedDict of the stub
        retry_config={"max_retries": ATTEMPTS - 1, "retry_timeout": timedelta(seconds=BUDGET_SECONDS)},
    )


def polars_options(settings: Settings, bucket: str) -> dict[str, str | int]:
    """Return the storage_options of Polars for a bucket, as in `pl.scan_parquet("s3://bucket/x", storage_options=...)`.

    A private CA reaches Polars by the variable SSL_CERT_FILE, which every pod has: it has no option for one.

    Raises:
        UserError: The endpoint or a key is not set, or the store wants V2 signatures.
    """
    _wants_v4(settings, "Polars")
    address = _address_of(settings, bucket)
    key, secret = settings.s3_keys()
    return {
        "aws_endpoint_url_s3": address,
        "aws_region": settings.s3_region,
        "aws_access_key_id": key,
        "aws_secret_access_key": secret,
        "aws_virtual_hosted_style_request": str(_virtual(settings, bucket)).lower(),
        "allow_http": "true",
        "max_retries": ATTEMPTS - 1,
    }


def arrow(settings: Settings) -> S3FileSystem:
    """Return pyarrow's file system of the store.

    Raises:
        UserError: The endpoint or a key is not set, the CA bundle is missing or holds no certificate, or the store
            wants V2 signatures.
    """
    from pyarrow.fs import AwsStandardS3RetryStrategy, S3FileSystem

    _wants_v4(settings, "pyarrow")
    ca = settings.ca_bundle()
    key, secret = settings.s3_keys()
    return S3FileSystem(
        endpoint_override=endpoint(settings),
        access_key=key,
        secret_key=secret,
        region=settings.s3_region,
        force_virtual_addressing=settings.s3_addressing_style == "virtual",
        connect_timeout=CONNECT_SECONDS,
        request_timeout=SILENT_SECONDS,
        retry_strategy=AwsStandardS3RetryStrategy(max_attempts=ATTEMPTS),
        # small files are one request that can be repeated; of an upload in parts the end cannot, if its answer is lost
        allow_delayed_open=True,
        **({"tls_ca_file_path": str(ca)} if ca else {}),
    )


def _wants_v4(settings: Settings, client: str) -> None:
    if signs_v2(settings):
        raise UserError(
            f"{client} cannot sign requests with V2, which AWS_S3_SIGNATURE_VERSION=s3 asks for; read Parquet with"
            " S3Client().read_parquet(...), and tables with Spark or dataops.tables"
        )


def _virtual(settings: Settings, bucket: str) -> bool:
    # as boto3 does: no certificate is valid for a bucket with a dot in front of the store's name
    dotted = "." in bucket and endpoint(settings).startswith("https:")
    return settings.s3_addressing_style == "virtual" and not dotted


def _address_of(settings: Settings, bucket: str) -> str:
    """The address that object_store wants: with virtual addressing it holds the bucket."""
    address = endpoint(settings)
    if not _virtual(settings, bucket):
        return address
    parts = urlsplit(address)
    return urlunsplit(parts._replace(netloc=f"{bucket}.{parts.netloc}"))
