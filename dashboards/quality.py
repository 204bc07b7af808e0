"""数据质量: what the checks found, which extracts are late or awaited, which figures are withheld and why, who was found again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from dash import dcc, html

from dashboards.data import Figure
from dashboards.parts import caution, number_link, pager, section, table, wait_words
from dashboards.text import joined, month, number
from dashboards.view import Page, View
from pipelines.targets import AT_LEAST

SEVERITIES: dict[str, tuple[str, str, str]] = {
    "error": ("错误", "errors", "alarm"),
    "warning": ("提醒", "warnings", "warn"),
    "note": ("备注", "notes", ""),
}
RATE, WHOLE = "match_rate", 100
REASONS_SHOWN, EXTRACTS_SHOWN, LIMIT = 3, 6, 20


def findings_by_severity(findings: Sequence[Mapping[str, Any]]) -> dict[str, int]:
    """How many findings of each severity, worst first; zero where there are none."""
    counted = Counter(finding["severity"] for finding in findings)
    return {severity: counted[severity] for severity in SEVERITIES}


def withheld_reasons(figures: Sequence[Figure]) -> list[tuple[Figure, int, list[str]]]:
    """Withheld figures gathered by reason: (one of them, how many, their indicators), most first."""
    held: dict[str, list[Figure]] = {}
    for figure in figures:
        if figure.status == "withheld":
            held.setdefault(figure.reason or "", []).append(figure)
    gathered = [
        (group[0], len(group), list(dict.fromkeys(figure.indicator for figure in group))) for group in held.values()
    ]
    return sorted(gathered, key=lambda group: -group[1])


def late(manifest: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The submissions of a release's own month that first came after the day on which they were due."""
    return [
        entry
        for entry in manifest["inputs"]
        if entry["period"] == manifest["period"] and entry["revision"] == 1 and entry["received_at"][:10] > entry["due"]
    ]


def _awaited(view: View) -> list[str]:
    """What is awaited, a line for each extract; its months together."""
    gathered: dict[tuple[str, str, tuple[str, ...]], list[Mapping[str, Any]]] = {}
    for wait in view.sealed.waits:
        areas = tuple(area["area"] for area in wait["areas"])
        gathered.setdefault((wait["extract"], wait.get("why", ""), areas), []).append(wait)
    lines = []
    for waits in gathered.values():
        first, last = (month(edge["period"], view.lang) for edge in (waits[-1], waits[0]))
        span = view.say(f"{first}至{last}间 {len(waits)} 个月", f"{len(waits)} months, {first} to {last}")
        lines.append(wait_words(view, waits[0], span if len(waits) > 1 else ""))
    return lines


def _extracts(view: View) -> list[html.Li]:
    awaited = [(view.say("等待", "Awaited"), "missing", words) for words in _awaited(view)]
    came_late = [
        (
            view.say("迟报", "Late"),
            "late",
            " · ".join(
                [
                    view.named("departments", entry["department"]),
                    view.named("extracts", entry["extract"]),
                    view.say(
                        f"{entry['received_at'][:10]} 收到，应于 {entry['due']} 前报",
                        f"received {entry['received_at'][:10]}, due {entry['due']}",
                    ),
                ]
            ),
        )
        for entry in late(view.sealed.release.manifest)
    ]
    return [
        html.Li([html.Span(word, className=f"state {kind}"), html.Span(text)])
        for word, kind, text in awaited + came_late
    ]


def _withheld(view: View) -> list[html.Li]:
    return [
        html.Li(
            [
                html.B(view.say(f"{number(count)} 个统计数暂不发布", f"{number(count)} figures withheld")),
                html.Span(joined([view.title(code) for code in indicators], view.lang), className="what"),
                caution(view, figure),
            ]
        )
        for figure, count, indicators in withheld_reasons(view.sealed.within(view.area))
    ]


def _tiles(tiles: Sequence[tuple[int, str, str]]) -> html.Div:
    return html.Div(
        [
            html.Div([html.B(number(count)), html.Span(words)], className=f"tile {kind if count else ''}")
            for count, words, kind in tiles
        ],
        className="tiles",
    )


def _severities(view: View) -> list[tuple[int, str, str]]:
    counted = findings_by_severity(view.sealed.findings)
    return [(counted[code], view.say(f"个{zh}", en), kind) for code, (zh, en, kind) in SEVERITIES.items()]


def trust(view: View) -> html.Section:
    """Whether the month can be trusted, as facts: figures published and withheld, findings, extracts awaited and late."""
    figures = view.sealed.table
    lower = figures.filter(pl.col("note").str.starts_with(AT_LEAST)).height
    tiles = [
        (figures.height - view.sealed.withheld, view.say("个统计数已发布", "figures published"), ""),
        (lower, view.say("个只是下限", "lower bounds"), "warn"),
        (view.sealed.withheld, view.say("个暂不发布", "withheld"), "alarm"),
        *_severities(view),
    ]
    held, extracts = _withheld(view), _extracts(view)
    return section(
        view.say("本月数据可信吗", "Can I trust this month?"),
        _tiles(tiles),
        html.Ul(held[:REASONS_SHOWN], className="reasons") if held else None,
        html.Ul(extracts[:EXTRACTS_SHOWN], className="extracts") if extracts else None,
        None
        if held or extracts
        else html.P(
            view.say(
                "应报数据都已按时收到，没有暂不发布的统计数。", "All extracts came on time and no figure is withheld."
            )
        ),
        dcc.Link(view.say("看全部质量问题", "See all findings"), href=view.href("/quality"), className="more"),
    )


