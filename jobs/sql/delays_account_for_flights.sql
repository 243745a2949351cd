-- A check: months in which gold.delays does not account for every flight of silver.flights. Reads both.
with flown as (select year, month, count(*) as flights from silver_flights group by year, month),
told as (select year, month, sum(flights) as flights from gold_delays group by year, month)
select year, month, flown.flights as flown, told.flights as told
from flown full join told using (year, month)
where flown.flights is distinct from told.flights
