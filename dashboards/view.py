"""What one request sees (release, language, area) and what a page is. The words and links that all pages share start here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlencode

from dashboards.data import Figure, Point, Sealed, Store
from dashboards.text import Lang, month, number


class NotThere(LookupError):
    """An address names a release, figure or page that does not exist."""


@dataclass(frozen=True)
class View:
    """One request: the sealed release that it reads, the language, the area, and the rest of the address."""

    store: Store
    sealed: Sealed
    lang: Lang
    area: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)

    @property
    def offset(self) -> int:
        """From which row a paged list begins."""
        text = self.query.get("offset", "")
        return int(text) if text.isdecimal() else 0

    def say(self, zh: str, en: str) -> str:
        """The wording of this request's language."""
        return zh if self.lang == "zh" else en

    def href(self, path: str, **query: str) -> str:
        """An address inside the app that keeps language, release and area unless ``query`` names others."""
        kept = {
            "release": self.sealed.name,
            "area": self.area if self.area != self.sealed.root else "",
            "lang": self.lang,
        }
        kept |= query
        kept["lang"] = "" if kept["lang"] == "zh" else kept["lang"]
        shown = {key: value for key, value in kept.items() if value}
        return quote(path, safe="/=") + (f"?{urlencode(shown, safe='/')}" if shown else "")

    def trace_href(self, figure_id: str, **query: str) -> str:
        """The trace page of a figure."""
        return self.href(f"/trace/{figure_id}", release="", **query)

    def figure(self, indicator: str, breakdown: str = "", area: str | None = None) -> Figure | None:
        """The figure of this request's area, or of another."""
        return self.sealed.figure(indicator, area or self.area, breakdown)

    def series(self, *keys: tuple[str, str]) -> dict[tuple[str, str], list[Point]]:
        """Trends of (indicator, breakdown) keys in this request's area, up to the release's month."""
        return self.store.series(self.sealed, keys, self.area)

    def definition(self, indicator: str) -> Mapping[str, Any]:
        found: Mapping[str, Any] = self.sealed.definitions["indicators"].get(indicator, {})
        return found

    def worded(self, text: Any, otherwise: str = "") -> str:
        """A ``{zh, en}`` pair in this request's language (a plain text as it is)."""
        if isinstance(text, Mapping):
            found = text.get(self.lang) or text.get("zh") or otherwise
            return str(found[0] if isinstance(found, list) else found)
        return str(text) if text else otherwise

    def title(self, indicator: str) -> str:
        return self.worded(self.definition(indicator).get("title"), indicator)

    def unit(self, indicator: str) -> str:
        return self.worded(self.definition(indicator).get("unit"))

    def measured(self, indicator: str) -> str:
        """Title and unit, as an axis or a table is headed."""
        title, unit = self.title(indicator), self.unit(indicator)
        return self.say(f"{title}（{unit}）", f"{title} ({unit})")

    @property
    def date_formats(self) -> tuple[str, str]:
        """How a chart writes a month and a year, in d3's notation."""
        return ("%Y年%-m月", "%Y年") if self.lang == "zh" else ("%b %Y", "%Y")

    def value(self, indicator: str, value: Decimal | None) -> str:
        """A value written with the decimals of its indicator."""
        return number(value, int(self.definition(indicator).get("decimals") or 0))

    def code(self, code_map: str, code: str) -> str:
        """The title of a code, such as a cause."""
        return self.worded(self.sealed.definitions["codes"].get(code_map, {}).get(code), code)

    def part(self, indicator: str, breakdown: str) -> str:
        """A breakdown such as ``cause=illness`` in words; empty for a total."""
        dimensions = self.definition(indicator).get("breakdowns") or {}
        words = []
        for piece in filter(None, breakdown.split("/")):
            dimension, _, code = piece.partition("=")
            words.append(self.code(str(dimensions.get(dimension) or dimension), code))
        return " · ".join(words)

    def area_name(self, code: str) -> str:
        area = self.sealed.areas.get(code)
        if code == self.sealed.root:
            return self.worded(self.sealed.definitions["pack"].get("title"), area["name"] if area else code)
        return str(area["name"]) if area else code

    @property
    def place(self) -> str:
        """The area and month that a page is about."""
        area, when = self.area_name(self.area), month(self.sealed.period, self.lang)
        return self.say(f"{area} {when}", f"{area}, {when}")

    def named(self, kind: str, identifier: str | None) -> str:
        """The title of an extract or department (``kind`` is ``extracts`` or ``departments``)."""
        if not identifier:
            return ""
        if identifier == "unrecognised":  # what intake calls the department of a file that no contract knows
            return self.say("报送单位不明", "Sender unknown")
        return self.worded(self.sealed.definitions.get(kind, {}).get(identifier), identifier)


@dataclass(frozen=True)
class Page:
    """A page of the app. ``order`` places it in the navigation; None keeps it out. ``path`` owns all addresses under it."""

    path: str
    title: Mapping[str, str]
    render: Callable[[View], Any]
    order: int | None = None
