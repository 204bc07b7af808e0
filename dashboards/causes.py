"""致贫原因: households and persons by cause, over the months, what changed between two of them, and what the document printed."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboards import figures
from dashboards.data import Figure, Sealed
from dashboards.parts import caution, graph, menu, month_grid, number_link, section, table
from dashboards.text import month, number
from dashboards.view import Page, View
from pipelines.periods import shift
from pipelines.release import ReleaseError

MEASURES = ("poor_households", "poor_household_share", "poor_persons", "poor_person_share")
PRINTED = "_printed"
UNKNOWN = "unknown"


def _area_menu(view: View) -> html.Div:
    """The way down from the county: one menu for each level that has areas below it."""
    lineage = view.sealed.lineage(view.area)
    levels: list[Any] = []
    for index, parent in enumerate(lineage):
        below = view.sealed.children(parent)
        if not below:
            break
        chosen = lineage[index + 1] if index + 1 < len(lineage) else None
        whole = view.say(f"{view.area_name(parent)}全部", f"All of {view.area_name(parent)}")
        links = [
            dcc.Link(
                whole if code == parent else view.area_name(code),
                href=view.href("/causes", area="" if code == view.sealed.root else code),
                className="here" if code == (chosen or parent) else "",
            )
            for code in [parent, *below]
        ]
        levels.append(menu(view.area_name(chosen) if chosen else whole, links, view.say("选择地区", "Choose an area")))
    return html.Div(levels, className="menus")


def _table(view: View, causes: list[str]) -> html.Div:
    head = [view.say("致贫原因", "Cause")] + [
        html.Span([view.title(indicator), html.Small(view.unit(indicator))]) for indicator in MEASURES
    ]
    rows = [
        [view.code("cause", cause)]
        + [number_link(view, view.figure(indicator, f"cause={cause}")) for indicator in MEASURES]
        for cause in causes
    ]
    rows.append(
        [view.say("合计", "All")]
        + [
            number_link(view, view.figure(indicator)) if not indicator.endswith("share") else ""
            for indicator in MEASURES
        ]
    )
    return table(head, rows, view.say("致贫原因表", "Causes"), total=True)


def since_month(view: View) -> Sealed | None:
    """The month to compare with: the one that the address names, else a year before, else the first; None where there is none."""
    known = {
        period: sealed for period, sealed in view.store.known_with(view.sealed).items() if period < view.sealed.period
    }
    wanted = view.query.get("since", "") or shift(view.sealed.period, -12)
    return known.get(wanted) or next(iter(known.values()), None)


def _changed(view: View, causes: list[str]) -> html.Section | None:
    old = since_month(view)
    if old is None:
        return None
    earlier = [period for period in view.store.known_with(view.sealed) if period < view.sealed.period]
    months = month_grid(view, {period: view.href("/causes", since=period) for period in earlier}, old.period)
    since = view.say(f"自{month(old.period, 'zh')}", f"Since {month(old.period, 'en')}")
    chooser = html.Div(menu(since, months, view.say("与哪个月比较", "Compare with which month")), className="menus")
    title = view.say("其间的变化", "What changed since")
    try:
        moves = view.store.moves(old.release, view.sealed.release, view.area)["moves"]
    except ReleaseError as missing:
        return section(title, chooser, html.P(html.Span(str(missing), lang="zh"), className="caution withheld"))

    def households(side: str, cause: str, *ways: str) -> int:
        return sum(int(m["households"]) for m in moves if m[side] == cause and m["way"] in ways)

    head = [
        view.say("致贫原因", "Cause"),
        view.say(f"{month(old.period, 'zh')}户数", f"Households, {month(old.period, 'en')}"),
        view.say("退出", "Left"),
        view.say("改为其他原因", "To another cause"),
        view.say("由其他原因改来", "From another cause"),
        view.say("新进", "Came"),
        view.say(f"{month(view.sealed.period, 'zh')}户数", f"Households, {month(view.sealed.period, 'en')}"),
    ]
    other = ("changed", UNKNOWN)
    rows: list[list[Any]] = []
    for cause in [*causes, UNKNOWN]:
        stayed = households("to", cause, "stayed") + sum(
            int(m["households"]) for m in moves if m["way"] == UNKNOWN and m["from"] == m["to"] == cause
        )
        to, back = households("from", cause, *other), households("to", cause, *other)
        if cause == UNKNOWN:
            to, back = to - stayed, back - stayed
        left, came = households("from", cause, "left"), households("to", cause, "came")
        rows.append([stayed + left + to, left, to, back, came, stayed + back + came])
    rows.append([sum(column) for column in zip(*rows, strict=True)])
    names = [*(view.code("cause", cause) for cause in causes), view.say("不详", "Unknown"), view.say("合计", "All")]
    shown = [[name, *(number(n) for n in row)] for name, row in zip(names, rows, strict=True)]
    return section(
        title,
        chooser,
        table(head, shown, title, total=True),
        note=view.say(
            "两个月的未脱贫户逐户对照，每户只计一次。",
            "Households not out of poverty in either month, compared one by one; each counts once.",
        ),
    )


def printed_month(view: View) -> Sealed | None:
    """The newest release known to this one in which a document's printed cause table was published."""
    keys = [(MEASURES[0] + PRINTED, f"cause={cause}") for cause in view.sealed.definitions["codes"]["cause"]]
    trends = view.store.series(view.sealed, keys, view.sealed.root)
    printed = [point.period for points in trends.values() for point in points if point.value is not None]
    return view.store.known_with(view.sealed)[max(printed)] if printed else None


