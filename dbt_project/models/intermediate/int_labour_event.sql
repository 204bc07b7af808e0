with ledger as (
    {{ in_effect('training_record', only_built=false) }}
),

entry as (
    select *
    from ledger
    where period >= (select p.plan_from from {{ source('policy', 'plan') }} as p)
    qualify row_number() over (partition by ledger_no order by period, _source) = 1
),

person as (
    {{ in_effect('person_register', only_built=false) }}
),

household as (
    {{ registered_household(only_built=false) }}
),

village as (
    {{ in_effect('village_register', only_built=false) }}
),

placed as (
    select
        entry.*,
        household.village_code,
        household.is_registered,
        village.is_zhiguo,
        case when village.village_code is not null then {{ evidence_one('village._source') }} end as village_evidence,
        household.hh_id is not null as household_known,
        case
            when household.hh_id is not null then {{ evidence_union([evidence_one('person._source'), evidence_one('household._source')]) }}
        end as household_evidence,
        case when entry.end_date is not null or not {{ cell_refused('entry', 'end_date') }} then entry.end_date is not null end
            as finished_course
    from entry
    left join person on person.period = entry.period and person.person_id = entry.person_id
    left join household on household.period = entry.period and household.hh_id = person.hh_id
    left join village on village.period = entry.period and village.village_code = household.village_code
)

select
    period,
    ledger_no as subject,
    {{ area_or_root('village_code') }} as area_code,
    person_id,
    _source as entry_source,
    true as training_record__known,
    finished_course as training_record__finished_course,
    finished_course
    and row_number() over (partition by person_id, finished_course order by period, ledger_no) = 1 as training_record__first_course,
    finished_course and certificate as training_record__certified,
    transferred as training_record__transferred,
    course_mode as training_record__course_mode,
    subsidy_yuan as training_record__subsidy_yuan,
    transferred
    and row_number() over (partition by person_id, transferred order by period, ledger_no) = 1 as training_record__first_transfer,
    course_type as training_record__course_type,
    channel as training_record__channel,
    poor_attendee_n as training_record__poor_attendee_n,
    -- an entry is a person's: those of one course and day are one training
    course_type is not null
    and row_number() over (partition by course_type, start_date order by period, ledger_no) = 1 as training_record__is_first_of_course,
    {{ evidence_one('_source') }} as training_record__evidence,
    household_known as hh_register__known,
    is_registered as hh_register__is_registered,
    {{ evidence_or_none('household_evidence') }} as hh_register__evidence,
    village_evidence is not null as village__known,
    is_zhiguo as village__is_zhiguo,
    {{ evidence_or_none('village_evidence') }} as village__evidence
from placed
