"""The rows of every extract by its law file: who has a row in a month, and what stands in each column.

The laws are data (``extracts/<extract>.yml``); what kinds of laws there are is here, one function for each, and nothing
that knows one extract. Extracts whose rows are the truth's own (bills, posts, dwellings …) get them from ``observe``,
those of the offices' cases from ``papers``.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from pipelines.simulate import observe, papers
from pipelines.simulate.attributes import CODE_MAPS, KINDS, Attributes
from pipelines.simulate.laws import NEVER, Any1d, Bools, Ints, Laws, pick
from pipelines.simulate.observe import County, Rows
from pipelines.simulate.population import id_numbers

if TYPE_CHECKING:
    from pipelines.intake.contract import Column, Contract

Spec = Mapping[str, Any]
ROWS = {**observe.ROWS, **papers.ROWS}
FAR = 1 << 32  # more than any month index, for keys of area and month


@dataclass(frozen=True)
class Ledger:
    """Entries for the whole calendar: whose each is, the months since <= t < until in which it stands, whose child it is."""

    subject: Ints
    since: Ints
    until: Ints
    parent: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.subject)


class Tables:
    """All extracts of one county. ``specs`` are the law files by extract."""

    def __init__(self, county: County, contracts: Mapping[str, Contract], specs: Mapping[str, Spec]) -> None:
        self.county, self.laws = county, county.laws
        self.attributes = Attributes(county)
        self.contracts, self.specs = contracts, specs
        self._tables: dict[str, Table] = {}

    def __contains__(self, extract: str) -> bool:
        return extract in self.contracts and extract in self.specs

    def __getitem__(self, extract: str) -> Table:
        """The table of an extract. Raises KeyError for one that has no laws."""
        if extract not in self._tables:
            self._tables[extract] = Table(self, self.contracts[extract], self.specs[extract])
        return self._tables[extract]

    def number(self, value: Any) -> float:
        """A number of a law: itself, or what a clause says, times ``times``."""
        if isinstance(value, Mapping):
            return self.laws.clause(value["clause"]) * float(value.get("times", 1))
        return float(value)


class Table:
    """One extract: its parts, each with rows and columns of its own."""

    def __init__(self, tables: Tables, contract: Contract, spec: Spec) -> None:
        rows = spec.get("rows", {})
        self.contract = contract
        self.parts = [
            Part(tables, contract, part, spec.get("columns", {}) | part.get("columns", {}), number)
            for number, part in enumerate(rows if isinstance(rows, list) else [rows])
        ]

    def frame(self, t: int) -> pl.DataFrame:
        """The rows of the file of month ``t``, typed, codes in words, with ``_township`` (the code) for each.

        Villages stand with their township where the table has no column for it.
        The columns are those of the contract that have a law. Raises KeyError for a required column without one.
        """
        frames = [part.frame(t) for part in self.parts]
        if len(frames) == 1:
            return frames[0]
        together = pl.concat(frames, how="diagonal_relaxed")
        columns = [c.name for c in self.contract.columns if c.name in together.columns]
        return together.select(*columns, "_township")


class Part:
    """Rows of one kind, with the laws of their columns."""

    def __init__(self, tables: Tables, contract: Contract, rows: Spec, columns: Spec, number: int) -> None:
        self.tables, self.contract, self.rows, self.columns = tables, contract, rows, columns
        self.stream = (contract.extract, number) if number else (contract.extract,)

    @property
    def of(self) -> str:
        """The kind of subject of its rows."""
        if "from" in self.rows:
            return self.tables[self.rows["from"]].parts[0].of
        return str(self.rows["of"])

    @property
    def written(self) -> str:
        return str(self.rows.get("written", "open" if self.contract.kind == "snapshot" else "new"))

    def rng(self, *purpose: object) -> np.random.Generator:
        return self.tables.laws.rng(*self.stream, *purpose)

    def frame(self, t: int) -> pl.DataFrame:
        view, series = self.at(t), {}
        alone = all(column.type != "township" for column in self.contract.columns)
        for column in self.contract.columns:
            if column.name in self.columns or column.name in view.rows.known:
                series[column.name] = _typed(view, column)
                if column.type == "village" and self.columns[column.name] == "village" and alone:
                    series[column.name] = view.value("township") + series[column.name]
            elif column.required:
                raise KeyError(f"extracts/{self.contract.extract}.yml: the required column {column.name} has no law")
        return pl.DataFrame({**series, "_township": view.township()})

    def at(self, t: int) -> View:
        """The rows of month ``t``."""
        if self.contract.extract in ROWS and "of" not in self.rows and "from" not in self.rows:
            view = View(self, t, ROWS[self.contract.extract](self.tables.county, t))
            return view.kept(self.rows["where"]) if "where" in self.rows else view
        return self._now(t) if self.ledger is None else self._entered(self.ledger, t)

    def entries(self, t: int) -> Ledger:
        """All entries that others may refer to: the ledger's, or the subjects that qualify in the month."""
        if self.ledger is not None:
            return self.ledger
        rows = self._now(t, items=False).rows
        return Ledger(rows.subject, np.full(len(rows.subject), -NEVER), np.full(len(rows.subject), NEVER))

    def _now(self, t: int, items: bool = True) -> View:
        """Everybody who qualifies in the month has a row."""
        n = self.tables.attributes.size(self.of)
        there = self.tables.attributes.present(self.of, t)
        if (
            self.rows.get("departed") and t > self.tables.laws.start
        ):  # who went in the month has a last row that says so
            there = there | self.tables.attributes.present(self.of, t - 1)
        subject = np.flatnonzero(there & self._shared(n))
        rows = Rows(self.of, subject, subject, n)
        view = View(self, t, self._itemised(rows) if items else rows)
        return view.kept(self.rows["where"]) if "where" in self.rows else view

    def _entered(self, ledger: Ledger, t: int) -> View:
        first = self._last_written(t) + 1
        match self.written:
            case "open":
                stands = (ledger.since <= t) & (t < ledger.until)
            case "new":
                stands = (ledger.since >= first) & (ledger.since <= t)
            case "ended":
                stands = (ledger.until >= first) & (ledger.until <= t)
            case _:  # all
                stands = ledger.since <= t
        stands &= self.tables.attributes.present(self.of, t)[ledger.subject]
        view = View(self, t, self._itemised(self.rows_of(ledger, np.flatnonzero(stands))))
        return view.kept(self.rows["while"]) if "while" in self.rows else view

    def rows_of(self, ledger: Ledger, entry: Ints) -> Rows:
        """Rows for entries of a ledger."""
        return Rows(self.of, ledger.subject[entry], entry, len(ledger), {}, ledger.since[entry], ledger.until[entry])

    def _last_written(self, t: int) -> int:
        """The month before ``t`` in which the extract was last written."""
        months = getattr(self.contract, "months", None) or range(1, 13)
        return next(u for u in range(t - 1, t - 13, -1) if self.tables.laws.calendar_month(u) in months)

    def _itemised(self, rows: Rows) -> Rows:
        """Each row once for every item of ``each`` (all combinations, where it names several columns)."""
        if "each" not in self.rows:
            return rows
        items = _items(self.tables.laws, self.rows["each"])
        n, k = len(rows.subject), len(items)
        known = {
            name: pl.Series(name, list(values)).gather(pl.Series(np.tile(np.arange(k), n)))
            for name, values in zip(self.rows["each"], zip(*items, strict=True), strict=True)
        }
        again = np.repeat(np.arange(n), k)
        return replace(
            rows,
            subject=rows.subject[again],
            entry=rows.entry[again] * k + np.tile(np.arange(k), n),
            universe=rows.universe * k,
            known=known,
            since=None if rows.since is None else rows.since[again],
            until=None if rows.until is None else rows.until[again],
        )

    def _shared(self, n: int) -> Bools:
        """Those whom ``share`` leaves in: always the same ones."""
        return np.asarray(self.rng("share").random(n) < self.rows.get("share", 1))

    @cached_property
    def ledger(self) -> Ledger | None:
        """The entries of the whole calendar, ordered by beginning; None where a row is who qualifies in the month."""
        rows = self.rows
        if "from" in rows:
            return self._from_parent()
        if "n" in rows:
            subject, since = self._numbered()
        elif "per" in rows:
            subject, since = self._per_subject()
        elif "begins" in rows:
            return self._sorted(*self._begun())
        else:
            return None
        return self._sorted(subject, since, since + self._lasts("lasts", len(since)))

    def _sorted(self, subject: Ints, since: Ints, until: Ints, parent: Ints | None = None) -> Ledger:
        order = np.lexsort((subject, since))
        parents = np.empty(0, dtype=np.int64) if parent is None else parent[order]
        return Ledger(subject[order], since[order], until[order], parents)

    def _lasts(self, purpose: object, n: int) -> Ints:
        law = self.rows.get("lasts", NEVER)
        least, most = law if isinstance(law, list) else (law, law)
        return self.rng(purpose).integers(least, most + 1, n)

    def _qualified(self, t: int) -> Bools:
        attributes, laws = self.tables.attributes, self.tables.laws
        n = attributes.size(self.of)
        subject = np.arange(n)
        view = View(self, max(t, laws.start), Rows(self.of, subject, subject, n))
        found = attributes.present(self.of, max(t, laws.start)) & self._shared(n)
        return found & view.where(self.rows.get("where", {}))

    def _numbered(self) -> tuple[Ints, Ints]:
        """So many entries (by the year in which they begin), of subjects drawn from those who qualify then."""
        laws, law = self.tables.laws, self.rows["n"]
        years = law if isinstance(law, Mapping) and "clause" not in law else {laws.years[laws.start]: law}
        season = np.array(self.rows.get("season", [1] * 12), dtype=float)
        subjects, months = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)]
        places = KINDS.index(self.of) > KINDS.index("household") and not self.rows.get("scaled")
        for year, number in years.items():
            n = round(self.tables.number(number)) if places else laws.scaled(self.tables.number(number))
            january = (int(year) - int(laws.years[0])) * 12
            free = np.flatnonzero(self._qualified(january))
            if not len(free):
                continue
            rng = self.rng("n", year)
            drawn = np.concatenate([rng.permutation(free) for _ in range(-(-n // len(free)))])[:n]
            subjects.append(drawn)
            months.append(january + rng.choice(12, n, p=season / season.sum()))
        return np.concatenate(subjects), np.concatenate(months)

    def _per_subject(self) -> tuple[Ints, Ints]:
        """For each who qualifies at the beginning so many entries, begun within the ``past`` months before."""
        laws, law = self.tables.laws, self.rows["per"]
        least, most = law if isinstance(law, list) else (law, law)
        free = np.flatnonzero(self._qualified(laws.start))
        subject = np.repeat(free, self.rng("per").integers(least, most + 1, len(free)))
        return subject, laws.start - self.rng("since").integers(0, self.rows.get("past", 36), len(subject))

    def _begun(self) -> tuple[Ints, Ints, Ints]:
        """Month by month some of those who qualify begin an entry, if they have none that stands."""
        laws, law = self.tables.laws, self.rows["begins"]
        n = self.tables.attributes.size(self.of)
        odds = law["monthly"] * laws.season({"season": law.get("season", [1] * 12), "months": law.get("months", {})})
        open_until = np.full(n, -NEVER)
        found: list[tuple[Ints, Ints, Ints]] = []
        before = np.flatnonzero(self._qualified(laws.start) & (self.rng("before").random(n) < law.get("before", 0)))
        lasts = self._lasts("lasts before", len(before))
        passed = np.minimum(lasts - 1, self.rows.get("past", 36))
        since = laws.start - np.rint(self.rng("passed").random(len(before)) * passed).astype(np.int64)
        found.append((before, since, since + lasts))
        open_until[before] = since + lasts
        for t in range(laws.start, len(laws.periods)):
            if not odds[t]:
                continue
            chance = odds[t]
            if "odds" in law:
                subject = np.arange(n)
                chance = chance * View(self, t, Rows(self.of, subject, subject, n)).law("odds", law["odds"]).to_numpy()
            hit = self.rng("begins", t).random(n) < chance
            hit &= law.get("again", False) | (open_until <= t)
            if not hit.any():
                continue
            new = np.flatnonzero(hit & self._qualified(t))
            until = t + self._lasts(("lasts", t), len(new))
            found.append((new, np.full(len(new), t), until))
            open_until[new] = until
        subject, since, until = (np.concatenate([entries[i] for entries in found]) for i in range(3))
        return subject, since, until

    def _from_parent(self) -> Ledger:
        """An entry for (a share of) the entries of another extract, ``lag`` months after them."""
        parent = self.tables[self.rows["from"]].parts[0]
        entries = parent.ledger
        if entries is None:
            raise ValueError(f"{self.contract.extract}: rows from {self.rows['from']} need entries that begin there")
        n = len(entries)
        chosen = np.flatnonzero(self._shared(n))
        if "where" in self.rows:
            laws = self.tables.laws
            view = View(parent, len(laws.periods) - 1, parent.rows_of(entries, chosen))
            chosen = chosen[view.where(self.rows["where"])]
        least, most = self.rows.get("lag", [0, 0])
        since = entries.since[chosen] + self.rng("lag").integers(least, most + 1, n)[chosen]
        return self._sorted(entries.subject[chosen], since, since + self._lasts("lasts", n)[chosen], chosen)


class View:
    """The rows of one part in one month, and the values in them, each column worked out once."""

    def __init__(self, part: Part, t: int, rows: Rows) -> None:
        self.part, self.t, self.rows = part, t, rows
        self.tables, self.laws = part.tables, part.tables.laws
        self._values: dict[str, pl.Series] = {}
        self._asked: list[str] = []

    def __len__(self) -> int:
        return len(self.rows.subject)

    def kept(self, where: Spec) -> View:
        """Only the rows that meet a condition."""
        hit = np.flatnonzero(self.where(where))
        rows, at = self.rows, pl.Series(hit)
        return View(
            self.part,
            self.t,
            Rows(
                rows.of,
                rows.subject[hit],
                rows.entry[hit],
                rows.universe,
                {name: values.gather(at) for name, values in rows.known.items()},
                None if rows.since is None else rows.since[hit],
                None if rows.until is None else rows.until[hit],
            ),
        )

    def township(self) -> pl.Series:
        """The code of each row's township; null for what belongs to the whole county."""
        if self.rows.of == "county":
            return pl.Series([None], dtype=pl.String).new_from_index(0, len(self))
        return self._attribute("township_code")

    def value(self, name: str) -> pl.Series:
        """A column of these rows, or an attribute of their subjects. Raises KeyError when it is neither."""
        if name in self._values:
            return self._values[name]
        if name in self.rows.known:
            found = self.rows.known[name]
        elif name in self.part.columns and name not in self._asked:
            self._asked.append(name)
            found = self.law(name, self.part.columns[name])
            self._asked.remove(name)
        elif name in _ENTRY:
            found = pl.Series(_ENTRY[name](self))
        else:
            return self._attribute(name)
        self._values[name] = found
        return found

    def _attribute(self, name: str) -> pl.Series:
        return self.tables.attributes.of(self.rows.of, name, self.t).gather(pl.Series(self.rows.subject))

    @property
    def since(self) -> Ints:
        """The month in which each row's entry began."""
        return np.full(len(self), self.t) if self.rows.since is None else self.rows.since

    def where(self, condition: Spec) -> Bools:
        """Which rows meet a condition on columns and attributes."""
        hit = np.ones(len(self), dtype=bool)
        for name, wanted in condition.items():
            if name == "in":
                hit &= self._in(wanted)
            else:
                hit &= _meets(self.value(name), wanted)
        return hit

    def _in(self, extract: str) -> Bools:
        """Which subjects have a row in another extract this month."""
        rows = self.tables[extract].parts[0].at(self.t).rows
        at = rows.of if KINDS.index(rows.of) >= KINDS.index(self.rows.of) else self.rows.of
        theirs = self.tables.attributes.up(rows.of, at)[rows.subject]
        return np.isin(self.tables.attributes.up(self.rows.of, at)[self.rows.subject], theirs)

    def draw(self, stream: str, how: Callable[[np.random.Generator, int], Any1d], spec: Spec) -> Any1d:
        """A draw for each row: its entry's own, the same in all months, unless it is made ``anew`` each month or year.

        With ``alike`` all rows of one household, village, township … share it.
        """
        events = self.rows.since is None and self.part.contract.kind != "snapshot"
        moment = {"month": (self.t,), "year": (int(self.laws.years[self.t]), "year"), None: ()}[
            spec.get("anew") or ("month" if events else None)
        ]
        if "alike" in spec:
            attributes, of = self.tables.attributes, self.rows.of
            drawn = how(self.part.rng(stream, *moment), attributes.size(spec["alike"]))
            return np.asarray(drawn)[attributes.up(of, spec["alike"])[self.rows.subject]]
        return np.asarray(how(self.part.rng(stream, *moment), self.rows.universe))[self.rows.entry]

    def law(self, stream: str, spec: Any) -> pl.Series:
        """What a law gives for these rows; ``stream`` names its draws."""
        if isinstance(spec, str):
            return self.value(spec)
        if isinstance(spec, (int, float, date)):
            return self._same(spec)
        if isinstance(spec, list):
            spec = {"pick": spec}
        (kind,) = [key for key in spec if key in LAWS] or [None]
        if kind is None:
            raise KeyError(f"extracts/{self.part.contract.extract}.yml {stream}: no law among {', '.join(spec)}")
        values = LAWS[kind](self, stream, spec[kind], spec)
        return self._modified(stream, values, spec)

    def _same(self, value: Any) -> pl.Series:
        return pl.Series([value]).new_from_index(0, len(self))

    def _modified(self, stream: str, values: pl.Series, spec: Spec) -> pl.Series:
        for factor in _listed(spec.get("times", [])):
            values = values * (self.value(factor) if isinstance(factor, str) else factor)
        if "per" in spec:
            values = values.cast(pl.Float64) / self.value(spec["per"])
        if "plus" in spec:
            values = values + self.law(f"{stream} plus", spec["plus"])
        if "min" in spec or "max" in spec:
            least, most = (
                self.value(spec[side]) if isinstance(spec.get(side), str) else spec.get(side) for side in ("min", "max")
            )
            values = values.to_frame("v").select(pl.col("v").clip(least, most))["v"]
        if "digits" in spec:
            step = 10.0 ** -spec["digits"]
            values = ((values.cast(pl.Float64) / step).round() * step).round(max(spec["digits"], 0))
        if "adds_up_to" in spec:
            values = pl.Series(_adding_up(values.to_numpy(), self._total(spec["adds_up_to"]), spec))
        if values.dtype.is_temporal() and not spec.get("planned"):
            values = values.set((values.cast(pl.Date) > self.laws.last_days[self.t].item()).fill_null(False), None)
        hidden = np.zeros(len(self), dtype=bool)
        if "where" in spec:
            hidden |= ~self.where(spec["where"])
        if "share" in spec:
            hidden |= self.draw(f"{stream} share", lambda rng, n: rng.random(n), spec) >= spec["share"]
        if not hidden.any():
            return values
        if "else" in spec:
            other = self.law(f"{stream} else", spec["else"])
            return pl.select(
                pl.when(pl.lit(pl.Series(hidden))).then(pl.lit(other)).otherwise(pl.lit(values))
            ).to_series()
        return values.set(pl.Series(hidden), None)

    def _total(self, law: Any) -> float:
        """What a column of places is to add up to: in a county of fewer or more villages than the home county's, so much less or more."""
        home = {area.parent for area in self.laws.home.areas}
        villages = sum(area.code not in home for area in self.laws.home.areas)
        return round(self.tables.number(law) * len(self.tables.county.people.villages) / villages)

    def words(self, name: str) -> pl.Series:
        """A value as people write it: codes as the pack's words."""
        values = self.value(name)
        columns = [c for c in self.part.contract.columns if c.name == name]
        code_map = columns[0].codes if columns else CODE_MAPS.get(name)
        return _in_words(self.laws, code_map, values) if code_map else values

    def chosen(self, extract: str, near: Sequence[str]) -> tuple[Part, Ledger, Ints]:
        """For each row an entry of another extract (-1: none), the same in all months, in the same village if there is one."""
        other = self.tables[extract].parts[0]
        entries, up = other.entries(self.t), self.tables.attributes.up
        found = np.full(len(self), -1)
        mine = self.since if self.rows.since is not None else np.full(len(self), self.laws.start)
        luck = self.draw(f"ref {extract}", lambda rng, n: rng.random(n), {})
        for level in near:
            if KINDS.index(level) < max(KINDS.index(other.of), KINDS.index(self.rows.of)):
                continue
            key = up(other.of, level)[entries.subject] * FAR + np.clip(entries.since, -NEVER, NEVER) + NEVER
            order = np.argsort(key, kind="stable")
            area = up(self.rows.of, level)[self.rows.subject] * FAR
            low = np.searchsorted(key[order], area)
            for latest in (area + np.clip(mine, -NEVER, NEVER) + NEVER, area + FAR - 1):  # begun by then, else any
                count = np.searchsorted(key[order], latest, side="right") - low
                new = (found < 0) & (count > 0)
                found[new] = order[(low + np.floor(luck * count).astype(np.int64))[new]]
        return other, entries, found


def _items(laws: Laws, each: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """All combinations of the items that ``each`` lists, or that are the pack's own codes of a map (``{codes: map}``)."""
    return list(product(*(list(laws.pack.codes[v["codes"]]) if isinstance(v, Mapping) else v for v in each.values())))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _meets(values: pl.Series, wanted: Any) -> Bools:
    """Which values are as a condition wants them; unknown ones are not."""
    match wanted:
        case None:
            hit = values.is_null()
        case {"above": limit}:
            hit = values > limit
        case {"below": limit}:
            hit = values < limit
        case {"not": unwanted}:
            hit = ~values.is_in(_listed(unwanted))
        case {"some": some}:
            hit = values.is_not_null() if some else values.is_null()
        case [int() | float() as low, int() | float() as high] if not isinstance(low, bool):
            hit = (values >= low) & (values <= high)
        case _:
            hit = values.is_in(_listed(wanted))
    return np.asarray(hit.fill_null(False).to_numpy())


def _adding_up(values: Any1d, total: float, spec: Spec) -> Any1d:
    """The values scaled so that they add up to ``total`` exactly, in steps of ``step`` (1): largest remainders first."""
    step = spec.get("step", 1)
    if not values.sum():
        return values
    exact = values / values.sum() * total / step
    whole = np.floor(exact)
    more = round(total / step - whole.sum())
    whole[np.argsort(whole - exact, kind="stable")[:more]] += 1
    return np.asarray(whole * step)


# -- kinds of laws: (view, stream of draws, argument, whole law) → values --------------------------------------------


def _value(view: View, stream: str, arg: Any, spec: Spec) -> pl.Series:
    return view._same(view.tables.number(arg) if isinstance(arg, Mapping) else arg)


def _is(view: View, stream: str, arg: str, spec: Spec) -> pl.Series:
    return view.value(arg)


def _pick(view: View, stream: str, arg: Any, spec: Spec) -> pl.Series:
    shares = dict.fromkeys(arg, 1.0) if isinstance(arg, list) else arg
    whole = sum(shares.values())
    shares = {key: share / whole for key, share in shares.items()}
    at = view.draw(stream, lambda rng, n: pick(rng, shares, n), spec)
    return pl.Series(list(shares)).gather(pl.Series(at))


def _chance(view: View, stream: str, arg: float, spec: Spec) -> pl.Series:
    return pl.Series(view.draw(stream, lambda rng, n: rng.random(n) < arg, spec))


def _drawn(how: Callable[[np.random.Generator, Any, int], Any1d]) -> Law:
    def law(view: View, stream: str, arg: Any, spec: Spec) -> pl.Series:
        return pl.Series(view.draw(stream, lambda rng, n: how(rng, arg, n), spec))

    return law


def _share_of(view: View, stream: str, arg: str, spec: Spec) -> pl.Series:
    least, most = spec["between"]
    share = view.draw(stream, lambda rng, n: rng.uniform(least, most, n), spec)
    return view.value(arg).cast(pl.Float64) * pl.Series(share)


def _sum(view: View, stream: str, arg: list[str], spec: Spec) -> pl.Series:
    return pl.DataFrame({name: view.value(name) for name in arg}).sum_horizontal()


def _less(view: View, stream: str, arg: list[str], spec: Spec) -> pl.Series:
    whole, *parts = arg
    return view.value(whole) - _sum(view, stream, parts, spec)


def _day(view: View, stream: str, arg: str, spec: Spec) -> pl.Series:
    """A day in the month in which the entry began or ends, or in the month reported (``now``)."""
    until = view.rows.until if view.rows.until is not None else np.full(len(view), NEVER)
    months = {"begin": view.since, "end": np.minimum(until, FAR), "now": np.full(len(view), view.t)}[arg]
    least, most = spec.get("between", [0, 27])
    days = view.draw(
        stream,
        lambda rng, n: rng.integers(least, most + 1, n),
        ({"anew": "month"} if arg == "now" else {}) | dict(spec),
    )
    known = months < NEVER
    first = np.datetime64(view.laws.periods[0], "M") + np.where(known, months, 0)
    found = first.astype("datetime64[D]") + days
    if arg == "begin" and view.part.contract.kind != "snapshot":  # what is reported has happened
        found = np.minimum(found, view.laws.last_days[view.t])
    return pl.Series(np.where(known, found, np.datetime64("NaT")))


def _between(view: View, stream: str, arg: list[Any], spec: Spec) -> pl.Series:
    first, last = (np.datetime64(day, "D") for day in arg)
    span = int((last - first) / np.timedelta64(1, "D"))
    return pl.Series(first + view.draw(stream, lambda rng, n: rng.integers(0, span + 1, n), spec))


def _shifted(sign: int) -> Law:
    def law(view: View, stream: str, arg: str, spec: Spec) -> pl.Series:
        least, most = spec["days"]
        days = view.draw(stream, lambda rng, n: rng.integers(least, most + 1, n), spec)
        start = view.value(arg).cast(pl.Date).cast(pl.Int32)
        return (start + pl.Series(sign * days).cast(pl.Int32)).cast(pl.Date)

    return law


def _text(view: View, stream: str, arg: str, spec: Spec) -> pl.Series:
    """A pattern with columns and attributes in braces; ``{n:05d}`` is the entry's running number."""
    pieces: list[pl.Series] = []
    for literal, name, form, _ in string.Formatter().parse(arg):
        if literal:
            pieces.append(view._same(literal))
        if name:
            values = view.words(name).cast(pl.String)
            pieces.append(values.str.zfill(int(form.strip("0d") or 0)) if form else values)
    return pl.DataFrame({str(i): piece for i, piece in enumerate(pieces)}).select(pl.concat_str(pl.all()))[:, 0]


def _steps(view: View, stream: str, arg: Mapping[int, Any], spec: Spec) -> pl.Series:
    """By months since the entry began: the last step reached. Some are quicker (``pace``) than others."""
    least, most = spec.get("pace", [1, 1])
    pace = view.draw(stream, lambda rng, n: rng.uniform(least, most, n), spec)
    at = np.searchsorted(list(arg), (view.t - view.since) * pace, side="right") - 1
    return pl.Series(list(arg.values())).gather(pl.Series(np.maximum(at, 0)))


def _grows(view: View, stream: str, arg: list[float], spec: Spec) -> pl.Series:
    """From one number to another over so many months since the entry began (``over``: months, or from … to)."""
    over = spec["over"]
    least, most = over if isinstance(over, list) else (over, over)
    months = view.draw(stream, lambda rng, n: rng.integers(least, most + 1, n), spec)
    passed = np.clip((view.t - view.since) / np.maximum(months, 1), 0, 1)
    return pl.Series(arg[0] + (arg[1] - arg[0]) * passed)


def _by(view: View, stream: str, arg: str, spec: Spec) -> pl.Series:
    """Another law for each value of a column or attribute; ``other`` for the rest."""
    values, found = view.value(arg), None
    laws = dict(spec["to"])
    rest = laws.pop("other", None)
    taken = np.zeros(len(view), dtype=bool)
    for key, law in laws.items():
        hit = _meets(values, [key])
        taken |= hit
        found = _blend(view, hit, view.law(f"{stream} {key}", law), found)
    if rest is not None:
        found = _blend(view, ~taken, view.law(f"{stream} other", rest), found)
    assert found is not None, stream
    return found


def _blend(view: View, hit: Bools, values: pl.Series, rest: pl.Series | None) -> pl.Series:
    otherwise = pl.lit(None) if rest is None else pl.lit(rest)
    return pl.select(v=pl.when(pl.lit(pl.Series(hit))).then(pl.lit(values)).otherwise(otherwise))["v"]


def _ref(view: View, stream: str, arg: str, spec: Spec) -> pl.Series:
    """A column of an entry of another extract (``extract.column``), in the same village where there is one."""
    extract, column = arg.split(".")
    if extract not in view.tables:  # these contracts do without it
        return pl.Series([None]).new_from_index(0, len(view))
    other, entries, at = view.chosen(extract, _listed(spec.get("near", ["village", "township", "county"])))
    return _theirs(view, other, entries, at, column)


def _parent(view: View, stream: str, arg: str, spec: Spec) -> pl.Series:
    """A column of the entry that this one came from."""
    other = view.tables[view.part.rows["from"]].parts[0]
    ledger = view.part.ledger
    assert ledger is not None and other.ledger is not None
    items = len(_items(view.laws, view.part.rows.get("each", {})))
    return _theirs(view, other, other.ledger, ledger.parent[view.rows.entry // items], arg)


def _theirs(view: View, other: Part, entries: Ledger, at: Ints, column: str) -> pl.Series:
    if not len(entries):
        return pl.Series([None]).new_from_index(0, len(view))
    if other.ledger is None:
        subject = entries.subject[np.maximum(at, 0)]
        rows = Rows(other.of, subject, subject, view.tables.attributes.size(other.of))
    else:
        rows = other.rows_of(entries, np.maximum(at, 0))
    if "each" in other.rows:
        items = _items(view.laws, other.rows["each"])
        known = {n: pl.Series([items[0][i]]).new_from_index(0, len(at)) for i, n in enumerate(other.rows["each"])}
        rows = replace(rows, entry=rows.entry * len(items), universe=rows.universe * len(items), known=known)
    found = View(other, view.t, rows).value(column)
    return found.set(pl.Series(at < 0), None) if (at < 0).any() else found


def _count(view: View, stream: str, arg: str, spec: Spec) -> pl.Series:
    """How many persons, households, villages or rows of another extract meet ``of_those`` in each row's area.

    With ``total`` their column or attribute added up. ``within`` names the area (the row's own subject by default); ``same`` are
    columns in which they must equal the row. Rows of the month, with ``so_far`` of every month of the year up to it.
    """
    within, up = spec.get("within", view.rows.of), view.tables.attributes.up
    months = range(max(view.t + 1 - view.laws.calendar_month(view.t), view.laws.start), view.t + 1)
    found = pl.concat([_counted(view, arg, t, within, spec) for t in (months if spec.get("so_far") else [view.t])])
    area = up(view.rows.of, within)[view.rows.subject]
    asked = pl.DataFrame({"area": area} | {name: view.value(name) for name in spec.get("same", ())})
    counts = found.group_by(asked.columns).agg(pl.col("weight").sum())
    return asked.join(counts, on=asked.columns, how="left", maintain_order="left")["weight"].fill_null(0)


def _counted(view: View, arg: str, t: int, within: str, spec: Spec) -> pl.DataFrame:
    """What ``_count`` counts in a month: the area of each, the columns it must share, its weight."""
    if arg in KINDS:
        n = view.tables.attributes.size(arg)
        subject = np.arange(n)
        there = view.tables.attributes.present(arg, t)
        found = View(view.part, t, Rows(arg, subject[there], subject[there], n))
    else:
        found = view.tables[arg].parts[0].at(t)
    hit = found.where(spec.get("of_those", {}))
    weights = found.value(spec["total"]).fill_null(0).cast(pl.Float64) if "total" in spec else found._same(1.0)
    area = view.tables.attributes.up(found.rows.of, within)[found.rows.subject]
    same = {name: found.value(name) for name in spec.get("same", ())}
    return pl.DataFrame({"area": area} | same | {"weight": weights}).filter(pl.Series(hit))


def _gathered(view: View, stream: str, arg: str, spec: Spec) -> pl.Series:
    """What rows of another extract (``extract.column``) that name this row (by the column ``key``) add up to since January."""
    extract, column = arg.split(".")
    if extract not in view.tables:  # these contracts do without it
        return view._same(0.0)
    part, key = view.tables[extract].parts[0], spec["key"]
    months = part.contract.months or range(1, 13)
    said = [
        pl.DataFrame({key: rows.value(key), column: _typed(rows, written)})
        for month in range(1, view.laws.calendar_month(view.t) + 1)
        if month in months and (u := view.t - view.laws.calendar_month(view.t) + month) >= view.laws.start
        for rows in [part.at(u)]
        for written in part.contract.columns
        if written.name == column
    ]
    if not said:
        return view._same(0.0)
    sums = pl.concat(said).group_by(key).agg(pl.col(column).sum())
    mine = pl.DataFrame({key: view.value(key)}).join(sums, on=key, how="left", maintain_order="left")
    return mine[column].fill_null(0.0)


def _official(view: View, stream: str, arg: str, spec: Spec) -> pl.Series:
    """Name, id number or birthday of somebody who is not registered: a plainly simulated person for each entry."""
    members, rng = view.laws["members"], view.part.rng("official")
    n = view.rows.universe
    birth = np.datetime64("1962-01-01") + rng.integers(0, 12_000, n)
    male, given = rng.random(n) < 0.6, [a + b for a in members["given"] for b in members["given"] if a != b]
    names = [rng.integers(0, len(words), n) for words in (members["surnames"], given)]
    match arg:
        case "birth_date":
            return pl.Series(birth[view.rows.entry])
        case "id_number":
            numbers = id_numbers(view.laws.issuer, birth, male, members["official_sequence_from"])
            return pl.Series(numbers, dtype=pl.String).gather(pl.Series(view.rows.entry))
        case "name":
            family, own = (
                pl.Series(words).gather(pl.Series(at[view.rows.entry]))
                for words, at in zip((members["surnames"], given), names, strict=True)
            )
            return family + own
        case _:
            raise KeyError(f"an official has a name, an id_number and a birth_date, no {arg}")


Law = Callable[[View, str, Any, Spec], pl.Series]
LAWS: dict[str, Law] = {
    "value": _value,
    "is": _is,
    "pick": _pick,
    "chance": _chance,
    "lognormal": _drawn(lambda rng, arg, n: rng.lognormal(np.log(arg[0]), arg[1], n)),
    "normal": _drawn(lambda rng, arg, n: rng.normal(arg[0], arg[1], n)),
    "uniform": _drawn(lambda rng, arg, n: rng.uniform(arg[0], arg[1], n)),
    "poisson": _drawn(lambda rng, arg, n: rng.poisson(arg, n)),
    "whole": _drawn(lambda rng, arg, n: rng.integers(arg[0], arg[1] + 1, n)),
    "share_of": _share_of,
    "sum": _sum,
    "less": _less,
    "day": _day,
    "between_days": _between,
    "after": _shifted(1),
    "before": _shifted(-1),
    "text": _text,
    "steps": _steps,
    "grows": _grows,
    "by": _by,
    "ref": _ref,
    "parent": _parent,
    "count": _count,
    "gathered": _gathered,
    "official": _official,
}
# what can be said of an entry itself
_ENTRY: dict[str, Callable[[View], Any]] = {
    "n": lambda view: view.rows.entry + 1,
    "months_passed": lambda view: view.t - view.since,
    "begin_year": lambda view: view.laws.years[0] + view.since // 12,
    "begin_month": lambda view: view.since % 12 + 1,
}


def _in_words(laws: Laws, code_map: str, values: pl.Series) -> pl.Series:
    return values.cast(pl.String).replace_strict(laws.words(code_map), return_dtype=pl.String)


def _typed(view: View, column: Column) -> pl.Series:
    """A column as its contract types it. Raises where a law gives what the contract does not know."""
    values = view.value(column.name)
    try:
        match column.type:
            case "code":
                assert column.codes is not None
                return _in_words(view.laws, column.codes, values)
            case "integer":
                return values.cast(pl.Float64).round().cast(pl.Int64)
            case "amount" | "decimal":
                return values.cast(pl.Float64).round(2)
            case "date" | "month":
                return values.cast(pl.Date)
            case "yes_no":
                return values.cast(pl.Boolean)
            case _:
                return values.cast(pl.String)
    except pl.exceptions.PolarsError as error:
        raise ValueError(f"extracts/{view.part.contract.extract}.yml {column.name}: {error}") from error