def _difference(printed: Figure | None, counted: Figure | None, decimals: int) -> Any:
    if printed is None or counted is None or printed.value is None or counted.value is None:
        return "–"
    gap = counted.value - printed.value
    return html.Span(number(gap, decimals) if gap else "0", className="gap" if gap else "equal")


def _comparison(view: View, causes: list[str]) -> html.Section | None:
    sealed = printed_month(view)
    if sealed is None:
        return None
    head = [
        view.say("致贫原因", "Cause"),
        view.say("文件印数", "Printed"),
        view.say("台账数", "Register"),
        view.say("相差", "Difference"),
    ]
    parts: list[Any] = []
    for indicator in MEASURES:
        decimals = int(view.definition(indicator).get("decimals") or 0)
        rows = []
        for cause in causes:
            printed = sealed.figure(indicator + PRINTED, sealed.root, f"cause={cause}")
            counted = sealed.figure(indicator, sealed.root, f"cause={cause}")
            rows.append(
                [
                    view.code("cause", cause),
                    number_link(view, printed),
                    number_link(view, counted),
                    _difference(printed, counted, decimals),
                ]
            )
        name = view.measured(indicator)
        parts.append(html.Div([html.H3(name), table(head, rows, name)], className="compare"))
    return section(
        view.say("文件印数与台账数对照", "Printed in the document, counted from the register"),
        html.Div(parts, className="compares"),
        note=view.say(
            f"{month(sealed.period, 'zh')}，全县。文件怎么印就怎么列；台账数由户一级的行相加而得。",
            f"{month(sealed.period, 'en')}, whole county. The document as printed; the register added up from household rows.",
        ),
    )


def render(view: View) -> list[Any]:
    """The nine causes of the area: table, bars, trend, and the comparison with the document."""
    causes = list(view.sealed.definitions["codes"]["cause"])
    titles = [view.code("cause", cause) for cause in causes]
    held = [view.figure("poor_households", f"cause={cause}") for cause in causes]
    trends = view.series(*(("poor_households", f"cause={cause}") for cause in causes))
    households = view.measured("poor_households")
    values = [figure.value if figure and figure.status == "published" else None for figure in held]
    shown = [
        view.value("poor_households", value)
        if value is not None
        else view.say("暂不发布", "Withheld")
        if figure
        else "–"
        for figure, value in zip(held, values, strict=True)
    ]
    warned = next((caution(view, figure) for figure in held if figure and figure.mark != "published"), None)
    named = [
        (title, trends[("poor_households", f"cause={cause}")]) for cause, title in zip(causes, titles, strict=True)
    ]
    trend = figures.lines(named, view.date_formats, view.say("月份", "Month"), households)
    return [
        html.Div(
            [html.H1(view.say(f"{view.place} 致贫原因", f"Causes of poverty: {view.place}")), _area_menu(view)],
            className="title",
        ),
        warned,
        section(
            view.say("各原因户数、人数和占比", "Households, persons and shares by cause"),
            _table(view, causes),
            note=view.say("点数字看来源。", "Open a number for its source."),
        ),
        html.Div(
            [
                section(households, graph(figures.bars(titles, values, shown, households), households)),
                section(
                    view.say("逐月走势", "By month"),
                    graph(
                        trend,
                        view.say("各致贫原因户数逐月走势", "Households by cause over the months"),
                        figures.key(trend),
                    ),
                ),
            ],
            className="pair",
        ),
        _changed(view, causes),
        _comparison(view, causes),
    ]


PAGE = Page("/causes", {"zh": "致贫原因", "en": "Causes"}, render, order=2)
