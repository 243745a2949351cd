"""What bench-s3 measures, a process for each way: `python -m bench.s3_reader boto3|ours` prints times as JSON."""

import io
import json
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pyarrow.parquet as pq

from bench.s3 import FILES, SMALL, SMALL_BYTES, WANTED
from dataops.config import Settings
from dataops.s3 import S3Client

REQUESTS = 2_000
ROUNDS = 8  # a rate: the first few grow the memory that the others use again


def main(way: str) -> None:
    """Read in one way and print microseconds by the clock and of CPU time, a request or a file."""
    get, columns, polars = {"boto3": boto3, "ours": ours}[way]()
    keys = [f"small-{number % SMALL}" for number in range(REQUESTS)]
    files = [f"{number}.parquet" for number in range(FILES)] * ROUNDS
    assert len(get(keys[0])) == SMALL_BYTES and columns(files[0]) == polars(files[0])  # the first call connects

    def sequential() -> None:
        for key in keys:
            get(key)

    def sixteen() -> None:
        with ThreadPoolExecutor(16) as workers:
            list(workers.map(get, keys))

    print(
        json.dumps(
            {
                "sequential": timed(sequential, len(keys)),
                "sixteen": timed(sixteen, len(keys)),
                "parquet": timed(lambda: [columns(name) for name in files], len(files)),
                "polars": timed(lambda: [polars(name) for name in files], len(files)),
            }
        )
    )


def timed(work: Callable[[], object], count: int) -> list[float]:
    """Return microseconds by the clock and of this process's CPU time, each of so many."""
    begin, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF)
    work()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return [(time.perf_counter() - begin) / count * 1e6, cpu / count * 1e6]


Way = tuple[Callable[[str], bytes], Callable[[str], int], Callable[[str], int]]


def boto3() -> Way:
    """The usual way: boto3, and Parquet from an object that was fetched whole."""
    import boto3
    import polars as pl
    from botocore.config import Config

    settings = Settings.load()
    key, secret = settings.s3_keys()
    client = boto3.client(
        "s3",
        endpoint_url=settings.s3_endpoint_url,
        region_name=settings.s3_region,
        aws_access_key_id=key,
        aws_secret_access_key=secret,
        config=Config(max_pool_connections=16),
    )

    def get(key: str) -> bytes:
        return client.get_object(Bucket="data-lake", Key=key)["Body"].read()

    return (
        get,
        lambda key: len(pq.read_table(io.BytesIO(get(key)), columns=WANTED).to_pandas()),
        lambda key: len(pl.read_parquet(io.BytesIO(get(key)), columns=WANTED)),
    )


def ours() -> Way:
    """`dataops.s3`."""
    s3 = S3Client()
    return (
        s3.read_bytes,
        lambda key: len(s3.read_parquet(key, WANTED)),
        lambda key: len(s3.read_parquet(key, WANTED, frame="polars")),
    )


if __name__ == "__main__":
    main(sys.argv[1])
