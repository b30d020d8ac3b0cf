{# Days of the fiscal years 2015 to 2034, by digits: generate_series runs on Redshift's leader node only. #}
with digits as (
    {% for digit in range(10) %}
    select {{ digit }} as digit{% if not loop.last %} union all{% endif %}
    {% endfor %}
),

numbers as (

    select thousands.digit * 1000 + hundreds.digit * 100 + tens.digit * 10 + ones.digit as number
    from digits as thousands
    cross join digits as hundreds
    cross join digits as tens
    cross join digits as ones

),

days as (

    select cast('2015-04-01' as date) + cast(number as integer) as date_day
    from numbers
    where number < 7305

),

parts as (

    select
        date_day,
        cast(extract(year from date_day) as integer) as year,
        cast(extract(month from date_day) as integer) as month,
        cast(extract(day from date_day) as integer) as day_of_month,
        cast(extract(dow from date_day) as integer) as day_of_week
    from days

)

select
    date_day,
    {{ yyyymm('date_day') }} as yyyymm,
    year,
    month,
    day_of_month,
    day_of_week,
    day_of_week in (0, 6) as is_weekend,
    case when month >= 4 then year else year - 1 end as fiscal_year,
    case when month >= 10 then 3 when month >= 7 then 2 when month >= 4 then 1 else 4 end as fiscal_quarter
from parts
