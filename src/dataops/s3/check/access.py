"""The way in: address, certificate, clock, keys and bucket; what is wrong there is one sentence, and the end."""

from __future__ import annotations

import time
from calendar import timegm
from email.utils import parsedate_tz
from urllib.parse import urlsplit

from urllib3.exceptions import HTTPError, MaxRetryError, SSLError

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3.check.wire import Answer, Signature, Wire

SKEW_ALLOWED = 900
_SIGNATURES: dict[str, Signature] = {"s3v4": "v4", "s3": "v2"}


def enter(settings: Settings) -> Wire:
    """Return a connection as the store wants it: as the settings say if that works, else with what does.

    Raises:
        UserError: the store cannot be reached or trusted, the clock or a key is wrong, or the bucket may not be used.
    """
    if not settings.s3_endpoint_url:
        raise UserError("S3_ENDPOINT_URL is not set; give the pod the ConfigMap dataops-env")
    settings.s3_keys()
    bucket, virtual = settings.s3_bucket, settings.s3_addressing_style == "virtual"
    if "." in bucket and virtual and settings.s3_endpoint_url.startswith("https"):
        raise UserError(
            f"bucket {bucket} has a dot in its name, which no wildcard certificate covers; set S3_ADDRESSING_STYLE=path"
            " or use a bucket without a dot"
        )
    configured = _SIGNATURES[settings.aws_s3_signature_version]
    refused: list[str] = []
    elsewhere: list[str] = []
    for style in (virtual, not virtual):
        for signature in sorted(_SIGNATURES.values(), key=lambda one: one != configured):
            wire = Wire(settings, signature, virtual=style)
            try:
                answer = _reach(wire)
            except UserError as error:
                elsewhere.append(str(error))
                break  # signed otherwise it would not be reached either
            if answer.ok and answer.texts("Name") == [bucket]:
                return wire
            if sentence := _refusal(settings, answer.code):
                refused.append(sentence)
            elsewhere.append(f"what answers at {wire.endpoint} is no S3 store ({answer.said}); correct S3_ENDPOINT_URL")
    raise UserError((refused + elsewhere)[0])


def skew(answer: Answer) -> float:
    """How many seconds the store's clock is ahead of this one's."""
    told = parsedate_tz(answer.headers.get("Date", ""))
    return timegm(told[:9]) - time.time() if told else 0.0


def _reach(wire: Wire) -> Answer:
    store = wire.endpoint
    try:
        answer = wire.send("GET", query={"list-type": "2", "max-keys": "1"})
    except HTTPError as error:
        cause = error.reason if isinstance(error, MaxRetryError) and error.reason else error
        if isinstance(cause, SSLError):
            if "WRONG_VERSION_NUMBER" in str(cause) or "record layer failure" in str(cause).lower():
                raise UserError(f"S3 at {store} speaks no TLS; write http:// in S3_ENDPOINT_URL") from None
            raise UserError(
                f"S3 at {store} shows a certificate that is not trusted ({_words(cause)}); set DATAOPS_CA_BUNDLE to a"
                f" file with the CA that signed it (it is {wire.settings.dataops_ca_bundle or 'not set'})"
            ) from None
        raise UserError(
            f"S3 at {store} cannot be reached ({_words(cause)}); check S3_ENDPOINT_URL, https or http, and the network"
        ) from None
    except ValueError as error:
        raise UserError(f"S3_ENDPOINT_URL is wrong: {error}; correct it in the environment") from None
    off = skew(answer)
    if abs(off) > SKEW_ALLOWED:
        raise UserError(
            f"the clock of S3 at {store} is {abs(off) / 60:.0f} minutes {'ahead of' if off > 0 else 'behind'} this"
            " one's, and signatures hold for 15; set the wrong one of the two by NTP"
        )
    if answer.status == 400 and not answer.code and b"HTTPS" in answer.body:
        raise UserError(f"S3 at {store} speaks TLS; write https:// in S3_ENDPOINT_URL")
    return answer


def _refusal(settings: Settings, code: str) -> str | None:
    store, bucket = settings.s3_endpoint_url, settings.s3_bucket
    match code:
        case "InvalidAccessKeyId":
            return f"S3 at {store} does not know the access key; correct S3_ACCESS_KEY_ID in the Secret s3-<account>"
        case "SignatureDoesNotMatch":
            return f"S3 at {store} refuses the signature; correct S3_SECRET_ACCESS_KEY in the Secret s3-<account>"
        case "ExpiredToken" | "TokenRefreshRequired" | "InvalidToken":
            return f"the key of S3 at {store} has expired; ask for a new one and put it into the Secret s3-<account>"
        case "RequestTimeTooSkewed":
            return f"S3 at {store} says that this clock is wrong by more than 15 minutes; set it by NTP"
        case "NoSuchBucket":
            return f"bucket {bucket} does not exist at {store}; create it, or correct S3_BUCKET"
        case "InvalidBucketName":
            return f"{bucket} is no name of a bucket for S3 at {store}; correct S3_BUCKET"
        case "AccessDenied" | "AllAccessDisabled":
            return f"this key may not list bucket {bucket} at {store}; ask for the right s3:ListBucket on it"
        case "AuthorizationHeaderMalformed" | "PermanentRedirect" | "IllegalLocationConstraintException":
            return f"S3 at {store} expects another region than {settings.s3_region}; correct S3_REGION"
    return None


def _words(error: Exception) -> str:
    text = str(error).splitlines()[0]
    return (text.partition("): ")[2] or text)[:300]


def host(endpoint: str) -> tuple[str, int]:
    """Host and port of an address."""
    parts = urlsplit(endpoint)
    return parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
