"""Queries of TPC-H written once, with PySpark's API, for whichever engine computes; quotients and means are doubles."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from dataops.engine import functions as F

if TYPE_CHECKING:
    from pyspark.sql import Column, DataFrame

Tables = Mapping[str, "DataFrame"]
TABLES = ("customer", "lineitem", "nation", "orders", "part", "partsupp", "region", "supplier")


def q1(t: Tables) -> DataFrame:
    """Pricing summary: what was shipped, by state of its lines."""
    lines = t["lineitem"].where(F.col("l_shipdate") <= _day("1998-09-02"))
    return (
        lines.groupBy("l_returnflag", "l_linestatus")
        .agg(
            F.sum("l_quantity").alias("sum_qty"),
            F.sum("l_extendedprice").alias("sum_base_price"),
            F.sum(_revenue()).alias("sum_disc_price"),
            F.sum(_revenue() * (1 + F.col("l_tax"))).alias("sum_charge"),
            F.avg(F.col("l_quantity").cast("double")).alias("avg_qty"),
            F.avg(F.col("l_extendedprice").cast("double")).alias("avg_price"),
            F.avg(F.col("l_discount").cast("double")).alias("avg_disc"),
            F.count("*").alias("count_order"),
        )
        .orderBy("l_returnflag", "l_linestatus")
    )


def q3(t: Tables) -> DataFrame:
    """Shipping priority: the ten unshipped orders of most value."""
    joined = (
        t["customer"]
        .where(F.col("c_mktsegment") == "BUILDING")
        .join(t["orders"].where(F.col("o_orderdate") < _day("1995-03-15")), F.col("c_custkey") == F.col("o_custkey"))
        .join(t["lineitem"].where(F.col("l_shipdate") > _day("1995-03-15")), F.col("l_orderkey") == F.col("o_orderkey"))
    )
    return (
        joined.groupBy("l_orderkey", "o_orderdate", "o_shippriority")
        .agg(F.sum(_revenue()).alias("revenue"))
        .orderBy(F.desc("revenue"), "o_orderdate", "l_orderkey")
        .limit(10)
    )


def q4(t: Tables) -> DataFrame:
    """Order priority: orders of a quarter with a line that came late."""
    late = t["lineitem"].where(F.col("l_commitdate") < F.col("l_receiptdate"))
    return (
        _between(t["orders"], "o_orderdate", "1993-07-01", "1993-10-01")
        .join(late, F.col("o_orderkey") == F.col("l_orderkey"), "left_semi")
        .groupBy("o_orderpriority")
        .agg(F.count("*").alias("order_count"))
        .orderBy("o_orderpriority")
    )


def q5(t: Tables) -> DataFrame:
    """Local suppliers: what they earned with customers of their own nation."""
    asia = t["region"].where(F.col("r_name") == "ASIA")
    local = (
        asia.join(t["nation"], F.col("n_regionkey") == F.col("r_regionkey"))
        .join(t["supplier"], F.col("s_nationkey") == F.col("n_nationkey"))
        .join(t["lineitem"], F.col("l_suppkey") == F.col("s_suppkey"))
        .join(
            _between(t["orders"], "o_orderdate", "1994-01-01", "1995-01-01"), F.col("o_orderkey") == F.col("l_orderkey")
        )
        .join(
            t["customer"], (F.col("c_custkey") == F.col("o_custkey")) & (F.col("c_nationkey") == F.col("n_nationkey"))
        )
    )
    return local.groupBy("n_name").agg(F.sum(_revenue()).alias("revenue")).orderBy(F.desc("revenue"))


def q6(t: Tables) -> DataFrame:
    """Forecast: what small discounts cost."""
    discount = F.col("l_discount").cast("double")
    lines = _between(t["lineitem"], "l_shipdate", "1994-01-01", "1995-01-01")
    small = lines.where((discount > 0.049) & (discount < 0.071) & (F.col("l_quantity") < 24))
    return small.agg(F.sum(F.col("l_extendedprice") * F.col("l_discount")).alias("revenue"))


def q9(t: Tables) -> DataFrame:
    """Profit by nation and year, of green parts."""
    profit = _revenue() - F.col("ps_supplycost") * F.col("l_quantity")
    return (
        t["part"]
        .where(F.col("p_name").contains("green"))
        .join(t["lineitem"], F.col("l_partkey") == F.col("p_partkey"))
        .join(t["partsupp"], (F.col("ps_suppkey") == F.col("l_suppkey")) & (F.col("ps_partkey") == F.col("l_partkey")))
        .join(t["supplier"], F.col("s_suppkey") == F.col("l_suppkey"))
        .join(t["nation"], F.col("n_nationkey") == F.col("s_nationkey"))
        .join(t["orders"], F.col("o_orderkey") == F.col("l_orderkey"))
        .select("n_name", F.year("o_orderdate").alias("o_year"), profit.alias("amount"))
        .groupBy("n_name", "o_year")
        .agg(F.sum("amount").alias("sum_profit"))
        .orderBy("n_name", F.desc("o_year"))
    )


def q10(t: Tables) -> DataFrame:
    """Returned items: the twenty customers who lost most."""
    joined = (
        _between(t["orders"], "o_orderdate", "1993-10-01", "1994-01-01")
        .join(t["lineitem"].where(F.col("l_returnflag") == "R"), F.col("l_orderkey") == F.col("o_orderkey"))
        .join(t["customer"], F.col("c_custkey") == F.col("o_custkey"))
        .join(t["nation"], F.col("n_nationkey") == F.col("c_nationkey"))
    )
    return (
        joined.groupBy("c_custkey", "c_name", "c_acctbal", "n_name")
        .agg(F.sum(_revenue()).alias("revenue"))
        .orderBy(F.desc("revenue"), "c_custkey")
        .limit(20)
    )


def q12(t: Tables) -> DataFrame:
    """Shipping modes: late lines of urgent and of other orders."""
    lines = _between(t["lineitem"], "l_receiptdate", "1994-01-01", "1995-01-01").where(
        F.col("l_shipmode").isin("MAIL", "SHIP")
        & (F.col("l_commitdate") < F.col("l_receiptdate"))
        & (F.col("l_shipdate") < F.col("l_commitdate"))
    )
    urgent = F.col("o_orderpriority").isin("1-URGENT", "2-HIGH")
    return (
        lines.join(t["orders"], F.col("o_orderkey") == F.col("l_orderkey"))
        .groupBy("l_shipmode")
        .agg(
            F.sum(F.when(urgent, 1).otherwise(0)).alias("high_line_count"),
            F.sum(F.when(urgent, 0).otherwise(1)).alias("low_line_count"),
        )
        .orderBy("l_shipmode")
    )


def q13(t: Tables) -> DataFrame:
    """Customers by their number of orders, none included."""
    wanted = t["orders"].where(~F.col("o_comment").like("%special%requests%"))
    orders = (
        t["customer"]
        .join(wanted, F.col("c_custkey") == F.col("o_custkey"), "left")
        .groupBy("c_custkey")
        .agg(F.count("o_orderkey").alias("c_count"))
    )
    counts = orders.groupBy("c_count").agg(F.count("*").alias("custdist"))
    return counts.orderBy(F.desc("custdist"), F.desc("c_count"))


def q14(t: Tables) -> DataFrame:
    """Promotion: their share of a month's revenue, in percent."""
    lines = _between(t["lineitem"], "l_shipdate", "1995-09-01", "1995-10-01")
    joined = lines.join(t["part"], F.col("p_partkey") == F.col("l_partkey"))
    promoted = F.when(F.col("p_type").startswith("PROMO"), _revenue().cast("double")).otherwise(0.0)
    return joined.agg((F.lit(100.0) * F.sum(promoted) / F.sum(_revenue().cast("double"))).alias("promo_revenue"))


