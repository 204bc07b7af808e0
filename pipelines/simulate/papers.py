"""What is written of the cases month by month: warnings, the ledger of risks, steps, measures, surveys, notices, hearings.

One function per extract, as in ``observe``: whose the rows are and the columns that the cases settle, in codes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import polars as pl

from pipelines.simulate.casework import NAT, Cases, first_day, month_of
from pipelines.simulate.laws import Days, Ints, Laws
from pipelines.simulate.observe import County, Rows


def _come(laws: Laws, days: Days, t: int) -> Days:
    """Days as they are known at the end of a month: those to come are not."""
    return np.asarray(np.where(days <= laws.last_days[t], days, NAT))


def _rows(all_: Cases, entry: Ints, **known: Any) -> Rows:
    settled = {name: pl.Series(name, values, nan_to_null=True) for name, values in known.items()}
    return Rows("household", all_.household[entry], entry, len(all_), settled)


def _numbers(prefix: str, entry: Ints, suffix: str = "") -> pl.Series:
    return pl.Series([f"{prefix}{i + 1:06d}{suffix}" for i in entry], dtype=pl.String)


def _risks(county: County, all_: Cases, entry: Ints) -> pl.Series:
    return pl.Series(list(county.laws["casework"]["risks"]), dtype=pl.String).gather(pl.Series(all_.risk[entry]))


def _by_risk(county: County, all_: Cases, entry: Ints, what: str) -> pl.Series:
    words = [how[what] for how in county.laws["casework"]["risks"].values()]
    return pl.Series(words).gather(pl.Series(all_.risk[entry]))


def warning(county: County, t: int) -> Rows:
    """部门预警信息归集反馈表: what departments warned of in the month."""
    all_, laws = county.cases, county.laws
    warned, survey = all_.steps["warning"], all_.steps["survey"]
    now = np.flatnonzero(month_of(laws, warned.ended) == t)
    departments = [
        laws.pack.department_name(department, laws.periods[t]) for department in _by_risk(county, all_, now, "dept")
    ]
    verified = _come(laws, survey.ended[now], t)
    spent = np.isin(
        all_.risk[now], [i for i, how in enumerate(laws["casework"]["risks"].values()) if "from" not in how]
    )
    return _rows(
        all_,
        now,
        warn_id=_numbers("YJ", now),
        dept_name=pl.Series(departments, dtype=pl.String),
        reason=_risks(county, all_, now),
        self_paid_yuan=np.where(spent, all_.yuan[now], np.nan),
        issued_at=warned.ended[now],
        verified_at=verified,
        verify_result=pl.Series(np.where(all_.founded[now], "confirmed", "unfounded")).set(
            pl.Series(np.isnat(verified)), None
        ),
    )


def risk_record(county: County, t: int) -> Rows:
    """返贫致贫风险户监测动态管理台账: from the warning until the month in which the risk is taken off."""
    all_, laws = county.cases, county.laws
    warned, judged = all_.steps["warning"], all_.steps["judgement"]
    now = np.flatnonzero((month_of(laws, warned.ended) <= t) & (t <= all_.closed))
    decided = _come(laws, judged.ended[now], t)
    known = ~np.isnat(decided)
    evaluated = month_of(laws, all_.steps["evaluation"].ended[now])
    off = t >= all_.closed[now]
    status = np.select(
        [~known, ~all_.founded[now], off, ~np.isnat(_come(laws, all_.steps["help"].began[now], t))],
        ["open", "not_a_risk", "resolved", "helping"],
        "open",
    )
    moved = np.where(off & known, laws.last_days[t] - 3, np.where(known, decided, warned.ended[now]))
    return _rows(
        all_,
        now,
        risk_code=_risks(county, all_, now),
        found_at=warned.ended[now],
        decided_at=decided,
        risk_hh_flag=pl.Series(all_.founded[now]).set(pl.Series(~known), None),
        status=pl.Series(status),
        updated_at=moved.astype("M8[D]"),
        evaluated_period=np.where(
            (evaluated >= 0) & (evaluated <= t), first_day(laws, np.maximum(evaluated, 0)), NAT
        ).astype("M8[D]"),
    )


def case_event(county: County, t: int) -> Rows:
    """监测对象识别管理环节台账: the steps that began or ended in the month."""
    all_, laws = county.cases, county.laws
    entries, at = [], []
    for number, step in enumerate(all_.steps.values()):
        hit = np.flatnonzero((month_of(laws, step.began) == t) | (month_of(laws, step.ended) == t))
        entries.append(hit)
        at.append(np.full(len(hit), number))
    entry, step_at = np.concatenate(entries), np.concatenate(at)
    order = np.lexsort((step_at, entry))
    entry, step_at = entry[order], step_at[order]
    steps, hows = list(all_.steps.values()), list(laws["casework"]["steps"].values())

    def told(of: Any) -> Any:
        return np.array([of(step) for step in steps])[step_at, entry]

    ended = _come(laws, told(lambda s: s.ended), t)
    done = ~np.isnat(ended)
    names, risks = list(laws["casework"]["risks"]), laws["casework"]["risks"]
    judged = np.array([bool(how.get("judges")) for how in hows])[step_at] & done
    closing = np.array([how.get("at") == "close" for how in hows])[step_at]
    passed = np.where(closing, True, all_.founded[entry])
    evaluated = np.array([step.name == "evaluation" for step in steps])[step_at] & done
    result = np.select(
        [evaluated & ~all_.effective[entry], judged & passed, judged], ["go_on", "agreed", "not_agreed"], ""
    )
    event = pl.Series([risks[n].get("event") for n in names], dtype=pl.String).gather(pl.Series(all_.risk[entry]))
    known = {
        "case_id": _numbers("GA", entry),
        "case_type": pl.Series(np.where(closing, "removal", "entry")),
        "source_channel": pl.Series(["department"] * len(entry), dtype=pl.String),
        "opened_at": pl.Series(all_.steps["warning"].began[entry]),
        "event_type": event,
        "occurred_at": pl.Series(all_.struck[entry]).set(event.is_null(), None),
        "reported_at": pl.Series(all_.reported[entry]).set(event.is_null(), None),
        "step": pl.Series([steps[i].name if not hows[i].get("step") else hows[i]["step"] for i in step_at], dtype=pl.String),
        "level": pl.Series([steps[i].level for i in step_at], dtype=pl.String),
        "started_at": pl.Series(told(lambda s: s.began)),
        "finished_at": pl.Series(ended),
        "overdue_days": pl.Series(np.where(done, told(lambda s: s.overdue), 0)),
        "passed": pl.Series(passed).set(pl.Series(~judged), None),
        "result": pl.Series(result).replace("", None),
        "closed_at": pl.Series(
            np.where(np.array([step.name == "removal_mark" for step in steps])[step_at] & done, ended, NAT)
        ),
    }  # fmt: skip
    return Rows("household", all_.household[entry], entry * len(steps) + step_at, len(all_) * len(steps), known)


def support_measure(county: County, t: int) -> Rows:
    """监测帮扶措施落实台账: one measure for each founded case, from its proposal until the month after it is done."""
    all_, laws = county.cases, county.laws
    proposed, help_ = all_.steps["hearing"], all_.steps["help"]
    now = np.flatnonzero((month_of(laws, proposed.ended) <= t) & (month_of(laws, help_.ended) >= t - 1) & all_.founded)
    kinds = _by_risk(county, all_, now, "measures").to_list()
    rng = laws.rng("casework", "measures")
    chosen = rng.integers(0, 1 << 16, len(all_))[now]
    evaluated = ~np.isnat(_come(laws, all_.steps["evaluation"].ended[now], t))
    done = _come(laws, help_.ended[now], t)
    return _rows(
        all_,
        now,
        measure_id=_numbers("CS", now),
        risk_code=_risks(county, all_, now),
        measure_type=pl.Series([options[i % len(options)] for options, i in zip(kinds, chosen, strict=True)], dtype=pl.String),
        proposed_at=proposed.ended[now],
        plan_date=_come(laws, all_.steps["report"].began[now], t),
        approved_at=_come(laws, all_.steps["report"].ended[now], t),
        confirmed_at=_come(laws, all_.steps["approval"].ended[now], t),
        started_at=_come(laws, help_.began[now], t),
        done_date=done,
        granted_date=done,
        measure_date=_come(laws, help_.began[now], t),
        due_date=all_.steps["approval"].ended[now] + laws["casework"]["due_days"],
        result=pl.Series(np.where(all_.effective[now], "effective", "partly")).set(pl.Series(~evaluated), None),
        amount=np.where(np.isnat(done), np.nan, (all_.yuan[now] * laws["casework"]["pays"]).round(-1)),
    )  # fmt: skip


def _papers(step: str, founded: bool) -> Any:
    """Rows for papers made at a step of the cases: their day is the step's end."""

    def rows(county: County, t: int) -> Rows:
        all_ = county.cases
        days = all_.steps[step].ended
        now = np.flatnonzero((month_of(county.laws, days) == t) & (all_.founded | (not founded)))
        return _rows(all_, now, day=days[now], case_id=_numbers("GA", now), risk=_risks(county, all_, now))

    return rows


