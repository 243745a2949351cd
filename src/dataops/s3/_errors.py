"""What went wrong at the S3 store, as one sentence with the fix."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import paths

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError

_MISSING = {"NoSuchKey", "404", "NotFound"}


@contextmanager
def explained(settings: Settings, path: str) -> Iterator[None]:
    """Turn errors of boto3 into `UserError`; what is not understood passes unchanged."""
    from botocore import exceptions as failures  # importing it takes a quarter of a second

    store = settings.s3_endpoint_url
    try:
        yield
    except failures.ClientError as error:
        raise UserError(_refusal(error.response.get("Error", {}), settings, path)) from None
    except failures.ParamValidationError:
        raise UserError(
            f"{path!r} is no path of an object; write <folder>/<name> or s3a://<bucket>/<folder>/<name>, and check"
            " S3_BUCKET"
        ) from None
    except failures.SSLError as error:
        if "WRONG_VERSION_NUMBER" in str(error):
            raise UserError(f"S3 at {store} speaks no TLS; write http:// in S3_ENDPOINT_URL") from None
        raise UserError(
            f"S3 at {store} shows a certificate that is not trusted ({_reason(error)}); set DATAOPS_CA_BUNDLE to a file"
            f" with the CA that signed it (it is {settings.dataops_ca_bundle or 'not set'})"
        ) from None
    except (failures.ConnectionError, failures.HTTPClientError) as error:
        raise UserError(
            f"S3 at {store} cannot be reached ({_reason(error)}); check S3_ENDPOINT_URL, https or http, and the network"
        ) from None


def _refusal(error: Mapping[str, object], settings: Settings, path: str) -> str:
    code = str(error.get("Code", ""))
    store = settings.s3_endpoint_url
    if code == "NoSuchBucket":
        bucket, _ = paths.split(path, settings.s3_bucket)
        return f"bucket {bucket} does not exist at {store}; create it, or correct S3_BUCKET or the path {path}"
    if code in _MISSING:
        return f"{path} does not exist at {store}; check the path with S3Client().list_objects(...)"
    if code == "InvalidAccessKeyId":
        return f"S3 at {store} does not know the access key; correct S3_ACCESS_KEY_ID in the Secret s3-<account>"
    if code == "SignatureDoesNotMatch":
        return (
            f"S3 at {store} refuses the signature; correct S3_SECRET_ACCESS_KEY, or AWS_S3_SIGNATURE_VERSION"
            f" ({settings.aws_s3_signature_version}) if the key is right"
        )
    if code in ("AccessDenied", "403"):
        return f"this account may not do that with {path}; ask for the right, or use sandbox/ which is everybody's"
    if code in ("AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException"):
        return f"S3 at {store} expects another region than {settings.s3_region}; correct S3_REGION"
    return f"S3 at {store} refused {path}: {code} {error.get('Message', '')}".rstrip()


def _reason(error: BotoCoreError) -> str:
    # the cause of it, where there is one: the sentence around it repeats the address
    return re.sub(r"^\w+\(host=.*?\): ", "", str(error.kwargs.get("error", error)).splitlines()[0])[:300]
