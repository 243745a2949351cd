"""Keys as people and programs make them: each is one object, whatever stands in its name."""

import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client

KEYS = [
    *("with space", "a=b", "a+b", "a%b", "a%20b", "a&b?c#d", "ü/ñ/日本", "{x}[y]~^|", 'quote"\\', "day=2013-01-01/x"),
    # these are too odd for object_store, and go by boto3
    *("a//b", "folder/", "tab\there"),
]
LONGEST = "k" * 1024


@pytest.mark.parametrize("key", [*KEYS, LONGEST], ids=lambda key: repr(key[:20]))
def test_an_object_of_any_name_is_that_object(s3: S3Client, key: str) -> None:
    s3.write_bytes(key, b"one")
    assert s3.exists(key) and s3.read_bytes(f"s3a://data-lake/{key}") == b"one"
    assert [(each.key, each.size) for each in s3.list_objects()] == [(key, 3)]
    # as a client that has nothing to do with ours sees it
    assert s3.boto.get_object(Bucket="data-lake", Key=key)["Body"].read() == b"one"
    s3.copy(key, "copied")
    s3.delete(key, "copied")
    assert s3.list_objects() == [] and not s3.exists(key)


def test_a_key_may_begin_with_a_slash_where_the_bucket_is_named(s3: S3Client) -> None:
    s3.write_bytes("s3a://data-lake//first", b"one")
    assert s3.list_objects()[0].key == "/first" and s3.read_bytes("s3a://data-lake//first") == b"one"
    s3.delete("s3a://data-lake//first")
    assert s3.list_objects() == []


def test_a_key_that_is_too_long_is_named(s3: S3Client) -> None:
    with pytest.raises(
        UserError, match=r"^kkk.*\.\.\. is longer than the 1024 bytes that S3 allows for a key; shorten"
    ):
        s3.write_bytes(LONGEST + "k", b"")
    with pytest.raises(UserError, match="longer than the 1024 bytes"):
        s3.write_bytes("ü" * 513, b"")


def test_many_go_at_once(s3: S3Client) -> None:
    names = [f"many/{number:02}" for number in range(40)]
    for name in names:
        s3.write_bytes(name, b"")
    s3.delete(*names, "many/none")
    assert s3.list_objects() == []


def test_a_bucket_may_have_a_dot(s3_settings: Settings) -> None:
    dotted = S3Client(s3_settings.model_copy(update={"s3_bucket": "lake.of.ours"}))
    dotted.boto.create_bucket(Bucket="lake.of.ours")
    dotted.write_bytes("bronze/x", b"one")
    assert dotted.read_bytes("s3://lake.of.ours/bronze/x") == b"one"


def test_what_is_copied_is_named_when_it_is_not_there(s3: S3Client) -> None:
    with pytest.raises(UserError, match="^bronze/none does not exist; check the path with"):
        s3.copy("bronze/none", "bronze/x")
    s3.write_bytes("bronze/x", b"one")
    with pytest.raises(UserError, match="are the same object; name another target"):
        s3.copy("bronze/x", "s3a://data-lake/bronze/x")
    with pytest.raises(UserError, match="bucket nowhere does not exist"):
        s3.copy("bronze/x", "s3a://nowhere/x")
