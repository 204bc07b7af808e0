"""From what a department calls a township or village to its division code. Codes and names come from the pack."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from typing import Protocol

from pipelines.intake.refusal import Refusal

_ENDINGS = re.compile(r"(村民委员会|社区居民委员会|居民委员会|村委会|居委会|村委|行政村|村公所|社区|村)$")
_TOWNSHIP = re.compile(r"(.{1,12}?[乡镇]|.{1,12}?街道(?:办事处)?)(.+)")
_LISTED = 4


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


class Divisions:
    """The townships and villages of one jurisdiction, found by code, full name or the habits of writing it short."""

    def __init__(self, areas: Iterable[Area]) -> None:
        areas = list(areas)
        self._names = {a.code: a.name for a in areas}
        self._parents = {a.code: a.parent for a in areas}
        self._townships = {a.code: a.name for a in areas if a.level == "township"}
        self._villages = {a.code for a in areas if a.level == "village"}
        self._above = [a.name for a in areas if a.level not in ("township", "village")]
        self._by_name: dict[str, list[str]] = defaultdict(list)
        for area in areas:
            if area.level == "village":
                for form in {area.name, _core(area.name)}:
                    self._by_name[form].append(area.code)

    def township(self, text: str) -> str | Refusal:
        """The code of a township: written in full, or shortened so that only one can be meant (格朗和乡 for 格朗和哈尼族乡)."""
        word = _plain(text)
        if word in self._townships:
            return word
        for name in self._above:
            word = word.removeprefix(name) or word
        word = re.sub(r"(人民政府|办事处)$", "", word) or word
        short = re.sub(r"[乡镇]$", "", word)
        meant = [c for c, name in self._townships.items() if name == word]
        meant = meant or [c for c, name in self._townships.items() if len(short) > 1 and name.startswith(short)]
        if len(meant) == 1:
            return meant[0]
        return Refusal("unknown_township", "区划表中没有这个乡镇", f"请改为：{'、'.join(self._townships.values())}")

    def village(self, text: str, township: str | None) -> str | Refusal:
        """The code of a village, with or without 村委会, 村民委员会, 社区, its township (in full or short) or county in front.

        With the code of a township only its villages are looked at, and a village written with another is refused; without one
        the name must be a single village's.
        """
        word = _plain(text)
        if word in self._villages:
            return self._inside([word], township)
        if meant := self._named(word):
            return self._inside(meant, township)
        for name in self._above:
            word = word.removeprefix(name) or word
        if (written := _TOWNSHIP.match(word)) and isinstance(own := self.township(written[1]), str):
            if township not in (None, own):
                other = f"村名前写的是{self._names[own]}，乡镇列是{self._names[township or own]}"
                return Refusal("unknown_village", other, "请核对乡镇和村名，改成一致后重报")
            return self._inside(self._named(written[2]), own)
        return self._inside(self._named(word), township)

    def _named(self, word: str) -> list[str]:
        return self._by_name.get(word) or self._by_name.get(_core(word)) or []

    def _inside(self, meant: list[str], township: str | None) -> str | Refusal:
        inside = [v for v in meant if township is None or self._parents[v] == township]
        if len(inside) == 1:
            return inside[0]
        if inside:
            full = "、".join(f"{self._names[self._parents[v]]}{self._names[v]}" for v in inside)
            return Refusal("unknown_village", "同名的村不止一个", f"请写明是哪一个：{full}")
        where = f"{self._names[township]}没有这个村" if township else "区划表中没有这个村"
        others = "、".join(self._names[self._parents[v]] for v in meant[:_LISTED])
        return Refusal(
            "unknown_village",
            where + (f"，{others}有同名的村" if others else ""),
            "请按统计用区划核对乡镇和村名后重报",
        )


def _plain(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _core(name: str) -> str:
    shorter = _ENDINGS.sub("", name)
    return _core(shorter) if shorter not in ("", name) else name