def _finding(view: View, row: Mapping[str, Any]) -> html.Li:
    zh, en, _ = SEVERITIES[row["severity"]]
    origin = [
        view.named("departments", row.get("department")),
        view.named("extracts", row.get("extract")),
        month(row["period"], view.lang) if row.get("period") else "",
    ]
    place = [
        row.get("file"),
        row.get("sheet"),
        view.say(f"第 {row['row']:,} 行", f"row {row['row']:,}") if row.get("row") else None,
        row.get("column"),
    ]
    return html.Li(
        [
            html.P(
                [
                    html.Span(view.say(zh, en.removesuffix("s").capitalize()), className=f"state {row['severity']}"),
                    html.B(row["message"], lang="zh"),
                ]
            ),
            html.P(" · ".join(filter(None, origin)), className="sub"),
            html.P(" · ".join(str(part) for part in place if part), className="place") if any(place) else None,
            html.P([view.say("见到：", "Found: "), html.Code(str(row["found"]))]) if row.get("found") else None,
            html.P([view.say("怎么改：", "Remedy: "), html.Span(row["remedy"], lang="zh")]),
        ]
    )


def match_rates(view: View) -> tuple[list[Figure], list[Figure]]:
    """The county's match rates of the extracts with rows to look up: those short of whole, lowest first, and the whole ones.

    A withheld one is short, whatever it would be.
    """
    sealed = view.sealed
    rates = [sealed.figure(RATE, sealed.root, part) for part in sealed.breakdowns(RATE)]
    known = [rate for rate in rates if rate and (rate.value is not None or rate.status == "withheld")]
    short = [rate for rate in known if rate.value != WHOLE or rate.note]
    return sorted(short, key=lambda rate: (rate.value is None, rate.value)), [r for r in known if r not in short]


def _rates(view: View, rates: Sequence[Figure]) -> html.Div:
    words = (
        view.say("上报数据", "Extract"),
        view.say("应对应行", "Rows that name somebody"),
        view.say("对应上", "Found"),
        view.title(RATE) + " %",
    )
    rows = [
        (
            view.part(RATE, rate.breakdown),
            *(number_link(view, view.figure(c, rate.breakdown, view.sealed.root)) for c in ("named_rows", "matched_rows", RATE)),
        )
        for rate in rates
    ]  # fmt: skip
    return table(words, rows, view.title(RATE))


def _matched(view: View) -> html.Section | None:
    """Whether the people whom departments name are found in the month's registers, extract by extract."""
    short, whole = match_rates(view)
    if not short and not whole:
        return None
    some = view.say(f"{len(whole)} 项数据的人和户全部对应上", f"{len(whole)} extracts of which everybody was found")
    return section(
        view.say("部门所报的人和户能否对应", "Are the people whom departments name in the registers?"),
        _rates(view, short) if short else None,
        html.Details([html.Summary(some), _rates(view, whole)], className="more-rows") if whole else None,
        note=view.say(
            "与当月户信息表、人员信息表核对；名单见 fangpin identity，由人确认，不自动改。",
            "Looked up in the month's two registers. The lists are in fangpin identity; nothing is changed without a person's yes.",
        ),
    )


def render(view: View) -> list[Any]:
    """The whole list: withheld figures by reason, extracts awaited and late, findings paged, worst first."""
    none = html.P(view.say("没有。", "None."))
    held, extracts = _withheld(view), _extracts(view)
    order = list(SEVERITIES)
    findings = sorted(view.sealed.findings, key=lambda finding: order.index(finding["severity"]))
    shown = findings[view.offset : view.offset + LIMIT]
    return [
        html.Div(html.H1(view.say("数据质量", "Data quality")), className="title"),
        section(
            view.say("暂不发布的统计数", "Withheld figures"),
            html.Ul(held, className="reasons") if held else none,
            note=view.area_name(view.area),
        ),
        section(
            view.say("等待和迟报的数据", "Extracts awaited or late"),
            html.Ul(extracts, className="extracts") if extracts else none,
        ),
        _matched(view),
        section(
            view.say("质量问题", "Findings"),
            _tiles(_severities(view)),
            html.Ol([_finding(view, row) for row in shown], className="findings") if shown else None,
            pager(view, PAGE.path, view.offset, LIMIT, len(findings)),
            note=view.say(
                "问题的说明是检查时写下的原话。", "Findings are shown in the words in which the checks recorded them."
            ),
        ),
    ]


PAGE = Page("/quality", {"zh": "数据质量", "en": "Data quality"}, render, order=4)
