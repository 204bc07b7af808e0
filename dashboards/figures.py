"""Charts as pure functions of points and words: no release, no language, no Dash."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from urllib.parse import quote

import plotly.graph_objects as go

from dashboards.data import Point
from pipelines.periods import months as month_span

INK, MUTED, RULE, ACCENT = "#1d2a33", "#56646f", "#dfe4e6", "#0e5a6b"
FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", system-ui, sans-serif'
PALETTE = ("#0e5a6b", "#c07a00", "#5b4b9a", "#3c8d5a", "#8c5a2b", "#2f7fc1", "#9b4f8e", "#6b7a12", "#6b7680")
TICKS = ((14, "M12"), (7, "M6"), (3, "M3"), (-1, "M1"))  # a series of more months than this is marked this often
DASHES = ("solid", "solid", "solid", "dash", "dash", "dash", "dot", "dot", "dot")


def sparkline(points: Sequence[Point], width: int = 160, height: int = 36) -> str:
    """A small line as a ``data:`` address of an SVG picture; a month without a value leaves a gap, the last value a dot."""
    known = [float(point.value) for point in points if point.value is not None]
    low, high = (min(known), max(known)) if known else (0.0, 0.0)
    spread, edge = (high - low) or 1.0, 4
    step = (width - 2 * edge) / max(len(points) - 1, 1)

    def place(index: int, value: Decimal) -> tuple[float, float]:
        part = (float(value) - low) / spread if high > low else 0.5
        return round(edge + index * step, 1), round(height - edge - part * (height - 2 * edge), 1)

    runs: list[list[tuple[float, float]]] = [[]]
    for index, point in enumerate(points):
        if point.value is None:
            runs.append([])
        else:
            runs[-1].append(place(index, point.value))
    runs = [run for run in runs if run]
    drawn = "".join(
        f'<polyline points="{" ".join(f"{x},{y}" for x, y in run)}" fill="none" stroke="{ACCENT}" stroke-width="1.6"'
        ' stroke-linejoin="round" stroke-linecap="round" vector-effect="non-scaling-stroke"/>'
        for run in runs
    )
    if runs and points[-1].value is not None:
        x, y = runs[-1][-1]
        drawn += (
            f'<path d="M{x},{y}h0" stroke="{ACCENT}" stroke-width="6" stroke-linecap="round"'
            ' vector-effect="non-scaling-stroke"/>'
        )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" preserveAspectRatio="none">{drawn}</svg>'
    return "data:image/svg+xml," + quote(svg)


def _styled(chart: go.Figure, height: int, x_title: str | None, y_title: str | None) -> go.Figure:
    axis = {"fixedrange": True, "gridcolor": RULE, "zeroline": False, "linecolor": RULE, "automargin": True}
    chart.update_layout(
        height=height,
        font={"family": FONT, "size": 13, "color": INK},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        dragmode=False,
        hovermode="closest",
        hoverlabel={"bgcolor": "#ffffff", "font": {"family": FONT, "size": 13, "color": INK}, "bordercolor": RULE},
        bargap=0.35,
        showlegend=False,
        xaxis={**axis, "title": {"text": x_title, "font": {"color": MUTED, "size": 12}}},
        yaxis={**axis, "title": {"text": y_title, "font": {"color": MUTED, "size": 12}}},
        separators=".,",
    )
    return chart


def key(chart: go.Figure) -> list[tuple[str, str, str]]:
    """(name, colour, dash) of the lines of a chart, for a legend in the page."""
    return [(line.name, line.line.color, line.line.dash or "solid") for line in chart.data]


def bars(labels: Sequence[str], values: Sequence[Decimal | None], shown: Sequence[str], x_title: str) -> go.Figure:
    """Horizontal bars from top to bottom in the order given, each with its value as text (``shown``)."""
    chart = go.Figure(
        go.Bar(
            x=[None if value is None else float(value) for value in values],
            y=list(labels),
            text=list(shown),
            textposition="outside",
            cliponaxis=False,
            orientation="h",
            marker={"color": ACCENT},
            hovertemplate="%{y}: %{text}<extra></extra>",
        )
    )
    known = [float(value) for value in values if value is not None]
    _styled(chart, 60 + 36 * len(labels), x_title, None)
    chart.update_yaxes(autorange="reversed", showgrid=False, ticksuffix=" ")
    chart.update_xaxes(range=[0, (max(known, default=0) or 1) * 1.18], rangemode="tozero")
    return chart


def lines(
    series: Sequence[tuple[str, Sequence[Point]]],
    formats: tuple[str, str],
    x_title: str,
    y_title: str,
    height: int = 440,
) -> go.Figure:
    """One line per named series over the months; gaps where a value is missing.

    ``formats`` writes a month and a year in d3's way; a long series has a tick for each year. The names stand in a legend
    beside the chart (``key``), which wraps on a phone as a chart's own does not.
    """
    chart = go.Figure()
    for index, (name, points) in enumerate(series):
        chart.add_scatter(
            x=[f"{point.period}-01" for point in points],
            y=[None if point.value is None else float(point.value) for point in points],
            name=name,
            mode="lines+markers" if len(points) < 3 else "lines",
            connectgaps=False,
            line={"width": 2, "color": PALETTE[index % len(PALETTE)], "dash": DASHES[index % len(DASHES)]},
            hovertemplate=f"{name} · %{{x|{formats[0]}}}: %{{y:,}}<extra></extra>",
        )
    _styled(chart, height, x_title, y_title)
    _ticks(chart, [point.period for _, points in series for point in points], formats)
    chart.update_yaxes(rangemode="tozero", tickformat=",")
    return chart


def _ticks(chart: go.Figure, periods: Sequence[str], formats: tuple[str, str]) -> None:
    """Marks as far apart as the months from the first to the last of ``periods`` leave room for."""
    shown = len(month_span(f"{min(periods)}:{max(periods)}")) if periods else 0
    step = next(step for longer_than, step in TICKS if shown > longer_than)
    chart.update_xaxes(
        dtick=step, tick0="2000-01-01", tickformat=formats[step == "M12"], showgrid=False, tickangle=0
    )  # fmt: skip


def against_target(
    points: Sequence[Point],
    target: Decimal,
    needed: Sequence[tuple[str, Decimal]],
    words: tuple[str, str, str, str],
    formats: tuple[str, str],
    x_title: str,
    y_title: str,
    ahead: tuple[tuple[str, Decimal], tuple[str, Decimal], tuple[Decimal, Decimal]] | None = None,
) -> go.Figure:
    """The published values of an indicator, its target as a level line, the pace that is needed, and what is forecast.

    ``words`` names the four lines: published, target, pace needed, forecast. ``needed`` is (period, value) from now to the due date;
    ``ahead`` is (period, value) now and at the due date with the two ends of its interval.
    """
    chart = lines([(words[0], points)], formats, x_title, y_title, height=300)
    months = [point.period for point in points] + [period for period, _ in needed]
    if months:
        chart.add_scatter(
            x=[f"{min(months)}-01", f"{max(months)}-01"],
            y=[float(target)] * 2,
            name=words[1],
            mode="lines",
            line={"width": 1.6, "color": PALETTE[1]},
            hovertemplate=f"{words[1]}: %{{y:,}}<extra></extra>",
        )
    _ticks(chart, months, formats)
    if needed:
        chart.add_scatter(
            x=[f"{period}-01" for period, _ in needed],
            y=[float(value) for _, value in needed],
            name=words[2],
            mode="lines",
            line={"width": 1.4, "color": MUTED, "dash": "dot"},
            hovertemplate=f"{words[2]} · %{{x|{formats[0]}}}: %{{y:,.0f}}<extra></extra>",
        )
    if ahead:
        (now, value), (due, central), (low, high) = ahead
        chart.add_scatter(
            x=[f"{now}-01", f"{due}-01"],
            y=[float(value), float(central)],
            error_y={
                "type": "data",
                "symmetric": False,
                "array": [0, float(high - central)],
                "arrayminus": [0, float(central - low)],
                "color": PALETTE[2],
                "thickness": 2,
                "width": 6,
            },
            name=words[3],
            mode="lines",
            line={"width": 2, "color": PALETTE[2], "dash": "dash"},
            hovertemplate=f"{words[3]} · %{{x|{formats[0]}}}: %{{y:,.2f}}<extra></extra>",
        )
    return chart
