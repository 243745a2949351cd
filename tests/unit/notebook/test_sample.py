"""show_sample: a page with types and nulls that says how many rows it is about."""

from pyspark.sql import SparkSession

from dataops.notebook import show_sample


def test_a_sample_counts_its_own_nulls_and_says_so(local_spark: SparkSession) -> None:
    rows = [("<b>", None), ("x", 2.0), ("y", None)]
    sample = show_sample(local_spark.createDataFrame(rows, "name string, delay double").coalesce(1), 2)
    assert sample.columns == [("name", "string", 0), ("delay", "double", 1)]
    page = sample._repr_html_()
    assert "&lt;b&gt;" in page and "delay<br><small>double<br>1 null" in page
    for shown in (page, repr(sample)):
        assert "2 rows read, there may be more; nulls are counted over these rows, not over the whole frame" in shown


def test_a_sample_of_all_rows_says_so(local_spark: SparkSession) -> None:
    assert "3 rows read, which is all there are; nulls" in repr(show_sample(local_spark.range(3)))
    assert "0 rows read, which is all there are" in repr(show_sample(local_spark.range(0)))


def test_columns_of_one_name_are_counted_apart(local_spark: SparkSession) -> None:
    sample = show_sample(local_spark.sql("select 1 a, cast(null as int) a"))
    assert sample.columns == [("a", "int", 0), ("a", "int", 1)]
