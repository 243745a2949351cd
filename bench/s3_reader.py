"""What bench-s3 measures, a process for each way: `python -m bench.s3_reader boto3|ours` prints times as JSON."""

import io
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import pyarrow.parquet as pq

from bench.s3 import FILES, FOLDER, SMALL, SMALL_BYTES, WANTED
from dataops.config import Settings
from dataops.s3 import S3Client

REQUESTS = 2_000
ROUNDS = 8  # a rate: the first few grow the memory that the others use again


def main(way: str) -> None:
    """Read in one way and print microseconds by the clock and of CPU time, a request or a file."""
    get, columns, polars = {"boto3": boto3, "ours": ours}[way]()
    keys = [f"small-{number % SMALL}" for number in range(REQUESTS)]
    files = [f"{FOLDER}{number}.parquet" for number in range(FILES)] * ROUNDS
    assert len(get(keys[0])) == SMALL_BYTES  # the first calls connect and import
    assert columns(FOLDER) == polars(FOLDER) == FILES * columns(files[0]) == FILES * polars(files[0])

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
                "pandas": timed(lambda: [columns(FOLDER) for _ in range(ROUNDS)], len(files)),
                "polars": timed(lambda: [polars(FOLDER) for _ in range(ROUNDS)], len(files)),
                "pandas of one": timed(lambda: [columns(name) for name in files], len(files)),
                "polars of one": timed(lambda: [polars(name) for name in files], len(files)),
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
    """The usual way: boto3, and Parquet from objects that were listed and fetched whole, one after another."""
    import boto3
    import pandas as pd
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

    def files(path: str) -> Iterator[io.BytesIO]:
        if path.endswith(".parquet"):
            yield io.BytesIO(get(path))
        else:
            for each in client.list_objects_v2(Bucket="data-lake", Prefix=path)["Contents"]:
                yield io.BytesIO(get(each["Key"]))

    return (
        get,
        lambda path: len(pd.concat([pq.read_table(file, columns=WANTED).to_pandas() for file in files(path)])),
        lambda path: len(pl.concat([pl.read_parquet(file, columns=WANTED) for file in files(path)])),
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