def _held(county: County, t: int, *steps: str) -> tuple[Ints, Ints, Days, Ints]:
    """Villages in which a step of some cases began in the month: village, position of the step, first day, number of cases."""
    laws, village_of = county.laws, county.people.households.village
    parts = []
    for number, name in enumerate(steps):
        step = county.cases.steps[name]
        now = np.flatnonzero(month_of(laws, step.began) == t)
        village, first, n = np.unique(village_of[county.cases.household[now]], return_index=True, return_counts=True)
        parts.append((village, np.full(len(village), number), step.began[now][first], n))
    found = [np.concatenate(part) for part in zip(*parts, strict=True)]
    return found[0], found[1], found[2], found[3]


def meeting_log(county: County, t: int) -> Rows:
    """会议活动开展情况统计表: hearings of the village about households to be taken in or let go; other meetings have laws."""
    village, kind, day, cases_n = _held(county, t, "hearing", "removal_hearing")
    topics = pl.Series(["hearing", "removal_hearing"])
    return _in_villages(county, t, village, kind, 2, topic=topics.gather(pl.Series(kind)), date=day, cases_n=cases_n)


def public_notice(county: County, t: int) -> Rows:
    """公示公告情况登记表: what a village shows in the month, at each of two places; other notices have laws."""
    village, kind, day, cases_n = _held(county, t, "notice", "removal_notice")
    twice = np.repeat(np.arange(len(village)), 2)
    numbers = [f"GS{county.laws.periods[t].replace('-', '')}{v:03d}{k + 1}" for v, k in zip(village, kind, strict=True)]
    return _in_villages(
        county,
        t,
        village[twice],
        kind[twice] * 2 + np.tile([0, 1], len(village)),
        4,
        notice_id=pl.Series(numbers, dtype=pl.String).gather(pl.Series(twice)),
        object_type=pl.Series(["case_list", "removal_list"]).gather(pl.Series(kind[twice])),
        channel=pl.Series(["group_spot", "village_board"] * len(village), dtype=pl.String),
        start_date=day[twice],
        cases_n=cases_n[twice],
    )


def _in_villages(county: County, t: int, village: Ints, item: Ints, items: int, **known: Any) -> Rows:
    n = len(county.people.villages)
    settled = {name: pl.Series(name, values) for name, values in known.items()}
    return Rows("village", village, (t * n + village) * items + item, (t + 1) * n * items, settled)


survey_form = visit_log = _papers("survey", founded=False)
consent = _papers("survey", founded=True)
case_file = _papers("survey", founded=True)
# extract → its rows
ROWS: Mapping[str, Callable[[County, int], Rows]] = {
    "warning": warning, "risk_record": risk_record, "case_event": case_event, "support_measure": support_measure,
    "survey_form": survey_form, "visit_log": visit_log, "consent": consent, "case_file": case_file, "meeting_log": meeting_log,
    "public_notice": public_notice,
}  # fmt: skip
