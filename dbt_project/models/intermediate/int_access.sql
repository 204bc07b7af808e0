-- An access to the platform's data. It is cleared where the account stood in the list of accounts, with that role, on the day.
with access as (
    {{ row_subject('access_log', key=['event_id'], asked=['role']) | indent(4) }}
),

account as (
    {{ in_effect('platform_user') }}
)

select
    access.*,
    c.period is not null as account__known,
    case
        when c.period is null or access.access_log__has_role is null then null
        when account.user_id is null or not access.access_log__has_role then false
        when account.start_date > access.access_log__access_date or account.end_date < access.access_log__access_date then false
        when account.end_date is not null or not {{ cell_refused('account', 'end_date') }} then account.role = access.access_log__role
    end as account__is_cleared,
    {{ evidence_none_or_one('account._source') }} as account__evidence
from access
left join account on account.period = access.period and account.user_id = access.access_log__user_id
left join (
    select distinct period from ({{ covered('platform_user') }})
) as c on c.period = access.period
