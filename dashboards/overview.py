"""总览: the headline figures of a month, whether to trust it, and the same figures for each area below."""

from __future__ import annotations

from typing import Any

from dash import dcc, html

from dashboards import figures
from dashboards.data import Figure, Point
from dashboards.parts import caution, mark, number_link, section, table
from dashboards.quality import trust
from dashboards.targets import goal_words, status_mark
from dashboards.text import change, month
from dashboards.view import Page, View

HEADLINES: tuple[tuple[str, str | None], ...] = (
    ("poor_households", "poor_persons"),
    ("registered_households", "registered_persons"),
    ("trained_person_times", "trained_persons"),
    ("transferred_person_times", "transferred_persons"),
    ("sanitary_toilet_share", None),
    ("dangerous_houses_occupied", None),
    ("forest_guards", None),
    ("warned_households", None),
)


def headline_keys(view: View, indicator: str) -> list[tuple[str, str]]:
    """The (indicator, breakdown) keys that stand for an indicator: its total or, where it has none, each of its parts."""
    if view.sealed.figure(indicator, view.sealed.root):
        return [(indicator, "")]
    return [(indicator, part) for part in view.sealed.breakdowns(indicator)] or [(indicator, "")]


def against_month_before(view: View, figure: Figure, trend: list[Point]) -> str:
    """The change of a published figure against the month before, in words; says so when there is nothing to compare."""
    before = trend[-2] if len(trend) > 1 else None
    if figure.value is None or figure.mark in ("withheld", "suppressed"):
        return ""
    if before is None:
        return view.say("没有上月数", "No month before")
    if before.value is None:
        return view.say("上月未发布", "Month before not published")
    decimals = int(view.definition(figure.indicator).get("decimals") or 0)
    difference = change(figure.value - before.value, decimals)
    if difference.strip("0.,") == "":
        return view.say("与上月持平", "Same as the month before")
    percent = view.unit(figure.indicator) == "%"
    return view.say(
        f"较上月 {difference}{'个百分点' if percent else ''}",
        f"{difference}{' points' if percent else ''} on the month before",
    )


def _companion(view: View, indicator: str | None) -> html.P | None:
    figure = view.figure(indicator) if indicator else None
    if figure is None:
        return None
    return html.P([html.Span(view.title(figure.indicator)), number_link(view, figure, unit=True)], className="beside")


def _goal(view: View, indicator: str, breakdown: str) -> dcc.Link | None:
    key = (indicator, breakdown, view.area)
    for target in view.sealed.targets:
        if (target["indicator"], target["breakdown"], target["area"]) == key:
            return dcc.Link(
                [
                    html.Span(f"{view.say('目标', 'Target')} {goal_words(view, target)}"),
                    html.Span(month(target["due"], view.lang)),
                    status_mark(view, target),
                ],
                href=view.href(f"/targets/{target['target']}"),
                className="goal",
            )
    return None


def _spark(view: View, indicator: str, trend: list[Point]) -> html.Img | None:
    known = [point for point in trend if point.value is not None]
    if len(known) < 2:
        return None
    first, last = known[0], known[-1]
    words = " → ".join(
        f"{month(point.period, view.lang)} {view.value(indicator, point.value)}" for point in (first, last)
    )
    return html.Img(src=figures.sparkline(trend), className="spark", alt=words)


def _card(view: View, indicator: str, breakdown: str, companion: str | None, trend: list[Point]) -> html.Article:
    figure = view.figure(indicator, breakdown)
    if figure is None:
        reading: list[Any] = [
            html.P(html.Span("–", className="none"), className="reading"),
            html.P(view.say("本版没有这个统计数", "No such figure in this release"), className="sub"),
        ]
    else:
        reading = [
            html.P(number_link(view, figure, unit=True, className="big"), className="reading"),
            html.P(
                [
                    mark(view, figure) if figure.mark in ("published", "noted") else None,
                    html.Span(against_month_before(view, figure, trend)),
                ],
                className="change",
            ),
            html.P(view.part(indicator, breakdown), className="sub") if breakdown else None,
            _companion(view, companion),
            _goal(view, indicator, breakdown),
            caution(view, figure),
            _spark(view, indicator, trend),
        ]
    return html.Article([html.H3(view.title(indicator)), *reading], className=f"card {figure.mark if figure else ''}")


def _areas(view: View) -> html.Section | None:
    below = view.sealed.children(view.area)
    if not below:
        return None
    shown = [
        key
        for index, pair in enumerate(HEADLINES)
        for indicator in (pair if index == 0 else pair[:1])
        if indicator
        for key in headline_keys(view, indicator)
    ]
    head = [view.say("地区", "Area")] + [
        html.Span([view.title(indicator), html.Small(view.unit(indicator))], title=view.part(indicator, breakdown))
        for indicator, breakdown in shown
    ]
    rows = [
        [dcc.Link(view.area_name(code), href=view.href("/", area=code), className="num")]
        + [number_link(view, view.figure(*key, area=code)) for key in shown]
        for code in below
    ]
    rows.append([view.say("合计", "All")] + [number_link(view, view.figure(*key)) for key in shown])
    title = view.say("分地区", "By area")
    return section(
        title,
        table(head, rows, title, total=True),
        note=view.say("点数字看来源，点地区看下一级。", "Open a number for its source, an area for the level below."),
    )


def render(view: View) -> list[Any]:
    """Headline cards, the trust of the month, the table of the areas below."""
    cards = [(key, companion) for indicator, companion in HEADLINES for key in headline_keys(view, indicator)]
    trends = view.series(*(key for key, _ in cards))
    lineage = view.sealed.lineage(view.area)
    crumbs = (
        html.Nav(
            [
                dcc.Link(view.area_name(code), href=view.href("/", area="" if code == view.sealed.root else code))
                for code in lineage[:-1]
            ]
            + [html.Span(view.area_name(view.area))],
            className="crumbs",
        )
        if len(lineage) > 1
        else None
    )
    return [
        html.Div([crumbs, html.H1(view.place)], className="title"),
        html.Div(
            [_card(view, *key, companion, trends[key]) for key, companion in cards],
            className="cards",
        ),
        trust(view),
        _areas(view),
    ]


PAGE = Page("/", {"zh": "总览", "en": "Overview"}, render, order=1)
