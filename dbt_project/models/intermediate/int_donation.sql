-- A donation that is not published yet has waited until the month's end.
{{ row_subject(
    'donation_ledger',
    key=['donation_id'],
    asked=['need_id', 'matched_date', 'published_at'],
    made={
        'days_to_publication': 'case when r.published_at is not null then ' ~ days_between('r.date', 'r.published_at')
        ~ ' when not ' ~ cell_refused('r', 'published_at') ~ ' then ' ~ days_between('r.date', last_day_of('r.period')) ~ ' end'
    },
    history=true
) }}
