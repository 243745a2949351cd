"""`make bench-commit`: requests and bytes of a Spark write to S3, ours and Spark as it comes, counted by a proxy."""

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import boto3
import pyarrow.parquet as pq
from moto.server import ThreadedMotoServer

from bench import report, spark_write
from bench.counting import Counted, counting
from bench.jars import locked_jars
from dataops.config import variables
from dataops.errors import UserError
from dataops.platform.paths import repository_root
from dataops.platform.process import step

BUCKET, PREFIX = "data-lake", "sandbox/commit/"
KEYS = {"S3_ACCESS_KEY_ID": "testing", "S3_SECRET_ACCESS_KEY": "testing"}


@dataclass(frozen=True)
class Write:
    """What one way of writing took.

    Attributes:
        requests: How many of each kind.
        stored: Bytes that the store wrote.
        rows: Rows of the files that are left.
        output: Bytes of the files that are left.
        files: How many of them are Parquet.
        leftovers: Keys of temporary files, and uploads that were never completed.
    """

    requests: dict[str, int]
    stored: int
    rows: int
    output: int
    files: int
    leftovers: int

    @property
    def per_file(self) -> float:
        """Requests for each file."""
        return sum(self.requests.values()) / self.files


@contextmanager
def store() -> Iterator[str]:
    """Serve an empty S3 store with the bucket of the lake on loopback; yield its address."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it tells every request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    try:
        yield f"http://{host}:{port}"
    finally:
        server.stop()


def write(way: str) -> Write:
    """Write once, through the proxy.

    Args:
        way: `ours` or `stock`.

    Returns:
        What passed and what is left.

    Raises:
        UserError: Spark failed.
    """
    prefix, counted = f"{PREFIX}{way}/", Counted(f"{PREFIX}{way}")
    with store() as upstream, counting(upstream, counted) as proxy:
        client = boto3.client(
            "s3",
            endpoint_url=upstream,
            region_name="us-east-1",
            aws_access_key_id=KEYS["S3_ACCESS_KEY_ID"],
            aws_secret_access_key=KEYS["S3_SECRET_ACCESS_KEY"],
        )
        client.create_bucket(Bucket=BUCKET)
        classpath = ":".join(map(str, locked_jars()))
        command = [sys.executable, spark_write.__file__, f"s3a://{BUCKET}/{prefix}", way, classpath]
        environment = {
            **variables("PATH", "JAVA_HOME"),
            **KEYS,
            "S3_ENDPOINT_URL": proxy,
            "SPARK_MASTER_URL": "local[2]",
        }
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=900)
        if done.returncode:
            raise UserError(f"Spark did not write {way}: {done.stderr[-2000:]}")
        left = {
            one["Key"]: client.get_object(Bucket=BUCKET, Key=one["Key"])["Body"].read()
            for one in client.list_objects_v2(Bucket=BUCKET, Prefix=prefix)["Contents"]
        }
        uploads = client.list_multipart_uploads(Bucket=BUCKET).get("Uploads", [])
    files = [data for key, data in left.items() if key.endswith(".parquet")]
    temporary = [key for key in left if "/_temporary" in key or "/__magic" in key]
    rows = sum(pq.read_metadata(io.BytesIO(data)).num_rows for data in files)
    size = sum(map(len, files))
    return Write(dict(counted.requests), counted.stored, rows, size, len(files), len(temporary) + len(uploads))


def main() -> int:
    """Measure, print a table, write .reports/bench-commit.json.

    Fewer requests are no goal: up to Hadoop 3.4 the magic committer keeps an object beside each file until the commit,
    whose requests are about as many as those of a rename. What it spares is the copying, and the time that takes.

    Returns:
        The exit code: 1 when a goal was missed.
    """
    with step("write as Spark comes"):
        stock = write("stock")
    with step("write as the platform does"):
        ours = write("ours")
    results = [
        report.exact("G14", "requests a file", stock.per_file, ours.per_file, "", 1),
        report.exact(
            "G14",
            "bytes that the store writes, per byte of output",
            stock.stored / stock.output,
            ours.stored / ours.output,
            "",
            1,
            1.05,
        ),
        report.counted(
            "G14", "files written without COPY", ours.files, ours.files - ours.requests.get("COPY", 0), ours.files
        ),
    ]
    print(report.table(results))
    print(report.write(repository_root(), "commit", results, {"stock": vars(stock), "ours": vars(ours)}))
    return 0 if all(one.met for one in results) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        sys.exit(f"error: {error}")
