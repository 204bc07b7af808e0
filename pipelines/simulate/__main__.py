"""A look at some extracts of the sample county without the others: ``python -m pipelines.simulate OUT MONTHS HOUSEHOLDS EXTRACT…``."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl

from pipelines.intake.contract import load_contracts
from pipelines.policy import load_pack
from pipelines.settings import PROJECT
from pipelines.simulate.county import settled, simulate


def main(out: str, months: str, households: str, *extracts: str) -> None:
    """Write the files of a few extracts and months (commas between) and print what is in them."""
    pack, contracts, periods = load_pack(PROJECT / "policies" / "menghai"), load_contracts(), months.split(",")
    tables, say = settled(pack, contracts, int(households)), sys.stdout.write
    with pl.Config(tbl_rows=8, tbl_cols=40, tbl_width_chars=240, fmt_str_lengths=18, tbl_hide_dataframe_shape=True):
        for name in extracts:
            for period in periods:
                frame = tables[name].frame(tables.laws.index(period))
                empty = {k: n for k, n in frame.null_count().row(0, named=True).items() if n}
                say(f"{name} {period}: {frame.height} rows, nulls {empty}\n{frame}\n")
    made = simulate(Path(out), pack, contracts, periods, int(households), extracts=extracts or None)
    say("".join(f"{path}\n" for path in [*made.files, *made.corrections]))


if __name__ == "__main__":
    main(*sys.argv[1:])
