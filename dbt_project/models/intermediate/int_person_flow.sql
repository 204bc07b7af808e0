{{ register_flow(
    "select p.period, p.person_id as id, p.hh_id, h.village_code, h.poverty_status as status, h.is_poor, h.hh_type, h.exit_year,"
    ~ " greatest(p.hukou_in_date, p.change_date, h.identify_date, h.exit_date, h.relapse_date, h.status_changed_at, h.marked_at) as dated_on, "
    ~ evidence_union([evidence_one('p._source'), evidence_one('h._source')]) ~ " as source_rows from ("
    ~ in_effect('person_register', only_built=false) ~ ") as p inner join (" ~ registered_household(only_built=false)
    ~ ") as h on h.period = p.period and h.hh_id = p.hh_id",
    ['person_register', 'hh_register']
) }}
