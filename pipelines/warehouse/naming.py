"""Whom rows are about: the view over every extract whose rows name people of the registers, made from the contracts.

Which of the named there are is for the models to say.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb

from pipelines.intake.contract import NAMING, REGISTERS, Contract
from pipelines.intake.ledger import Proposal, Verdict
from pipelines.sql import literal, literals


def named_rows(con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract]) -> None:
    """Make ``build.named_row``: the rows in effect in each month to build, and whom they name. The registers are not in it.

    ``of_registered``: all whom the extract names should be in the registers. Needs ``raw``, ``build.in_effect``, ``build.period``.
    """
    parts = [
        f"""
        select e.period, {literal(extract)} as extract, r._submission as submission, r._source as source,
            {", ".join(f"r.{c}" if c in naming else f"cast(null as varchar) as {c}" for c in NAMING)},
            {literal(contract.names == "registered")} as of_registered
        from raw.{extract} as r
        join build.in_effect as e on e.extract = {literal(extract)} and e.submission = r._submission
            and e.area is not distinct from r._area
        join build.period as b on b.period = e.period
        """
        for extract, contract in contracts.items()
        if (naming := contract.naming) and extract not in REGISTERS
    ]
    con.execute(f"create view build.named_row as {' union all '.join(parts)}")


def naming_of(contract: Contract, table: str) -> str:
    """SQL for what a row says of whom it is about, as one text: rows with the same text say the same."""
    columns = (f"coalesce({table}.{c}, '')" for c in NAMING if c in contract.naming)
    return f"concat_ws('|', {', '.join(columns)})"


def links(
    con: duckdb.DuckDBPyConnection, contracts: Mapping[str, Contract], accepted: Sequence[tuple[Proposal, Verdict]]
) -> None:
    """Make ``build.link``, the rows of ``raw`` that a person has said are about somebody registered, and put it into ``raw``.

    ``person_id`` and ``hh_id`` of such a row are then those of the proposal; every other cell and row stays as it was sent.
    """
    con.execute(
        "create table build.accepted (extract VARCHAR, period VARCHAR, naming VARCHAR, person_id VARCHAR, hh_id VARCHAR,"
        " proposal INTEGER, accepted_by VARCHAR, accepted_at VARCHAR)"
    )
    for p, v in accepted:
        values = (p.extract, p.period, p.naming, p.person_id, p.hh_id, p.number, v.decided_by, v.decided_at)
        con.execute(f"insert into build.accepted values ({literals(values)})")
    con.execute("create table build.link as select cast(null as bigint) as source, * from build.accepted where false")
    for extract in sorted({p.extract for p, _ in accepted} & set(contracts)):
        contract = contracts[extract]
        con.execute(
            f"""
            insert into build.link
            select r._source, a.*
            from raw.{extract} as r
            join build.accepted as a on a.extract = {literal(extract)} and a.period = r._period
                and a.naming = {naming_of(contract, "r")}
            """
        )
        person = "person_id" if {"person_id", "person_name"} <= contract.naming else None
        replaced = [c for c in (person, "hh_id" if "hh_id" in contract.naming else None) if c]
        con.execute(f"alter view raw.{extract} rename to {extract}_as_sent")
        cells = ", ".join(f"coalesce(l.{c}, r.{c}) as {c}" for c in replaced)
        con.execute(
            f"create view raw.{extract} as select r.* replace ({cells}) from raw.{extract}_as_sent as r"
            " left join build.link as l on l.source = r._source"
        )
