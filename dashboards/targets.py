"""目标进度: every target with its clause, value, due date and how far it has come. States facts only; forecasts nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from operator import eq, ge, gt, le, lt
from typing import Any, Literal

from dash import html

from dashboards import figures
from dashboards.data import Figure, Sealed
from dashboards.parts import aria, caution, graph, mark, number_link
from dashboards.text import exact, month, number
from dashboards.view import Page, View
from pipelines.periods import months, shift

Status = Literal["met", "under_way", "not_met", "not_begun", "unknown"]
STATUS: dict[Status, tuple[str, str]] = {
    "met": ("已达标", "Met"),
    "under_way": ("进行中", "Under way"),
    "not_met": ("未达标", "Not met"),
    "not_begun": ("未开始", "Not begun"),
    "unknown": ("未知", "Unknown"),
}
COMPARES: dict[str, Callable[[Decimal, Decimal], bool]] = {">": gt, ">=": ge, "<": lt, "<=": le, "=": eq}
AT_LEAST = {">", ">="}


def status(value: Decimal | None, at_least: bool, comparator: str, target: Decimal, period: str, due: str) -> Status:
    """What value, comparator and due date alone say of a target.

    A value that is only a lower bound can show that ``>=`` is met, never that anything else is.
    """
    if value is None:
        return "unknown"
    compared = COMPARES[comparator](value, target)
    if at_least:
        if comparator in AT_LEAST and compared:
            return "met"
        return "unknown" if period >= due else "under_way"
    if compared:
        return "met"
    return "not_met" if period >= due else "under_way"


def pace(start: str, due: str, target: Decimal) -> list[tuple[str, Decimal]]:
    """The even pace towards a cumulative target: nothing at the month before ``start``, all of it at ``due``."""
    if not start:
        return []
    span = months(f"{start}:{due}")
    return [(shift(start, -1), Decimal(0))] + [
        (period, target * (index + 1) / len(span)) for index, period in enumerate(span)
    ]


@dataclass(frozen=True)
class Target:
    """A target as a release defines it. ``start`` is the month from which an even pace counts; empty for a level to hold."""

    indicator: str
    area: str
    breakdown: str
    comparator: str
    goal: Decimal
    start: str
    due: str
    clause: str


def targets_of(sealed: Sealed) -> list[Target]:
    """All targets of a release, in the order of its policy pack."""
    return [
        Target(
            record["indicator"],
            record.get("area") or sealed.root,
            record.get("breakdown") or "",
            record["comparator"],
            Decimal(str(record["value"])),
            str(record.get("from") or ""),
            str(record["due"]),
            record["clause"],
        )
        for record in sealed.definitions["targets"]
    ]


@dataclass(frozen=True)
class Standing:
    """A target and the figure by which it is judged: the due month's once that is past, before it the release's own."""

    target: Target
    judged: str
    figure: Figure | None
    status: Status

    @property
    def share(self) -> Decimal | None:
        """Value over goal, between 0 and 1; None when the value is unknown or the goal is a ceiling."""
        if self.figure is None or self.figure.value is None or not self.target.goal or "<" in self.target.comparator:
            return None
        return max(Decimal(0), min(Decimal(1), self.figure.value / self.target.goal))


def standing(view: View, target: Target) -> Standing:
    """Judge one target by the release that this request reads."""
    judged = min(view.sealed.period, target.due)
    if judged < target.start:
        return Standing(target, judged, None, "not_begun")
    sealed = view.store.known_with(view.sealed).get(judged)
    figure = sealed.figure(target.indicator, target.area, target.breakdown) if sealed else None
    value = figure.value if figure and figure.status == "published" else None
    lower = bool(figure and figure.mark == "at_least")
    said = status(value, lower, target.comparator, target.goal, judged, target.due)
    return Standing(target, judged, figure, said)


def status_mark(view: View, found: Standing) -> html.Span:
    """The status word of a target."""
    return html.Span(view.say(*STATUS[found.status]), className=f"status {found.status}")


def goal_words(view: View, target: Target) -> str:
    """``≥ 10,000 人次`` as a reader writes it."""
    sign = {">=": "≥", "<=": "≤"}.get(target.comparator, target.comparator)
    return f"{sign} {exact(target.goal)} {view.unit(target.indicator)}"


def _bar(view: View, found: Standing) -> html.Div:
    target, share = found.target, found.share
    percent = f"{number(share * 100, 1)}%" if share is not None else view.say("未知", "Unknown")
    marks, legend = [], [html.Span(percent)]
    if share is not None:
        marks.append(html.Span(className="fill", style={"width": f"{share * 100:.1f}%"}))
    expected = dict(pace(target.start, target.due, target.goal)).get(found.judged)
    if expected is not None:
        part = expected / target.goal if target.goal else Decimal(0)
        marks.append(html.Span(className="even", style={"left": f"{part * 100:.1f}%"}))
        legend.append(html.Span(view.say(f"匀速应到 {number(expected)}", f"Even pace: {number(expected)}")))
    label = view.say(f"完成目标的比例：{percent}", f"Share of the target reached: {percent}")
    return html.Div(
        [html.Div(marks, className="bar", role="img", **aria(label)), html.Div(legend, className="bar-legend")]
    )


def _chart(view: View, target: Target) -> html.Div:
    key = (target.indicator, target.breakdown)
    points = view.store.series(view.sealed, [key], target.area)[key]
    chart = figures.against_target(
        [point for point in points if not target.start or target.start <= point.period <= target.due],
        target.goal,
        pace(target.start, target.due, target.goal),
        (view.say("统计数", "Figure"), view.say("目标", "Target"), view.say("匀速进度", "Even pace")),
        view.date_formats,
        view.say("月份", "Month"),
        view.unit(target.indicator),
    )
    title = view.title(target.indicator)
    return graph(
        chart, view.say(f"{title}与目标的逐月走势", f"{title} against its target by month"), figures.key(chart)
    )


def _card(view: View, target: Target) -> html.Article:
    found = standing(view, target)
    clause = view.sealed.definitions["clauses"].get(target.clause, {})
    judged = month(found.judged, view.lang)
    return html.Article(
        [
            html.Header([html.H3(view.title(target.indicator)), status_mark(view, found)]),
            html.P(
                [
                    number_link(view, found.figure, unit=True, className="big"),
                    html.Span(view.say(f"{judged}数", f"in {judged}"), className="when"),
                ],
                className="reading",
            ),
            html.P(
                [
                    html.Span([view.say("目标 ", "Target "), html.B(goal_words(view, target))]),
                    html.Span([view.say("期限 ", "Due "), html.B(month(target.due, view.lang))]),
                    mark(view, found.figure) if found.figure else None,
                ],
                className="facts",
            ),
            _bar(view, found),
            caution(view, found.figure) if found.figure else None,
            _chart(view, target),
            html.Blockquote(
                [
                    html.Span(clause.get("quote", ""), lang="zh"),
                    html.Cite(f"{clause.get('doc_no', '')} {clause.get('section', '')} · {target.clause}", lang="zh"),
                ]
            ),
        ],
        className=f"card target {found.status}",
    )


def render(view: View) -> list[Any]:
    """All targets of the policy pack, in its order."""
    targets = targets_of(view.sealed)
    if not targets:
        return [html.P(view.say("政策包没有写明目标。", "The policy pack names no targets."))]
    met = sum(standing(view, target).status == "met" for target in targets)
    return [
        html.Div(
            [
                html.H1(view.say("目标进度", "Targets")),
                html.P(
                    view.say(
                        f"{len(targets)} 项目标，{met} 项已达标。状态只看统计数、比较符和期限，不作预测；竖线是匀速进度应到的位置。",
                        f"{met} of {len(targets)} targets met. The status follows from value, comparator and due date alone; "
                        "nothing is forecast. The upright line marks where an even pace would stand.",
                    ),
                    className="note",
                ),
            ],
            className="title",
        ),
        html.Div([_card(view, target) for target in targets], className="target-grid"),
    ]


PAGE = Page("/targets", {"zh": "目标进度", "en": "Targets"}, render, order=3)
