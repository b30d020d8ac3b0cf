{# A diagnosis is on the list when its code, without hyphen and in capitals, lies between icd10_from and icd10_to and is
   as long as one of them. #}
select
    icd10_from,
    icd10_to,
    case when length(icd10_from) < length(icd10_to) then length(icd10_from) else length(icd10_to) end as shortest,
    case when length(icd10_from) > length(icd10_to) then length(icd10_from) else length(icd10_to) end as longest,
    unspecified_site_or_detail = 1 as unspecified_site_or_detail,
    other_caution = 1 as other_caution,
    source_page
from {{ ref('attention_icd10_ranges') }}
