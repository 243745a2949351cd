"""Makes the buckets, accounts and prefix policies of the local S3 store; safe to run again."""

import json
import os
import sys
import time
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

from minio import Minio, MinioAdmin
from minio.credentials import StaticProvider
from urllib3 import PoolManager

ROOT = Path("/etc/dataops/s3-root")
ACCOUNTS = Path("/etc/dataops/s3-accounts")
POLICIES = Path("/etc/dataops/setup")
PATIENCE_SECONDS = 180


def wait_for(url: str) -> None:
    """Return as soon as the store answers, or end the program when it does not in time."""
    pool = PoolManager(ca_certs=os.environ["SSL_CERT_FILE"], retries=False, timeout=5)
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        try:
            if pool.request("GET", f"{url}/minio/health/live").status == 200:
                return
            reason = "it is not healthy"
        except Exception as error:  # any network or TLS error means "not yet"; the last one is reported
            reason = str(error)
        if time.monotonic() > deadline:
            sys.exit(f"error: {url} did not answer in {PATIENCE_SECONDS} s ({reason}): see the log of StatefulSet s3")
        time.sleep(1)


def main() -> None:
    """Make everything that is missing and bring the rest up to date."""
    url, region = os.environ["S3_ENDPOINT_URL"], os.environ["S3_REGION"]
    lake, platform = os.environ["S3_BUCKET"], os.environ["S3_PLATFORM_BUCKET"]
    wait_for(url)
    user, password = (ROOT / "root-user").read_text(), (ROOT / "root-password").read_text()
    endpoint = urlsplit(url).netloc
    client = Minio(endpoint=endpoint, access_key=user, secret_key=password, region=region)
    admin = MinioAdmin(endpoint=endpoint, credentials=StaticProvider(user, password), region=region)

    for bucket in (lake, platform):
        if not client.bucket_exists(bucket_name=bucket):
            client.make_bucket(bucket_name=bucket)
            print(f"made bucket {bucket}")
    # The history server refuses to start where its folder is missing.
    client.put_object(bucket_name=lake, object_name="spark-events/", data=BytesIO(), length=0)

    for policy in sorted(POLICIES.glob("*.json")):
        account = policy.stem
        key = (ACCOUNTS / f"{account}.access-key-id").read_text()
        admin.policy_add(policy_name=account, policy=json.loads(policy.read_text()))
        admin.user_add(access_key=key, secret_key=(ACCOUNTS / f"{account}.secret-access-key").read_text())
        admin.policy_set(account, user=key)
        print(f"account {account} has its policy")


if __name__ == "__main__":
    main()
