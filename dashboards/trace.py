"""溯源: one figure down to its definition, clauses, contributions, and the rows, cells and hashes of the files behind them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from dash import html

from dashboards.data import Figure
from dashboards.parts import caution, mark, number_link, pager, section, table
from dashboards.text import exact, month
from dashboards.view import NotThere, Page, View
from pipelines.release import figure_key
from pipelines.trace import GROUNDS

LIMIT = 20
OPEN_FIRST = 1


def _evidence(view: View, row: Mapping[str, Any]) -> html.Div:
    empty = html.Span(view.say("空", "empty"), className="none")
    where = view.say(f"工作表 {row['sheet']} · 第 {row['row']} 行", f"sheet {row['sheet']} · row {row['row']}")
    return html.Div(
        [
            html.P(
                [
                    html.B(row["file"], className="file"),
                    html.Span(where, className="address"),
                    html.Span(
                        view.say(f"上报件 {row['submission']}", f"submission {row['submission']}"),
                        className="submission",
                    ),
                ],
                className="place",
            ),
            html.Dl(
                [html.Div([html.Dt(header), html.Dd(text or empty)]) for header, text in row["cells"].items()],
                className="cells",
                lang="zh",
            ),
            html.P(["sha256 ", html.Code(row["sha256"])], className="hash"),
        ],
        className="evidence",
    )


def _contribution(view: View, index: int, entry: Mapping[str, Any], sides: bool, unfold: bool) -> html.Details:
    evidence = entry["evidence"]
    where = view.say("没有源数据行", "no source row")
    if evidence:
        first = evidence[0]
        where = f"{first['file']} · " + view.say(f"第 {first['row']:,} 行", f"row {first['row']:,}")
    if len(evidence) > 1:
        where += view.say(f"，共 {len(evidence)} 行", f", {len(evidence)} rows in all")
    adds = exact(entry["numerator"])
    if sides:
        adds = f"{adds} / {exact(entry['denominator'])}"
    return html.Details(
        [
            html.Summary(
                [
                    html.Span(f"{index:,}", className="index"),
                    html.Code(str(entry["subject"]), className="subject"),
                    html.Span(where, className="where"),
                    html.B(adds, className="digits"),
                ]
            ),
            html.Div([_evidence(view, row) for row in evidence], className="evidences"),
        ],
        open=unfold,
        className="contribution",
    )


def _operands(view: View, operands: list[str]) -> html.Section:
    head = [view.say("统计数", "Figure"), view.say("数值", "Value")]
    rows = []
    for figure_id in operands:
        key = figure_key(figure_id)
        rows.append(
            [
                html.Span([view.title(key.indicator), html.Small(view.part(key.indicator, key.breakdown))]),
                number_link(view, view.sealed.figure(key.indicator, key.area, key.breakdown), unit=True),
            ]
        )
    return section(
        view.say("由哪些统计数算出", "Worked out from"),
        table(head, rows, head[0]),
        note=view.say("点数值继续往下查。", "Open a value to follow it further down."),
    )


def _clauses(view: View, traced: Mapping[str, Any]) -> html.Section:
    """The clauses, the one that the figure is published under first; a word on what names them where that is not the figure itself."""
    notes = [view.say(*GROUNDS[traced["ground"]])] if traced["ground"] in GROUNDS else []
    if traced["ground"] == "own" and traced["definition"].get("own"):
        notes.append(view.worded(traced["definition"]["own"]))
    return section(
        view.say("文件依据", "Clauses"),
        html.Ul(
            [
                html.Li(
                    html.Blockquote(
                        [
                            html.Span(clause.get("quote", ""), lang="zh"),
                            html.Cite(
                                f"{clause.get('doc_no', '')} {clause.get('section', '')} · {clause['id']}", lang="zh"
                            ),
                        ]
                    )
                )
                for clause in traced["clauses"]
            ],
            className="clauses",
        )
        if traced["clauses"]
        else None,
        note=view.say("：", ": ").join(notes),
    )


def _rule(view: View, rule: Mapping[str, Any]) -> str:
    """A risk rule as one line: measure, comparator, threshold with unit, and since when."""
    measure = rule["measure"]
    since = view.say(f"{rule['effective_from']} 起", f"since {rule['effective_from']}")
    limit = f"{rule['comparator']} {exact(rule['threshold'])} {view.worded(measure['unit'])}"
    return view.say(
        f"{view.worded(measure['title'])} {limit}（{since}）", f"{view.worded(measure['title'])} {limit} ({since})"
    )


def _settings(view: View, settings: Sequence[Mapping[str, Any]]) -> html.Ul:
    """The settings that the definition names: title, value with unit in force that month, clauses."""
    lines = []
    for setting in settings:
        title = view.worded(setting["title"]) if setting["title"] else setting["setting"]
        value = view.say("没有设定", "not set") if setting["value"] is None else f"{setting['value']} {setting['unit']}"
        lines.append(f"{title}: {value.strip()} · {' '.join(clause['id'] for clause in setting['clauses'])}")
    return html.Ul([html.Li(line) for line in lines])


def _definition(view: View, figure: Figure, traced: Mapping[str, Any]) -> html.Section:
    definition = traced["definition"]
    derived = definition.get("derived")
    formula = None
    if derived:
        scale = f" × {exact(derived['scale'])}" if derived.get("scale") not in (None, 1) else ""
        part = view.part(derived["numerator"], figure.breakdown)
        of = view.say(f"（{part}）", f" ({part})") if part else ""
        less = f" − {exact(derived['scale'])}" if derived.get("growth") else ""
        formula = f"{view.title(derived['numerator'])}{of} ÷ {view.title(derived['denominator'])}{scale}{less}"
    windows = {
        "plan": view.say("规划期开始以来累计", "Everything since the plan began"),
        "year_ago": view.say("上年同月", "The same month of the year before"),
        "month": view.say("当月", "The month itself"),
    }
    facts: list[tuple[str, Any]] = [
        (view.say("统计对象", "What is counted"), view.worded(definition.get("subject"))),
        (view.say("时间范围", "Months"), windows.get(str(definition.get("window")), "")),
        (view.say("预警规则", "Risk rule"), _rule(view, definition["rule"]) if definition.get("rule") else None),
        (view.say("参数", "Settings"), _settings(view, traced["settings"]) if traced.get("settings") else None),
        (view.say("算式", "Formula"), formula),
        (
            view.say("每个对象加进来的数", "What each adds"),
            definition.get("numerator") and html.Code(definition["numerator"]),
        ),
        (view.say("统计范围", "Who is in"), definition.get("population") and html.Code(definition["population"])),
        (view.say("统计数编号", "Figure id"), html.Code(figure.id)),
    ]
    return section(
        view.say("怎么定义", "How it is defined"),
        html.Dl([html.Div([html.Dt(name), html.Dd(fact)]) for name, fact in facts if fact], className="facts-list"),
    )


def _sum(view: View, figure: Figure, totals: Mapping[str, Any], derived: bool) -> html.P:
    count = int(totals["contributions"])
    if derived:
        ratio = f"{exact(totals['numerator'])} ÷ {exact(totals['denominator'])}"
        words = view.say(
            f"{count:,} 条贡献明细：{ratio} → {view.value(figure.indicator, figure.value)} {view.unit(figure.indicator)}",
            f"{count:,} contributions: {ratio} → {view.value(figure.indicator, figure.value)} {view.unit(figure.indicator)}",
        )
    else:
        words = view.say(
            f"{count:,} 条贡献明细相加 = {exact(totals['numerator'])}",
            f"{count:,} contributions add up to {exact(totals['numerator'])}",
        )
    if totals.get("source_rows") is not None:
        rows = int(totals["source_rows"])
        words += view.say(f"，取自 {rows:,} 个源数据行", f", from {rows:,} source rows")
    return html.P(words, className="sum")


def _contributions(view: View, figure: Figure, traced: Mapping[str, Any]) -> html.Section:
    totals, derived = traced["totals"], bool(traced["operands"])
    listed = int(totals["contributions"]) + int(totals.get("unknown") or 0)
    return section(
        view.say("由哪些行相加而得", "The rows that add up to it"),
        _sum(view, figure, totals, derived),
        html.Div(
            [
                _contribution(view, view.offset + index + 1, entry, derived, unfold=index < OPEN_FIRST)
                for index, entry in enumerate(traced["contributions"])
            ],
            className="contributions",
        ),
        pager(view, view.path, view.offset, LIMIT, listed, release=""),
        note=view.say(
            "每条是一个统计对象加进来的数和它的源数据行，点开看单元格原文；个人信息已遮盖。",
            "Each line is what one subject adds; open it for the cells as found. Personal cells are masked.",
        ),
    )


def page(view: View, figure: Figure, traced: Mapping[str, Any]) -> list[Any]:
    """The page of one figure, with the answer of ``pipelines.trace.trace`` for it.

    What a withheld figure would add up to is withheld with it.
    """
    where = [
        view.area_name(figure.area),
        month(figure.period, view.lang),
        view.part(figure.indicator, figure.breakdown),
    ]
    withheld = figure.mark in ("withheld", "suppressed")
    reading: list[Any] = [mark(view, figure)]
    if not withheld:
        reading = [
            html.Span(view.value(figure.indicator, figure.value), className="digits"),
            html.Span(view.unit(figure.indicator), className="unit"),
            mark(view, figure),
        ]
    return [
        html.Div(
            [
                html.P(" · ".join(filter(None, where)), className="eyebrow"),
                html.H1(view.title(figure.indicator)),
                html.P(reading, className="reading"),
                caution(view, figure),
            ],
            className="title figure-head",
        ),
        _definition(view, figure, traced),
        _operands(view, traced["operands"]) if traced["operands"] else None,
        _clauses(view, traced),
        None if withheld else _contributions(view, figure, traced),
    ]


def render(view: View) -> list[Any]:
    """Trace the figure that the address names. Raises NotThere when the release has no such figure."""
    figure_id = view.path.removeprefix(PAGE.path).strip("/")
    key = figure_key(figure_id)
    figure = view.sealed.figure(key.indicator, key.area, key.breakdown)
    if figure is None:
        raise NotThere(figure_id)
    return page(view, figure, view.store.trace(figure_id, LIMIT, view.offset))


PAGE = Page("/trace", {"zh": "溯源", "en": "Trace"}, render)
