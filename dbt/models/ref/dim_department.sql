select
    department_code,
    name_ja
from {{ ref('departments') }}
