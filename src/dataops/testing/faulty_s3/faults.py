"""What can be wrong with the store; without any of these it is a good one."""

from enum import StrEnum


class Fault(StrEnum):
    """One way in which a store differs from AWS."""

    V2_ONLY = "v2-only"  # knows the older signature only
    NO_MULTI_DELETE = "no-multi-delete"  # answers 501 to DeleteObjects
    MD5_ONLY_DELETE = "md5-only-delete"  # wants Content-MD5 with DeleteObjects, which boto3 no longer sends
    REJECTS_CHECKSUMS = "rejects-checksums"  # x-amz-checksum-*, trailers and aws-chunked bodies
    NULL_ETAG = "null-etag"  # says ETag: null to everything
    IGNORES_CONDITIONS = "ignores-conditions"  # If-None-Match and If-Match, without a word
    STORES_FRAMING = "stores-framing"  # the chunks' frames of an aws-chunked body become part of the object
    STORM = "storm"  # 503 to every third request
    NO_ABORT = "no-abort"  # answers 501 to AbortMultipartUpload
    HIDES_UPLOADS = "hides-uploads"  # lists no unfinished uploads, so that nobody finds leftovers
    FORGETS_UPLOADS = "forgets-uploads"  # does not know an upload any more when it is completed
    SHORT_LISTING = "short-listing"  # ends every listing after 100 keys and says it is whole
    WRONG_ORDER = "wrong-order"  # lists keys without regard to upper and lower case
    SKEWED_CLOCK = "skewed-clock"  # lives 20 minutes ahead
    EXPIRED_KEY = "expired-key"  # the key was good once
    NO_LISTING = "no-listing"  # the account may not list the bucket
