"""目标进度: every target with clause, value, pace and status, and what is likely to come of it. Judged when sealed, shown here.

A forecast stands in a box of its own that says so; nothing is worked out on the page.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dash import dcc, html

from dashboards import figures
from dashboards.data import Figure
from dashboards.parts import aria, caution, graph, mark, number_link, section, table
from dashboards.text import change, exact, month, number
from dashboards.view import NotThere, Page, View
from pipelines.targets import LEVEL, NO_FORECAST, STATUS, WHY, chance_words

ORDER = ("behind", "on_track", "unknown", "met")  # what wants attention first
Row = Mapping[str, Any]
CEILINGS = ("<", "<=")
SELF_EVIDENT = ("met", "due_passed", "unknown")  # reasons for no forecast that the status has said already


def status_mark(view: View, row: Row) -> html.Span:
    """The status word of a target."""
    return html.Span(view.say(*STATUS[row["status"]]), className=f"status {row['status']}")


def goal_words(view: View, row: Row) -> str:
    """``≥ 10,000 人次`` as a reader writes it."""
    sign = {">=": "≥", "<=": "≤"}.get(row["comparator"], row["comparator"])
    return f"{sign} {exact(row['goal'])} {view.unit(row['indicator'])}".strip()


def share_of(row: Row, value: Decimal | None) -> Decimal | None:
    """Value over goal, between 0 and 1; None when the value is unknown, or the goal is a ceiling or nothing."""
    goal: Decimal | None = row["goal"]
    if value is None or not goal or row["comparator"] in CEILINGS:
        return None
    return max(Decimal(0), min(Decimal(1), value / goal))


def judged_figure(view: View, row: Row) -> Figure | None:
    """The figure by which a target was judged, in the release that it was sealed in."""
    sealed = view.store.known_with(view.sealed).get(row["judged"])
    return sealed.figure(row["indicator"], row["area"], row["breakdown"]) if sealed else None


def _title(view: View, row: Row) -> str:
    part = view.part(row["indicator"], row["breakdown"])
    return f"{view.title(row['indicator'])} · {part}" if part else view.title(row["indicator"])


def _bar(view: View, row: Row) -> html.Div | None:
    share, ahead = share_of(row, row["value"]), share_of(row, row["projected"])
    if share is None:
        return None
    marks = [html.Span(className="ahead", style={"width": f"{ahead * 100:.1f}%"})] if ahead is not None else []
    marks.append(html.Span(className="fill", style={"width": f"{share * 100:.1f}%"}))
    percent = f"{number(share * 100, 1)}%"
    label = view.say(f"完成目标的比例：{percent}", f"Share of the target reached: {percent}")
    return html.Div(
        [
            html.Div(marks, className="bar", role="img", **aria(label)),
            html.Div(html.Span(label), className="bar-legend"),
        ]
    )


def _pace(view: View, row: Row) -> html.P | None:
    if row["needed_pace"] is None:
        return None
    unit = view.unit(row["indicator"])
    unit = view.say("个百分点", "points") if unit == "%" else unit
    needed = f"{change(row['needed_pace'], 2)} {unit}"
    words = [html.Span([view.say("每月需要 ", "Needed a month "), html.B(needed)])]
    if row["actual_pace"] is not None:
        since = month(row["pace_since"], view.lang)
        actual = f"{change(row['actual_pace'], 2)} {unit}"
        words.append(html.Span([view.say(f"{since}以来每月 ", f"A month since {since} "), html.B(actual)]))
    return html.P(words, className="facts")


def _value(view: View, row: Row, value: Decimal) -> str:
    return f"{view.value(row['indicator'], value)} {view.unit(row['indicator'])}"


def forecast_box(view: View, row: Row) -> html.Div:
    """What is likely to come, in a box that says that it is a forecast; or why nothing is said."""
    tag = html.Span(view.say("预测，不是统计数", "A forecast, not a figure"), className="tag")
    if row["no_forecast"]:
        why = view.say(*NO_FORECAST[row["no_forecast"]])
        words = view.say(f"没有预测：{why}。", f"No forecast: {why[0].lower()}{why[1:]}.")
        return html.Div([html.Span(words), *_likely(view, row)], className="forecast none")
    due, level = month(row["due"], view.lang), f"{LEVEL:.0%}"
    value, low, high = (_value(view, row, row[name]) for name in ("projected", "lower", "upper"))
    return html.Div(
        [
            tag,
            html.Span([view.say(f"{due}约 ", f"{due}: about "), html.B(value)]),
            html.Span(view.say(f"（{level} 区间 {low} 至 {high}）", f" ({level} interval {low} to {high})")),
            html.Span([view.say("，达标可能 ", ", chance of meeting it "), html.B(chance_words(row["chance"]))]),
            html.Span(view.say("。", ". ")),
            *_likely(view, row),
        ],
        className="forecast",
    )


def _likely(view: View, row: Row) -> list[Any]:
    if row["status"] not in ("behind", "on_track") or row["actual_pace"] is None:
        return []
    if row["likely"] is None:
        return [html.Span(view.say("照现在的进度十年内达不到。", "At this pace it is not reached within ten years."))]
    when = month(row["likely"], view.lang)
    return [html.Span([view.say("照现在的进度 ", "At this pace "), html.B(when), view.say(" 达到。", ".")])]


def _facts(view: View, row: Row, figure: Figure | None) -> list[Any]:
    judged, owner = month(row["judged"], view.lang), view.named("departments", row["owner"])
    why = view.say(*WHY[row["why"]])
    reached = month(row["reached"], view.lang) if row["reached"] else ""
    return [
        html.P(
            [
                number_link(view, figure, unit=True, className="big"),
                html.Span(view.say(f"{judged}数", f"in {judged}"), className="when"),
            ],
            className="reading",
        ),
        html.P(
            [
                html.Span([view.say("目标 ", "Target "), html.B(goal_words(view, row))]),
                html.Span([view.say("期限 ", "Due "), html.B(month(row["due"], view.lang))]),
                html.Span([view.say("负责 ", "Owner "), html.B(owner)]) if owner else None,
                mark(view, figure) if figure else None,
            ],
            className="facts",
        ),
        html.P(view.say(f"{why}。", f"{why}."), className="why") if why else None,
        html.P(view.say(f"{reached}起达到。", f"Reached in {reached}."), className="why") if reached else None,
        _beside(view, row),
        caution(view, figure) if figure else None,
        _bar(view, row),
        _pace(view, row),
        None if row["no_forecast"] in SELF_EVIDENT else forecast_box(view, row),
    ]


def _beside(view: View, row: Row) -> html.P | None:
    """What is counted once in the figure, and the figure that counts the same by persons, apart."""
    about = view.definition(row["indicator"])
    once, beside = view.worded(about.get("once")), about.get("beside")
    figure = view.figure(beside, row["breakdown"], row["area"]) if beside else None
    if not once and figure is None:
        return None
    shown = [html.Span(view.title(figure.indicator)), number_link(view, figure, unit=True)] if figure else []
    return html.P([html.Span(once), *shown], className="beside")


def _chart(view: View, row: Row) -> html.Div:
    key = (row["indicator"], row["breakdown"])
    points = view.store.series(view.sealed, [key], row["area"])[key]
    now = (row["judged"], row["value"])
    open_yet = row["months_left"] and row["value"] is not None and row["status"] != "met"
    interval = (row["lower"], row["upper"])
    chart = figures.against_target(
        [point for point in points if not row["start"] or row["start"] <= point.period],
        row["goal"],
        [now, (row["due"], row["goal"])] if open_yet else [],
        (
            view.say("统计数", "Figure"),
            view.say("目标", "Target"),
            view.say("需要的进度", "Pace needed"),
            view.say("预测", "Forecast"),
        ),
        view.date_formats,
        view.say("月份", "Month"),
        view.unit(row["indicator"]),
        (now, (row["due"], row["projected"]), interval) if row["lower"] is not None else None,
    )
    title = _title(view, row)
    return graph(
        chart, view.say(f"{title}与目标的逐月走势", f"{title} against its target by month"), figures.key(chart)
    )


def _quote(view: View, row: Row) -> html.Blockquote:
    clause = view.sealed.definitions["clauses"].get(row["clause"], {})
    return html.Blockquote(
        [
            html.Span(clause.get("quote", ""), lang="zh"),
            html.Cite(f"{clause.get('doc_no', '')} {clause.get('section', '')} · {row['clause']}", lang="zh"),
        ]
    )


def _card(view: View, row: Row) -> html.Article:
    more = dcc.Link(
        view.say("走势、条款、分地区", "Trend, clause, areas"),
        href=view.href(f"/targets/{row['target']}"),
        className="open",
    )
    return html.Article(
        [
            html.Header([html.H3(_title(view, row)), status_mark(view, row)]),
            *_facts(view, row, judged_figure(view, row)),
            more,
        ],
        className=f"card target {row['status']}",
    )


def _counts(view: View, rows: list[Row], chosen: str) -> html.Nav:
    """How many targets have each status; each opens those alone, and again all of them."""
    links = []
    for status in ORDER:
        count = sum(row["status"] == status for row in rows)
        query = {} if status == chosen else {"status": status}
        inside = [status_mark(view, {"status": status}), html.B(str(count))]
        links.append(
            dcc.Link(inside, href=view.href("/targets", **query), className="here" if status == chosen else "")
        )
    return html.Nav(links, className="counts", **aria(view.say("按状态", "By status")))


def _waiting(view: View, rows: list[Row]) -> html.Section | None:
    """Targets of the documents that nothing can be said of yet."""
    if not rows:
        return None
    entries = []
    for row in rows:
        quote = view.sealed.definitions["clauses"].get(row["clause"], {}).get("quote", "")
        why = f"{row['clause']} · {view.say(*WHY[row['why']])} · {row['detail']}"
        entries.append(html.Li([html.Span(quote, lang="zh"), html.Span(why, className="why")]))
    title = view.say(f"还不能判断的目标（{len(rows)} 项）", f"Targets that cannot be judged yet ({len(rows)})")
    inside = html.Details(
        [html.Summary(view.say("列出", "Show them")), html.Ul(entries, className="waiting-targets")],
        className="more-rows",
    )
    return section(title, inside)


def _areas(view: View, rows: list[Row]) -> html.Section | None:
    below = [row for row in rows if row["area"] in view.sealed.children(view.area)]
    if not below:
        return None
    head = [
        view.say("地区", "Area"),
        view.say("状态", "Status"),
        view.say("现状", "Now"),
        view.say("每月需要", "Needed a month"),
        view.say("近一年每月", "Had a month"),
        view.say("预测到期时（区间）", "Forecast at due date (interval)"),
        view.say("达标可能（预测）", "Chance (forecast)"),
    ]
    cells = []
    for row in below:
        paces = [change(row[name], 2) if row[name] is not None else "–" for name in ("needed_pace", "actual_pace")]
        values = [view.value(row["indicator"], row[name]) for name in ("projected", "lower", "upper")]
        ahead = f"{values[0]} ({values[1]}–{values[2]})" if row["lower"] is not None else "–"
        chance = chance_words(row["chance"]) if row["chance"] is not None else "–"
        place = dcc.Link(row["area_name"], href=view.href(view.path, area=row["area"]), className="num")
        figure = judged_figure(view, row)
        cells.append([place, status_mark(view, row), number_link(view, figure), *paces, ahead, chance])
    title = view.say("分地区", "By area")
    return section(title, table(head, cells, title, words=2))


def _one(view: View, name: str) -> list[Any]:
    """One target: its card with trend and clause, and the areas under it for which it holds."""
    rows: list[Row] = [row for row in view.sealed.targets if row["target"] == name and row["indicator"]]
    here = [row for row in rows if row["area"] == view.area] or rows[:1]
    if not here:
        raise NotThere(view.path)
    row = here[0]
    back = dcc.Link(view.say("全部目标", "All targets"), href=view.href("/targets"), className="open")
    return [
        html.Div([html.Nav([back], className="crumbs"), html.H1(_title(view, row))], className="title"),
        html.Article(
            [
                html.Header([html.H3(view.area_name(row["area"])), status_mark(view, row)]),
                *_facts(view, row, judged_figure(view, row)),
                _chart(view, row),
                _quote(view, row),
            ],
            className=f"card target {row['status']}",
        ),
        _areas(view, rows),
    ]


def render(view: View) -> list[Any]:
    """All targets of an area, what wants attention first; or one, by the address."""
    name = view.path.removeprefix("/targets").strip("/")
    if name:
        return _one(view, name)
    every: list[Row] = [row for row in view.sealed.targets if row["area"] == view.area]
    rows, waiting = [row for row in every if row["indicator"]], [row for row in every if not row["indicator"]]
    chosen = view.query.get("status", "")
    shown = [row for status in ORDER for row in rows if row["status"] == status and chosen in ("", status)]
    if not every:
        return [html.P(view.say("这一级地区没有要判断的目标。", "No target is judged for areas of this level."))]
    return [
        html.Div(
            [
                html.H1(view.say("目标进度", "Targets")),
                html.P(
                    view.say(
                        "状态看每月需要的进度和近一年实际的进度；未知不算正常。虚线框里是预测，不是统计数。",
                        "The status compares the pace needed with the pace of the last year; unknown is never on track. "
                        "What stands in a dashed box is a forecast, not a figure.",
                    ),
                    className="note",
                ),
                _counts(view, rows, chosen),
            ],
            className="title",
        ),
        html.Div([_card(view, row) for row in shown], className="target-grid"),
        _waiting(view, waiting),
    ]


PAGE = Page("/targets", {"zh": "目标进度", "en": "Targets"}, render, order=3)
