"""更正: every figure that a later release of a month changed, old beside new, with the submission that changed it."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from dash import dcc, html

from dashboards.parts import MARKS, pager
from dashboards.view import Page, View

LIMIT = 50


def _value(view: View, row: Mapping[str, Any], side: str) -> str:
    status, value = row[f"{side}_status"], row[f"{side}_value"]
    if status is None:
        return view.say("没有", "None")
    if status != "published":
        return view.say(*MARKS[status])
    return view.value(row["indicator"], None if value is None else Decimal(str(value)))


def _link(view: View, row: Mapping[str, Any], side: str) -> Any:
    words = html.Span(_value(view, row, side), className="digits")
    figure_id = row[f"{side}_id"]
    return dcc.Link(words, href=view.trace_href(figure_id), className=f"num {side}") if figure_id else words


def _change(view: View, row: Mapping[str, Any]) -> html.Li:
    where = [view.area_name(row["area"]), view.part(row["indicator"], row["breakdown"])]
    origins = [
        " · ".join(
            [
                view.say(f"上报件 {entry['submission']}", f"Submission {entry['submission']}"),
                view.named("extracts", entry["extract"]),
                entry["file"],
            ]
        )
        for entry in row["submissions"]
    ]
    return html.Li(
        [
            html.Div(
                [html.B(view.title(row["indicator"])), html.Span(" · ".join(filter(None, where)))], className="what"
            ),
            html.Div(
                [
                    _link(view, row, "old"),
                    html.Span("→", className="to"),
                    _link(view, row, "new"),
                    html.Span(view.unit(row["indicator"]), className="unit"),
                ],
                className="values",
            ),
            html.Div([html.P(origin) for origin in origins], className="origins"),
        ]
    )


def render(view: View) -> list[Any]:
    """The figures that this release changed against the one before it."""
    changes, name = view.sealed.changes, view.sealed.name
    title = view.say(f"{name} 更正了哪些数", f"What {name} corrected")
    if not changes:
        return [
            html.Div(html.H1(title), className="title"),
            html.P(view.say("这一版没有更正任何统计数。", "This release corrects no figure.")),
        ]
    note = view.say(
        f"共 {len(changes):,} 个统计数。点原数或新数，各看各的来源。",
        f"{len(changes):,} figures. Open the old or the new value to see where each comes from.",
    )
    return [
        html.Div([html.H1(title), html.P(note, className="note")], className="title"),
        html.Section(
            [
                html.Ul(
                    [_change(view, row) for row in changes[view.offset : view.offset + LIMIT]], className="changes"
                ),
                pager(view, PAGE.path, view.offset, LIMIT, len(changes)),
            ],
            className="section",
        ),
    ]


PAGE = Page("/changes", {"zh": "更正", "en": "Corrections"}, render)
