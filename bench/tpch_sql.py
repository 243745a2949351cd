"""The same queries of TPC-H as SQL, for engines that one would take on one machine without the platform."""

REVENUE = "l_extendedprice * (1 - l_discount)"

q1 = f"""
select l_returnflag, l_linestatus, sum(l_quantity) as sum_qty, sum(l_extendedprice) as sum_base_price,
       sum({REVENUE}) as sum_disc_price, sum({REVENUE} * (1 + l_tax)) as sum_charge,
       avg(cast(l_quantity as double)) as avg_qty, avg(cast(l_extendedprice as double)) as avg_price,
       avg(cast(l_discount as double)) as avg_disc, count(*) as count_order
from lineitem where l_shipdate <= date '1998-09-02'
group by l_returnflag, l_linestatus order by l_returnflag, l_linestatus"""

q3 = f"""
select l_orderkey, o_orderdate, o_shippriority, sum({REVENUE}) as revenue
from customer join orders on c_custkey = o_custkey join lineitem on l_orderkey = o_orderkey
where c_mktsegment = 'BUILDING' and o_orderdate < date '1995-03-15' and l_shipdate > date '1995-03-15'
group by l_orderkey, o_orderdate, o_shippriority order by revenue desc, o_orderdate, l_orderkey limit 10"""

q4 = """
select o_orderpriority, count(*) as order_count from orders
where o_orderdate >= date '1993-07-01' and o_orderdate < date '1993-10-01'
  and o_orderkey in (select l_orderkey from lineitem where l_commitdate < l_receiptdate)
group by o_orderpriority order by o_orderpriority"""

q5 = f"""
select n_name, sum({REVENUE}) as revenue
from region join nation on n_regionkey = r_regionkey join supplier on s_nationkey = n_nationkey
  join lineitem on l_suppkey = s_suppkey join orders on o_orderkey = l_orderkey
  join customer on c_custkey = o_custkey and c_nationkey = n_nationkey
where r_name = 'ASIA' and o_orderdate >= date '1994-01-01' and o_orderdate < date '1995-01-01'
group by n_name order by revenue desc"""

q6 = """
select sum(l_extendedprice * l_discount) as revenue from lineitem
where l_shipdate >= date '1994-01-01' and l_shipdate < date '1995-01-01'
  and l_discount between 0.05 and 0.07 and l_quantity < 24"""

q9 = f"""
select n_name, o_year, sum(amount) as sum_profit
from (select n_name, extract(year from o_orderdate) as o_year, {REVENUE} - ps_supplycost * l_quantity as amount
      from part join lineitem on p_partkey = l_partkey
        join partsupp on ps_suppkey = l_suppkey and ps_partkey = l_partkey
        join supplier on s_suppkey = l_suppkey join nation on n_nationkey = s_nationkey
        join orders on o_orderkey = l_orderkey
      where p_name like '%green%') as profit
group by n_name, o_year order by n_name, o_year desc"""

q10 = f"""
select c_custkey, c_name, c_acctbal, n_name, sum({REVENUE}) as revenue
from orders join lineitem on l_orderkey = o_orderkey join customer on c_custkey = o_custkey
  join nation on n_nationkey = c_nationkey
where o_orderdate >= date '1993-10-01' and o_orderdate < date '1994-01-01' and l_returnflag = 'R'
group by c_custkey, c_name, c_acctbal, n_name order by revenue desc, c_custkey limit 20"""

q12 = """
select l_shipmode, sum(case when o_orderpriority in ('1-URGENT', '2-HIGH') then 1 else 0 end) as high_line_count,
       sum(case when o_orderpriority in ('1-URGENT', '2-HIGH') then 0 else 1 end) as low_line_count
from lineitem join orders on o_orderkey = l_orderkey
where l_shipmode in ('MAIL', 'SHIP') and l_commitdate < l_receiptdate and l_shipdate < l_commitdate
  and l_receiptdate >= date '1994-01-01' and l_receiptdate < date '1995-01-01'
group by l_shipmode order by l_shipmode"""

q13 = """
select c_count, count(*) as custdist
from (select c_custkey, count(o_orderkey) as c_count
      from customer left join (select * from orders where o_comment not like '%special%requests%') as wanted
        on c_custkey = o_custkey
      group by c_custkey) as counts
group by c_count order by custdist desc, c_count desc"""

q14 = f"""
select 100.0 * sum(case when p_type like 'PROMO%' then cast({REVENUE} as double) else 0.0 end)
       / sum(cast({REVENUE} as double)) as promo_revenue
from lineitem join part on p_partkey = l_partkey
where l_shipdate >= date '1995-09-01' and l_shipdate < date '1995-10-01'"""

q18 = """
select c_name, c_custkey, o_orderkey, o_orderdate, o_totalprice, quantity
from (select l_orderkey, sum(l_quantity) as quantity from lineitem group by l_orderkey) as large
  join orders on o_orderkey = l_orderkey join customer on c_custkey = o_custkey
where quantity > 300 order by o_totalprice desc, o_orderdate, o_orderkey limit 100"""

q19 = f"""
select sum({REVENUE}) as revenue from lineitem join part on p_partkey = l_partkey
where l_shipmode in ('AIR', 'AIR REG') and l_shipinstruct = 'DELIVER IN PERSON'
  and ((p_brand = 'Brand#12' and p_container like 'SM%' and l_quantity between 1 and 11 and p_size between 1 and 5)
    or (p_brand = 'Brand#23' and p_container like 'MED%' and l_quantity between 10 and 20 and p_size between 1 and 10)
    or (p_brand = 'Brand#34' and p_container like 'LG%' and l_quantity between 20 and 30
        and p_size between 1 and 15))"""
