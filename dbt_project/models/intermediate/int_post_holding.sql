with post as (
    select h.*, g.code is not null as is_forest_guard
    from ({{ in_effect('public_post') }}) as h
    left join {{ source('policy', 'code_group') }} as g
        on g.map = 'post_type' and g.member_of = 'forest_guard' and g.code = h.post_type
)

select
    period,
    person_id || '/' || post_type as subject,
    {{ area_or_root('village_code') }} as area_code,
    true as post__known,
    post_type as post__post_type,
    is_forest_guard as post__is_forest_guard,
    monthly_pay_yuan as post__monthly_pay_yuan,
    {{ evidence_one('_source') }} as post__evidence
from post
