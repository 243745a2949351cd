"""What went wrong at the S3 store, as one sentence with the fix."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import clients, paths

if TYPE_CHECKING:
    from botocore.exceptions import BotoCoreError

MISSING = {"NoSuchKey", "404", "NotFound"}
_BUSY = {"SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "500", "502", "503", "504"}
_EXPIRED = {"ExpiredToken", "TokenRefreshRequired", "InvalidToken", "ExpiredTokenException"}


class Refused(Exception):
    """The store answered object_store with an error: its code, as S3 names it, and its message."""

    def __init__(self, code: str, message: str) -> None:
        """Keep both."""
        super().__init__(code, message)
        self.code, self.message = code, message


class Broken(Exception):
    """No answer came through; the text is object_store's."""


@contextmanager
def explained(settings: Settings, path: str) -> Iterator[None]:
    """Turn errors of the clients into `UserError`; what is not understood passes unchanged."""
    try:
        yield
    except Refused as error:
        raise UserError(_refusal(error.code, error.message, settings, path)) from None
    except Broken as error:
        raise UserError(_second_opinion(str(error), settings)) from None
    except Exception as error:
        sentence = _of_boto3(error, settings, path)
        if sentence is None:
            raise
        raise UserError(sentence) from None


def _of_boto3(error: Exception, settings: Settings, path: str) -> str | None:
    if "botocore" not in sys.modules:  # importing it takes a quarter of a second
        return None
    from botocore import exceptions as failures

    if isinstance(error, failures.ClientError):
        told = error.response.get("Error", {})
        return _refusal(str(told.get("Code", "")), str(told.get("Message", "")), settings, path)
    if isinstance(error, failures.ParamValidationError):
        return (
            f"{path!r} is no path of an object; write <folder>/<name> or s3a://<bucket>/<folder>/<name>, and check"
            " S3_BUCKET"
        )
    store = settings.s3_endpoint_url
    if isinstance(error, failures.SSLError):
        if "WRONG_VERSION_NUMBER" in str(error):
            return f"S3 at {store} speaks no TLS; write http:// in S3_ENDPOINT_URL"
        return (
            f"S3 at {store} shows a certificate that is not trusted ({_reason(error)}); set DATAOPS_CA_BUNDLE to a file"
            f" with the CA that signed it (it is {settings.dataops_ca_bundle or 'not set'})"
        )
    if isinstance(error, (failures.ConnectionError, failures.HTTPClientError)):
        return (
            f"S3 at {store} cannot be reached ({_reason(error)}); check S3_ENDPOINT_URL, https or http, and the network"
        )
    return None


def _second_opinion(text: str, settings: Settings) -> str:
    """Ask boto3 why nothing comes through: what it says of names, certificates and networks can be understood."""
    try:
        clients.boto3(settings, attempts=1).list_objects_v2(Bucket=settings.s3_bucket, MaxKeys=1)
    except UserError as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - whatever it is: that the store answers again is told below
        from botocore.exceptions import ClientError

        if not isinstance(error, ClientError) and (sentence := _of_boto3(error, settings, settings.s3_bucket)):
            return sentence
    return (
        f"S3 at {settings.s3_endpoint_url} broke off {clients.ATTEMPTS} times but answers again; do the same once more,"
        f" and have the network looked at if it comes back ({text})"
    )


def _refusal(code: str, message: str, settings: Settings, path: str) -> str:
    store = settings.s3_endpoint_url
    if code == "NoSuchBucket":
        bucket, _ = paths.split(path, settings.s3_bucket)
        return f"bucket {bucket} does not exist at {store}; create it, or correct S3_BUCKET or the path {path}"
    if code in MISSING:
        return f"{path} does not exist at {store}; check the path with S3Client().list_objects(...)"
    if code == "NoSuchUpload":
        return f"S3 at {store} lost an upload to {path} or the answer to its end; write it once more"
    if code == "InvalidAccessKeyId":
        return f"S3 at {store} does not know the access key; correct S3_ACCESS_KEY_ID in the Secret s3-<account>"
    if code == "SignatureDoesNotMatch":
        return (
            f"S3 at {store} refuses the signature; correct S3_SECRET_ACCESS_KEY, or AWS_S3_SIGNATURE_VERSION"
            f" ({settings.aws_s3_signature_version}) if the key is right"
        )
    if code in _EXPIRED:
        return f"S3 at {store} says that the access key has expired; put a new one into the Secret s3-<account>"
    if code == "RequestTimeTooSkewed":
        return f"the clock here and that of S3 at {store} differ too much; set this machine's clock by NTP"
    if code in ("AccessDenied", "403"):
        return f"this account may not do that with {path}; ask for the right, or use sandbox/ which is everybody's"
    if code in ("AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException"):
        return f"S3 at {store} expects another region than {settings.s3_region}; correct S3_REGION"
    if code in _BUSY:
        return f"S3 at {store} stayed overloaded or ill through {clients.ATTEMPTS} attempts ({code}); try again later"
    return f"S3 at {store} refused {path}: {code} {message}".rstrip()


def _reason(error: BotoCoreError) -> str:
    # the cause of it, where there is one: the sentence around it repeats the address
    return re.sub(r"^\w+\(host=.*?\): ", "", str(error.kwargs.get("error", error)).splitlines()[0])[:300]
