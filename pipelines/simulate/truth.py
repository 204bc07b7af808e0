"""The tables that say what really is, beside the departments' files: for judging what the pipeline finds."""

from __future__ import annotations

import numpy as np
import polars as pl

from pipelines.simulate.laws import NEVER
from pipelines.simulate.observe import County
from pipelines.simulate.shocks import SOURCES


def truth_tables(county: County, periods: list[str]) -> dict[str, pl.DataFrame]:
    """What really is, by name of table: household, person, household_month (of ``periods``), shock (up to the last)."""
    laws, people = county.laws, county.people
    households, persons = people.households, people.persons
    codes = list(laws.home.codes["cause"])
    last = max(laws.index(p) for p in periods)
    household = pl.DataFrame(
        {
            "hh_id": county.names["household"],
            "village_code": pl.Series([people.villages[v].code for v in households.village]),
            "marginal": households.marginal,
            "joined": pl.Series(laws.periods).gather(pl.Series(households.joined)),
            "cause": pl.Series([codes[c] if c >= 0 else None for c in households.cause], dtype=pl.String),
            "exit_year": households.exit_year,
            "site": households.site,
            "productivity": households.productivity,
        }
    )
    person = pl.DataFrame(
        {
            "person_id": county.names["person_id"],
            "hh_id": county.take("household", persons.household),
            "male": persons.male,
            "birth_date": persons.birth,
            "gone": pl.Series([laws.periods[g] if g < NEVER else None for g in persons.gone], dtype=pl.String),
        }
    )
    return {
        "household": household,
        "person": person,
        "household_month": pl.concat([_household_month(county, laws.index(p)) for p in periods]),
        "shock": _shock_table(county, last),
    }


def _household_month(county: County, t: int) -> pl.DataFrame:
    laws, truth, households = county.laws, county.truth, county.people.households
    kinds = pl.Series(list(truth.loss))
    onset = pl.Series(laws.periods).gather(pl.Series(np.maximum(truth.since[t], 0)))
    fallen = pl.Series(truth.fallen[t])
    return pl.DataFrame(
        {
            "period": pl.Series([laws.periods[t]]).new_from_index(0, len(households)),
            "hh_id": county.names["household"],
            "hh_size": county.people.sizes[t],
            **{f"{source}_yuan": truth.income[source][t].round(2) for source in SOURCES},
            "disposable_pc_yuan": truth.disposable[t].round(2),
            "water_secured": households.water_from <= t,
            "fell_back": fallen,
            "since": onset.set(~fallen, None),
            "why": kinds.gather(pl.Series(np.maximum(truth.why[t], 0))).set(~fallen, None),
            "entered_as_relapsed": county.relapsed[t],
        }
    )


def _shock_table(county: County, last: int) -> pl.DataFrame:
    laws, frames = county.laws, []
    for kind, loss in county.truth.loss.items():
        month, household = np.nonzero(loss[: last + 1])
        frames.append(
            pl.DataFrame(
                {
                    "period": pl.Series(laws.periods).gather(pl.Series(month)),
                    "hh_id": county.take("household", household),
                    "kind": pl.Series([kind]).new_from_index(0, len(month)),
                    "loss_yuan": loss[month, household].round(2),
                }
            )
        )
    return pl.concat(frames)
