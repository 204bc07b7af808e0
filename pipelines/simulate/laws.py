"""What the sample county is told before it lives: its laws, its months, what a pack's clauses say it must add up to."""

from __future__ import annotations

import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pipelines import yml
from pipelines.periods import first_day, last_day, months
from pipelines.policy import Pack, load_pack
from pipelines.settings import PROJECT

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Days = NDArray[np.datetime64]
Any1d = NDArray[Any]

NEVER = 10**6  # a month index that no calendar reaches
_DATED = re.compile(r"\d{4}(?=-\d\d(-\d\d)?$)")
_YEARS = range(2010, 2030)  # a whole number among the laws that is one of these is a year


class SimulationError(Exception):
    """What was asked for cannot be simulated; says what to ask for."""


@dataclass(frozen=True)
class Laws:
    """The laws of one run: ``data`` (laws.yml), the pack, the size against the full county, the seed.

    Clauses and codes that laws name are those of the ``home`` county; another pack's county has its own areas, departments, days
    and words, and lives as the home county does. Months are indices into ``periods``; ``start`` is the first that departments
    report, ``reference`` the one that the total of registered persons is given for.
    """

    data: Mapping[str, Any]
    pack: Pack
    households: int
    seed: int

    def __getitem__(self, name: str) -> Any:
        return self.data[name]

    @cached_property
    def home(self) -> Pack:
        """The pack of the county whose clauses and codes the laws name."""
        return load_pack(PROJECT / "policies" / self.data["county"])

    def words(self, code_map: str) -> dict[str, str | None]:
        """Code → the pack's word for it: its own code's, else that of the one it goes by otherwise (laws.yml), else that of the one
        which is the same under the common codes; None where it has no word for it.
        """
        own, home = self.pack.codes[code_map], self.home.codes.get(code_map, {})
        same = {code.common: name for name, code in reversed(own.items()) if code.common}
        otherwise = self.data["otherwise"].get(code_map, {})

        def here(code: str) -> str | None:
            if code in own:
                return self.pack.code_title(code_map, code)
            by = otherwise.get(code) or same.get(home[code].common if code in home else code)
            return here(by) if by else None

        return {code: here(code) for code in {**own, **home, **otherwise}}

    @cached_property
    def periods(self) -> list[str]:
        return months(f"{self.data['calendar']['from']}:{self.data['calendar']['last']}")

    @cached_property
    def start(self) -> int:
        return self.index(self.data["calendar"]["first"])

    @cached_property
    def reference(self) -> int:
        return self.index(self.data["totals"]["registered"]["at"])

    @cached_property
    def first_days(self) -> Days:
        return np.array([first_day(p) for p in self.periods], dtype="datetime64[D]")

    @cached_property
    def last_days(self) -> Days:
        return np.array([last_day(p) for p in self.periods], dtype="datetime64[D]")

    @cached_property
    def calendar_months(self) -> Ints:
        """The month of the year, 0 to 11, of each month index."""
        return np.array([int(p[5:]) - 1 for p in self.periods])

    @cached_property
    def years(self) -> Ints:
        return np.array([int(p[:4]) for p in self.periods])

    def calendar_month(self, t: int) -> int:
        """The month of the year, 1 to 12, of a month index, also of one before the calendar."""
        return (int(self.periods[0][5:]) - 1 + t) % 12 + 1

    @property
    def scale(self) -> float:
        return float(self.households / self.data["households"])

    @property
    def issuer(self) -> str:
        """The six digits that citizen numbers begin with here."""
        return self.pack.area.ljust(6, "0")

    def index(self, period: str) -> int:
        """The index of a month. Raises SimulationError outside the county's calendar."""
        if period not in self.periods:
            raise SimulationError(
                f"{period} is outside {self.periods[0]}..{self.periods[-1]} (simulate/laws.yml, calendar)"
            )
        return self.periods.index(period)

    def rng(self, *purpose: object) -> np.random.Generator:
        """A stream of its own for each purpose, so that one law never moves another's draws."""
        return np.random.default_rng([self.seed, zlib.crc32(repr(purpose).encode())])

    def clause(self, clause: str) -> int:
        """The number that a clause of the home county gives."""
        try:
            return int(float(self.home.clauses[clause].quantity))
        except (KeyError, ValueError) as error:
            raise SimulationError(
                f"pack {self.home.name} has no number in clause {clause} (simulate/laws.yml)"
            ) from error

    def scaled(self, number: float, least: int = 1) -> int:
        """A number of the full county at this run's size; at full size exactly the number."""
        return max(least, round(number * self.scale))

    def season(self, law: Mapping[str, Any]) -> Floats:
        """The factor of a law for every month: its season, and its own months where it names some."""
        factors = np.array(law["season"], dtype=float)[self.calendar_months]
        for period, factor in law.get("months", {}).items():
            factors[self.index(period)] *= factor
        return factors


def read_yaml(name: str) -> dict[str, Any]:
    """A file of this folder. Its values are the simulation's own."""
    found = yml.parse((Path(__file__).parent / name).read_text(encoding="utf-8"))
    assert isinstance(found, dict), name
    return found


def read_extracts() -> dict[str, dict[str, Any]]:
    """Extract → its law file (``extracts/<extract>.yml``), in the order of names."""
    folder = Path(__file__).parent / "extracts"
    return {file.stem: read_yaml(f"extracts/{file.name}") for file in sorted(folder.glob("*.yml"))}


def later(laws: Any, years: int) -> Any:
    """The same laws so many years later: every year, month and day that they name, as key or as value, is moved."""
    match laws:
        case dict():
            return {later(key, years): later(value, years) for key, value in laws.items()}
        case list():
            return [later(value, years) for value in laws]
        case str():
            return _DATED.sub(lambda year: str(int(year[0]) + years), laws)
        case date():
            return laws.replace(year=laws.year + years)
        case int() if not isinstance(laws, bool) and laws in _YEARS:
            return laws + years
    return laws


def pick(rng: np.random.Generator, shares: Mapping[str, float], size: int) -> Ints:
    """``size`` positions in ``shares``, drawn by its values (which add up to 1)."""
    return np.searchsorted(np.cumsum(list(shares.values()))[:-1], rng.random(size), side="right")


def cents(yuan: Floats) -> Ints:
    """Yuan as whole cents."""
    return np.rint(yuan * 100).astype(np.int64)