def q18(t: Tables) -> DataFrame:
    """Large orders: the hundred most valuable of them."""
    large = (
        t["lineitem"].groupBy("l_orderkey").agg(F.sum("l_quantity").alias("quantity")).where(F.col("quantity") > 300)
    )
    return (
        large.join(t["orders"], F.col("o_orderkey") == F.col("l_orderkey"))
        .join(t["customer"], F.col("c_custkey") == F.col("o_custkey"))
        .select("c_name", "c_custkey", "o_orderkey", "o_orderdate", "o_totalprice", "quantity")
        .orderBy(F.desc("o_totalprice"), "o_orderdate", "o_orderkey")
        .limit(100)
    )


def q19(t: Tables) -> DataFrame:
    """Discounted revenue of parts that were delivered by air, in person."""
    lines = t["lineitem"].where(
        F.col("l_shipmode").isin("AIR", "AIR REG") & (F.col("l_shipinstruct") == "DELIVER IN PERSON")
    )
    kinds = (("Brand#12", "SM", 1, 5), ("Brand#23", "MED", 10, 10), ("Brand#34", "LG", 20, 15))
    wanted = F.lit(False)
    for brand, container, least, size in kinds:
        wanted = wanted | (
            (F.col("p_brand") == brand)
            & F.col("p_container").startswith(container)
            & F.col("l_quantity").between(least, least + 10)
            & F.col("p_size").between(1, size)
        )
    return (
        lines.join(t["part"], F.col("p_partkey") == F.col("l_partkey"))
        .where(wanted)
        .agg(F.sum(_revenue()).alias("revenue"))
    )


QUERIES: tuple[Callable[[Tables], DataFrame], ...] = (q1, q3, q4, q5, q6, q9, q10, q12, q13, q14, q18, q19)


def _revenue() -> Column:
    return F.col("l_extendedprice") * (1 - F.col("l_discount"))


def _day(text: str) -> Column:
    return F.lit(text).cast("date")


def _between(frame: DataFrame, column: str, first: str, end: str) -> DataFrame:
    return frame.where((F.col(column) >= _day(first)) & (F.col(column) < _day(end)))
