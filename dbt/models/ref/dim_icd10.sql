select
    icd10,
    substring(icd10, 1, 3) as category,
    name_en,
    name_ja
from {{ ref('icd10_codes') }}
