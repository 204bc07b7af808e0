"""Building blocks that pages share: a number that opens its trace, trust marks, tables, sections, pagers. No page of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import dcc, html
from plotly.graph_objects import Figure as Chart

from dashboards.data import Figure
from dashboards.text import joined, month, short_month
from dashboards.view import View

MARKS: dict[str, tuple[str, str]] = {
    "published": ("已发布", "Published"),
    "at_least": ("至少", "At least"),
    "noted": ("有说明", "With a note"),
    "withheld": ("暂不发布", "Withheld"),
    "suppressed": ("不公开", "Suppressed"),
}


def aria(label: str) -> dict[str, Any]:
    """The property that names an element for a reader who does not see it."""
    return {"aria-label": label}


def mark(view: View, figure: Figure) -> html.Span:
    """The trust mark of a figure."""
    return html.Span(
        view.say(*MARKS[figure.mark]), className=f"mark {figure.mark}", title=figure.reason or figure.note or ""
    )


def number_link(view: View, figure: Figure | None, unit: bool = False, className: str = "") -> Any:
    """A figure as a link to its trace. Withheld shows as the word, never as zero; no figure at all as a dash."""
    if figure is None:
        return html.Span("–", className="none", title=view.say("本版没有这个统计数", "No such figure in this release"))
    parts: list[Any] = []
    if figure.mark in ("withheld", "suppressed"):
        parts.append(html.Span(view.say(*MARKS[figure.mark]), className=f"mark {figure.mark}"))
    else:
        if figure.mark == "at_least" and figure.value is not None:
            parts.append(html.Span(view.say("至少", "≥"), className="atleast"))
        parts.append(html.Span(view.value(figure.indicator, figure.value), className="digits"))
        if unit:
            parts.append(html.Span(view.unit(figure.indicator), className="unit"))
    return dcc.Link(
        parts,
        href=view.trace_href(figure.id),
        className=f"num {className}".strip(),
        title=figure.reason or figure.note or view.say("查看来源", "See where it comes from"),
    )


NAMED = 4  # areas that a line names
WHY = {"没有收到": "not received", "已退回、尚未重报": "sent back, not yet sent again", "问题未解决": "open problem"}


def wait_words(view: View, wait: Mapping[str, Any], when: str = "") -> str:
    """What is waited for: who owes it, extract, month (``when`` in place of the one) and what is the matter with it."""
    why = wait.get("why", "")
    areas = [view.area_name(area["area"]) for area in wait.get("areas") or []]
    more = view.say(f"等 {len(areas)} 个", f" and others, {len(areas)} in all") if len(areas) > NAMED else ""
    parts = [
        joined(areas[:NAMED], view.lang) + more or view.named("departments", wait.get("department")),
        view.named("extracts", wait.get("extract")),
        when or month(wait["period"], view.lang),
        view.say(why, WHY.get(why, why)),
    ]
    return " · ".join(part for part in parts if part)


def caution(view: View, figure: Figure) -> html.P | None:
    """Why a figure is withheld or only a lower bound; None for a plainly published one.

    In Chinese the gate's own sentence; in English what the release holds as data, the sentence only where there is none.
    """
    sentence = figure.reason or figure.note
    if not sentence:
        return None
    words: list[Any] = []
    if view.lang == "en":
        if figure.unknown:
            words.append(f"{figure.unknown:,} subjects unknown. ")
        if figure.waits:
            words.append("Waits for: " + "; ".join(wait_words(view, wait) for wait in figure.waits[:3]) + ". ")
    return html.P(words or html.Span(sentence, lang="zh"), className=f"caution {figure.mark}", title=sentence)


def section(title: str, *children: Any, note: str | None = None) -> html.Section:
    """A titled part of a page."""
    head: list[Any] = [html.H2(title)]
    if note:
        head.append(html.P(note, className="note"))
    return html.Section([*head, *children], className="section")


def table(
    head: Sequence[Any], rows: Sequence[Sequence[Any]], caption: str, words: int = 1, total: bool = False
) -> html.Div:
    """A table that scrolls inside its own box; the first ``words`` columns are words, the others numbers.

    ``total`` sets the last row apart.
    """

    def line(cells: Sequence[Any], cell: type) -> list[Any]:
        return [
            html.Th(content, scope="row", className="word")
            if index == 0 and cell is html.Td
            else cell(content, className="word" if index < words else "figure")
            for index, content in enumerate(cells)
        ]

    body = [
        html.Tr(line(row, html.Td), className="total" if total and index == len(rows) - 1 else "")
        for index, row in enumerate(rows)
    ]
    return html.Div(
        html.Table(
            [html.Caption(caption, className="unseen"), html.Thead(html.Tr(line(head, html.Th))), html.Tbody(body)]
        ),
        className="tablebox",
        tabIndex=0,
        role="region",
        **aria(caption),
    )


def graph(chart: Chart, label: str, legend: Sequence[tuple[str, str, str]] = ()) -> html.Div:
    """A chart that never takes the finger's scroll; ``label`` says in words what it shows.

    ``legend`` is (name, colour, dash) of each line, as ``figures.key`` gives them.
    """
    drawn = dcc.Graph(
        figure=chart, config={"displayModeBar": False, "scrollZoom": False}, responsive=True, className="graph"
    )
    strokes = {"dash": "dashed", "dot": "dotted"}
    entries = [
        html.Li(
            [html.Span(className="swatch", style={"borderTop": f"3px {strokes.get(dash, 'solid')} {colour}"}), name]
        )
        for name, colour, dash in legend
    ]
    return html.Div(
        [html.Div(drawn, role="img", **aria(label)), html.Ul(entries, className="legend") if entries else None]
    )


def menu(label: Any, items: Any, name: str) -> html.Details:
    """A list of links under a button; closes itself once a link is taken (``assets/menu.js``)."""
    return html.Details(
        [html.Summary(label, **aria(name)), html.Div(items, className="menu-items")],
        className="menu",
    )


def month_grid(view: View, addresses: Mapping[str, str], here: str) -> list[html.Div]:
    """Months as links, a row of them for each year, the newest year first. ``addresses``: month → where its link leads."""
    years: dict[str, list[str]] = {}
    for period in addresses:
        years.setdefault(period[:4], []).append(period)
    return [
        html.Div(
            [html.Span(year, className="year")]
            + [
                dcc.Link(
                    short_month(period, view.lang), href=addresses[period], className="here" if period == here else ""
                )
                for period in years[year]
            ],
            className="year-row",
        )
        for year in sorted(years, reverse=True)
    ]


def pager(view: View, path: str, offset: int, limit: int, total: int, **query: str) -> html.Nav | None:
    """Links to the rows before and after; None when all fit on one page."""
    if total <= limit:
        return None
    last = min(offset + limit, total)

    def step(words: str, to: int | None) -> Any:
        if to is None:
            return html.Span(words, className="step off")
        return dcc.Link(words, href=view.href(path, **query, offset=str(to) if to else ""), className="step")

    return html.Nav(
        [
            step(view.say("上一页", "Previous"), max(offset - limit, 0) if offset else None),
            html.Span(
                view.say(f"第 {offset + 1:,}–{last:,} 条，共 {total:,} 条", f"{offset + 1:,}–{last:,} of {total:,}")
            ),
            step(view.say("下一页", "Next"), last if last < total else None),
        ],
        className="pager",
    )
