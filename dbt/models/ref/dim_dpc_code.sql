{# DPC codes, effective-dated and without overlap: the imported official rows where the code has any, the seed for the
   dates before them and for codes that the import does not know. #}
with imported as (

    select
        {{ dpc_code('dpc_code') }} as dpc_code,
        name_ja, days_1, days_2, days_3, points_1, points_2, points_3, valid_from, valid_to, source,
        row_number() over (
            partition by {{ dpc_code('dpc_code') }}, valid_from
            order by coalesce(valid_to, cast('9999-12-31' as date)) desc, source desc nulls last, name_ja, days_1, days_2, days_3, points_1, points_2, points_3
        ) as choice
    from {{ source('ref', 'dpc_points_import') }}
    where dpc_code is not null and valid_from is not null

),

first_import as (

    select dpc_code, min(valid_from) as valid_from
    from imported
    group by dpc_code

),

chosen as (

    select dpc_code, name_ja, days_1, days_2, days_3, points_1, points_2, points_3, valid_from, valid_to, source
    from imported
    where choice = 1

    union all

    select
        seed.dpc_code, seed.name_ja, seed.days_1, seed.days_2, seed.days_3,
        seed.points_1, seed.points_2, seed.points_3, seed.valid_from, seed.valid_to, seed.source
    from {{ ref('dpc_codes') }} as seed
    left join first_import on {{ dpc_code('seed.dpc_code') }} = first_import.dpc_code
    where first_import.dpc_code is null or seed.valid_from < first_import.valid_from

),

followed as (

    select
        chosen.*,
        lead(valid_from) over (partition by dpc_code order by valid_from) as next_valid_from
    from chosen

)

select
    dpc_code,
    name_ja,
    substring(dpc_code, 1, 2) as mdc,
    days_1,
    days_2,
    days_3,
    points_1,
    points_2,
    points_3,
    valid_from,
    case
        when next_valid_from is not null and (valid_to is null or valid_to >= next_valid_from) then next_valid_from - 1
        else valid_to
    end as valid_to,
    source
from followed
