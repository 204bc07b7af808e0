{{ register_flow(
    "select h.period, h.hh_id as id, h.hh_id, h.village_code, h.poverty_status as status, h.is_poor, h.hh_type, h.exit_year,"
    ~ " greatest(h.identify_date, h.exit_date, h.relapse_date, h.status_changed_at, h.marked_at) as dated_on, "
    ~ evidence_one('h._source') ~ " as source_rows from (" ~ registered_household(only_built=false) ~ ") as h",
    ['hh_register']
) }}
