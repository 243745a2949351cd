"""A write of Spark to S3, counted by a proxy: nothing is copied by the store, nothing is left over."""

import pytest

from bench import commit, spark_write


@pytest.fixture(scope="module")
def ours() -> commit.Write:
    """A write as the platform does it."""
    return commit.write("ours")


def test_every_row_arrives_once(ours: commit.Write) -> None:
    assert (ours.files, ours.rows) == (spark_write.FILES, spark_write.ROWS)


def test_the_store_copies_nothing_and_writes_each_byte_once(ours: commit.Write) -> None:
    assert "COPY" not in ours.requests
    assert ours.output <= ours.stored <= 1.05 * ours.output


def test_nothing_is_left_over(ours: commit.Write) -> None:
    assert ours.leftovers == 0


def test_a_rename_is_seen_by_the_proxy() -> None:
    """The control: Spark as it comes has the store copy every file twice."""
    stock = commit.write("stock")
    assert stock.requests["COPY"] == 2 * stock.files and stock.stored > 2.9 * stock.output
