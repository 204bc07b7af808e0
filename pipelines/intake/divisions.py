"""From what a department calls a township or village to its division code. Codes, names and their dates come from the pack."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import Protocol

from pipelines.intake.refusal import Refusal
from pipelines.periods import first_day, last_day

_ENDING = r"(?:村民委员会|社区居民委员会|居民委员会|村委会|居委会|村委|行政村|村公所|社区|村)"
_ENDINGS = re.compile(f"{_ENDING}$")
_TOWNSHIP = re.compile(r"(.{1,12}?[乡镇]|.{1,12}?街道(?:办事处)?)(.+)")
_LISTED = 4
_SHORTEST = 2  # characters that must be left of a name for it to be known by them


class Area(Protocol):
    """What is needed of an area of the pack."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def level(self) -> str: ...
    @property
    def parent(self) -> str: ...


class AreaName(Protocol):
    """Another name of an area, the area that it stood under then (empty: where it stands now), and when it bore it."""

    @property
    def code(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def parent(self) -> str: ...
    @property
    def from_(self) -> date | None: ...
    @property
    def to(self) -> date | None: ...


class Divisions:
    """The areas of one jurisdiction, found by code, by full name or by the habits of writing it short.

    The names of the area tree are always good; another name is in the months in which it was borne (``at``), and in all of them
    as long as no month is given.
    """

    def __init__(self, areas: Iterable[Area], names: Iterable[AreaName] = (), period: str | None = None) -> None:
        self._areas = list(areas)
        self._all_names = list(names)
        self._period = period
        self._at: dict[str, Divisions] = {}
        self._searches: dict[str, tuple[dict[str, set[str]], re.Pattern[str]]] = {}
        self._names = {a.code: a.name for a in self._areas}
        self._parents = {a.code: a.parent for a in self._areas}
        self._levels = {a.code: a.level for a in self._areas}
        # what a column of townships may name: where there are none, what the villages lie in
        self._township_level = "township" if "township" in self._levels.values() else self._level_over_villages()
        self._above = [a.name for a in self._areas if a.level not in ("township", "village")]
        self._townships: list[tuple[str, str]] = []
        self._by_name: dict[str, dict[str, set[str]]] = defaultdict(dict)
        self._past: dict[str, str] = {}
        borne = [(n.code, n.name, n.parent) for n in self._all_names if _borne(n, period)]
        for code, name, parent in [*((a.code, a.name, a.parent) for a in self._areas), *borne]:
            if self._levels.get(code) == self._township_level:
                self._townships.append((code, name))
            elif self._levels.get(code) == "village":
                for form in {name, _core(name)}:
                    self._by_name[form].setdefault(code, set()).update((parent or self._parents[code],))
        self._borne = [(code, name) for code, name, _ in borne]
        for other in self._all_names:
            if not _borne(other, period):
                self._past |= {other.name: other.code, _core(other.name): other.code}

    def _level_over_villages(self) -> str:
        return next((self._levels[a.parent] for a in self._areas if a.level == "village" and a.parent), "township")

    def at(self, period: str) -> Divisions:
        """The divisions with the names that they bore on any day of a month."""
        if period not in self._at:
            self._at[period] = Divisions(self._areas, self._all_names, period)
        return self._at[period]

    @property
    def root(self) -> str:
        """The code of the whole jurisdiction."""
        return next(code for code, parent in self._parents.items() if not parent)

    def name(self, code: str) -> str:
        """What an area is called now."""
        return self._names[code]

    def level(self, code: str) -> str:
        """The level of an area: county, township, village, …"""
        return self._levels[code]

    def at_level(self, level: str) -> list[str]:
        """The codes of the areas of a level, in the order of the area tree's file."""
        return [code for code, its in self._levels.items() if its == level]

    def upward(self, code: str) -> list[str]:
        """An area and those above it, itself first."""
        return [code, *self.upward(self._parents[code])] if self._parents[code] else [code]

    @property
    def only_township(self) -> str | None:
        """The one area that all villages lie in, where there is only one; nobody need name it."""
        return self._townships[0][0] if len(self._townships) == 1 else None

    def township(self, text: str) -> str | Refusal:
        """The code of a township: written in full, or shortened so that only one can be meant (格朗和乡 for 格朗和哈尼族乡).

        Where there are no townships, that of what the villages lie in.
        """
        word = _plain(text)
        if self._levels.get(word) == self._township_level:
            return word
        for name in self._above:
            word = word.removeprefix(name) or word
        word = re.sub(r"(人民政府|办事处)$", "", word) or word
        short = re.sub(r"[乡镇]$", "", word)
        meant = {code for code, name in self._townships if name == word}
        meant = meant or {c for c, name in self._townships if len(short) >= _SHORTEST and name.startswith(short)}
        if len(meant) == 1:
            return meant.pop()
        if word in self._past and self._levels[self._past[word]] == self._township_level:
            return Refusal(
                "unknown_township", f"{self._period} 没有叫这个名称的乡镇", f"请改为：{self._names[self._past[word]]}"
            )
        listed = "、".join(self._names[code] for code in self.at_level(self._township_level))
        return Refusal("unknown_township", "区划表中没有这个乡镇", f"请改为：{listed}")

    def village(self, text: str, township: str | None) -> str | Refusal:
        """The code of a village, with or without 村委会, 村民委员会, 社区, its township (in full or short) or county in front.

        With the code of a township only its villages are looked at, and a village written with another is refused; without one
        the name must be a single village's.
        """
        word = _plain(text)
        if self._levels.get(word) == "village":
            return self._inside({word: {self._parents[word]}}, township)
        if meant := self._known_as(word):
            return self._inside(meant, township)
        for name in self._above:
            word = word.removeprefix(name) or word
        if (written := _TOWNSHIP.match(word)) and isinstance(own := self.township(written[1]), str):
            if township not in (None, own):
                other = f"村名前写的是{self._names[own]}，乡镇列是{self._names[township or own]}"
                return Refusal("unknown_village", other, "请核对乡镇和村名，改成一致后重报")
            word, township = written[2], own
        past = self._past.get(word) or self._past.get(_core(word))
        meant = self._known_as(word)
        if not meant and past and self._levels[past] == "village":
            return Refusal("unknown_village", f"{self._period} 没有叫这个名称的村", f"请改为：{self._names[past]}")
        return self._inside(meant, township)

    def _known_as(self, word: str) -> Mapping[str, Collection[str]]:
        """The villages of a name, each with the townships under which they may be listed."""
        return self._by_name.get(word) or self._by_name.get(_core(word)) or {}

    def named(self, text: str, lowest: str) -> set[str]:
        """The areas down to a level that a running text names, without those above another of them: 勐海县勐遮镇 names 勐遮镇.

        A township is known by its name, by the beginning of it with 乡 or 镇, and by its name without that; a village by its name
        with any of the usual endings, inside the township that the text names where several have one of that name.
        """
        if lowest not in self._searches:
            self._searches[lowest] = self._search(lowest)
        forms, pattern = self._searches[lowest]
        meant = [forms[word] for word in pattern.findall(_plain(text))]
        sure = {code for codes in meant if len(codes) == 1 for code in codes}
        found = set(sure)
        for codes in meant:
            inside = {code for code in codes if sure & set(self.upward(code)[1:-1])}
            found |= inside if len(inside) == 1 else set()
        return found - {up for code in found for up in self.upward(code)[1:]}

    def means_all(self, text: str) -> bool:
        """Whether a text says in so many words that it is about the whole jurisdiction: 全县, 全市."""
        return f"全{self._names[self.root][-1]}" in _plain(text)

    def _search(self, lowest: str) -> tuple[dict[str, set[str]], re.Pattern[str]]:
        """Every way of naming an area in running text → the areas that it may mean; and what finds them, the longest first."""
        forms: dict[str, set[str]] = defaultdict(set)
        short: dict[str, set[str]] = defaultdict(set)
        for code, name in [*self._names.items(), *self._borne]:
            level = self._levels[code]
            if level == "village":
                if lowest == "village":
                    forms[name].add(code)
                    forms[_core(name)].add(code)
                continue
            forms[name].add(code)
            short[name[:-1]].add(code)
            if level == "township":
                for end in range(_SHORTEST, len(name) - 1):
                    short[name[:end] + "乡"].add(code)
                    short[name[:end] + "镇"].add(code)
        forms |= {form: codes for form, codes in short.items() if len(codes) == 1 and form not in forms}
        forms = {form: codes for form, codes in forms.items() if len(form) >= _SHORTEST}
        villages = {c for c, level in self._levels.items() if level == "village"}
        patterns = (
            re.escape(form) + (f"(?={_ENDING})" if form == _core(form) and forms[form] <= villages else "")
            for form in sorted(forms, key=lambda form: (-len(form), form))
        )
        return forms, re.compile("|".join(patterns))

    def _inside(self, meant: Mapping[str, Collection[str]], township: str | None) -> str | Refusal:
        inside = [code for code, parents in meant.items() if township is None or township in parents]
        if len(inside) == 1:
            return inside[0]
        if inside:
            full = "、".join(f"{self._names[self._parents[v]]}{self._names[v]}" for v in inside)
            return Refusal("unknown_village", "同名的村不止一个", f"请写明是哪一个：{full}")
        where = f"{self._names[township]}没有这个村" if township else "区划表中没有这个村"
        others = "、".join(self._names[self._parents[v]] for v in list(meant)[:_LISTED])
        return Refusal(
            "unknown_village",
            where + (f"，{others}有同名的村" if others else ""),
            "请按统计用区划核对乡镇和村名后重报",
        )


def _borne(name: AreaName, period: str | None) -> bool:
    if period is None:
        return True
    return (name.from_ is None or name.from_ <= last_day(period)) and (name.to is None or first_day(period) <= name.to)


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _core(name: str) -> str:
    shorter = _ENDINGS.sub("", name)
    return _core(shorter) if shorter not in ("", name) else name
