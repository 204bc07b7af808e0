"""Pages as components: what they say, where their numbers lead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from dash import Dash, html
from dash.development.base_component import Component

from dashboards import causes, changes, overview, quality, targets, trace
from dashboards.app import app_over, chosen, pages, respond
from dashboards.data import Store
from dashboards.view import NotThere, View
from pipelines.intake.keys import KeyTrouble

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def nodes(content: Any, recorded: bool = True) -> Iterator[Any]:
    """Every component and text of a page; without ``recorded``, not what is quoted as it was written."""
    if isinstance(content, (list, tuple)):
        for part in content:
            yield from nodes(part, recorded)
    elif isinstance(content, Component):
        if recorded or getattr(content, "lang", "") != "zh":
            yield content
            yield from nodes(getattr(content, "children", None), recorded)
    elif content is not None:
        yield content


def words(content: Any) -> str:
    return "\n".join(str(node) for node in nodes(content) if not isinstance(node, Component))


def links(content: Any) -> list[str]:
    return [node.href for node in nodes(content) if isinstance(node, Component) and getattr(node, "href", None)]


def test_every_page_is_found_and_in_order() -> None:
    assert [page.path for page in pages() if page.order is not None] == ["/", "/causes", "/targets", "/quality"]
    assert {page.path for page in pages() if page.order is None} == {"/changes", "/trace"}


@pytest.mark.parametrize(
    ("path", "query", "name"),
    [
        ("/", {}, "2019-12/r2"),
        ("/", {"release": "2019-12/r1"}, "2019-12/r1"),
        ("/causes", {"release": "2018-03"}, "2018-03/r1"),
        ("/trace/2018-05/r1/poor_households/532822", {"release": "2019-12/r2"}, "2018-05/r1"),
    ],
)
def test_the_address_says_which_release(store: Store, path: str, query: dict[str, str], name: str) -> None:
    assert chosen(store, path, query).name == name


@pytest.mark.parametrize("name", ["2019-12/r9", "2031-01/r1", "../../etc"])
def test_a_release_that_is_not_sealed_is_not_opened(store: Store, name: str) -> None:
    with pytest.raises(NotThere):
        chosen(store, "/", {"release": name})


def test_overview_numbers_open_their_trace(view: View) -> None:
    found = links(overview.render(view))
    assert "/trace/2019-12/r2/poor_households/532822" in found
    assert "/trace/2019-12/r2/poor_households/532822101" in found
    assert "/trace/2019-12/r2/warned_households/532822/rule=self_paid" in found


def test_a_withheld_figure_is_never_shown_as_a_number(view: View) -> None:
    page = overview.render(view)
    card = next(
        node
        for node in nodes(page)
        if isinstance(node, Component) and "withheld" in (getattr(node, "className", "") or "")
    )
    assert "暂不发布" in words(card)
    assert "县住建局没有上报" in words(card)
    assert not re.search(r"(?m)^0$", words(card))


def test_a_lower_bound_says_so(view: View) -> None:
    assert "至少" in words(overview.render(view))


def test_the_change_is_against_the_month_before(view: View) -> None:
    assert "较上月 −20" in words(overview.render(view))


def test_the_trust_of_the_month_counts_what_is_withheld(view: View) -> None:
    text = words(quality.trust(view))
    assert "1 个统计数暂不发布" in text
    assert "县住建局 · 住房安全排查表 · 2019年12月 · 没有收到" in text


@pytest.mark.parametrize(("received", "is_late"), [("2020-01-15T23:00:00Z", False), ("2020-01-16T00:00:00Z", True)])
def test_late_is_after_the_day_it_was_due(received: str, is_late: bool) -> None:
    entry = {"period": "2019-12", "revision": 1, "received_at": received, "due": "2020-01-15"}
    assert bool(quality.late({"period": "2019-12", "inputs": [entry]})) is is_late


def test_causes_show_every_cause_with_its_share(view: View) -> None:
    found = links(causes.render(view))
    for cause in ("illness", "skill_shortage", "schooling"):
        assert f"/trace/2019-12/r2/poor_household_share/532822/cause={cause}" in found


def test_the_comparison_is_of_the_month_that_was_printed(view: View) -> None:
    printed = causes.printed_month(view)
    assert printed is not None
    assert printed.name == "2018-01/r1"
    assert "/trace/2018-01/r1/poor_households_printed/532822/cause=illness" in links(causes.render(view))


def changes_of(view: View) -> list[list[str]]:
    """The rows of the page's table of what changed, without its head."""
    [section] = [
        node for node in nodes(causes.render(view)) if "其间的变化" in words(node) and node.__class__ is html.Section
    ]
    return [[words(cell) for cell in row.children] for row in nodes(section) if isinstance(row, html.Tr)][1:]


def test_what_changed_adds_up_for_every_cause_and_counts_each_household_once(view: View) -> None:
    rows = changes_of(view)
    assert rows[0] == ["因病", "5", "0", "2", "1", "0", "4"]
    assert rows[-2] == ["不详", "2", "0", "1", "0", "0", "1"]
    assert rows[-1] == ["合计", "9", "2", "3", "3", "1", "8"]
    for before, left, to, since, came, now in ([int(cell) for cell in row[1:]] for row in rows):
        assert before - left - to + since + came == now


@pytest.mark.parametrize(
    ("query", "period"), [({}, "2018-12"), ({"since": "2019-03"}, "2019-03"), ({"since": "2031-01"}, "2018-01")]
)
def test_what_changed_is_told_since_the_month_asked_for_or_a_year_before(
    view: View, query: dict[str, str], period: str
) -> None:
    since = causes.since_month(replace(view, query=query))
    assert since is not None and since.period == period


def test_where_a_month_is_withheld_nothing_is_said_to_have_changed(view: View) -> None:
    assert "没有收到" in words(causes.render(replace(view, area="532822103")))


def test_causes_of_an_area_are_that_areas(view: View) -> None:
    found = links(causes.render(replace(view, area="532822102")))
    assert any(link.startswith("/trace/2019-12/r2/poor_persons/532822102/cause=illness") for link in found)


def target_row(view: View, name: str, area: str = "") -> dict[str, Any]:
    return next(row for row in view.sealed.targets if row["target"] == name and row["area"] == (area or view.area))


def target_card(view: View, name: str) -> Any:
    href = view.href(f"/targets/{name}")
    return next(
        node
        for node in nodes(targets.render(view))
        if "card target" in (getattr(node, "className", "") or "") and href in links(node)
    )


def test_a_target_shows_what_was_sealed_of_it(view: View) -> None:
    card = words(target_card(view, "trained"))
    assert "6,900" in card and "≥ 10,000 人次" in card and "县住建局" in card
    assert "进度正常" in card
    row = target_row(view, "trained")
    assert f"{row['needed_pace']:.2f}" in card and f"{row['actual_pace']:.2f}" in card


def test_a_target_past_its_day_is_shown_with_the_figure_of_that_day(view: View) -> None:
    found = links(target_card(view, "early"))
    assert "/trace/2018-06/r1/trained_person_times/532822" in found
    assert "期限已过，没有达到" in words(target_card(view, "early"))
    assert "预测" not in words(target_card(view, "early"))


def test_a_forecast_says_that_it_is_one_and_stands_in_its_own_box(view: View) -> None:
    row = target_row(view, "none_poor")
    box = targets.forecast_box(view, row)
    assert row["lower"] is not None
    assert "预测，不是统计数" in words(box) and "90% 区间" in words(box)
    rest = [node for node in nodes(target_card(view, "none_poor")) if getattr(node, "className", "") == "forecast"]
    assert [words(node) for node in rest] == [words(box)]


def test_a_withheld_target_is_unknown_and_never_on_track(view: View) -> None:
    card = target_card(view, "housed")
    assert "未知" in words(card) and "统计数暂不发布" in words(card)
    assert "进度正常" not in words(card)


def test_targets_come_by_status_and_one_status_can_be_chosen(view: View) -> None:
    marks = [
        node.className.split()[-1]
        for node in nodes(targets.render(view))
        if "card target" in (getattr(node, "className", "") or "")
    ]
    assert marks == sorted(marks, key=targets.ORDER.index) and len(marks) == 5
    only = targets.render(replace(view, query={"status": "unknown"}))
    shown = [node for node in nodes(only) if "card target" in (getattr(node, "className", "") or "")]
    assert [node.className for node in shown] == ["card target unknown"]


def test_a_target_without_an_indicator_is_listed_with_what_it_waits_for(view: View) -> None:
    assert "happiness" in words(targets.render(view))
    assert "尚无指标" in words(targets.render(view))


def test_one_target_has_its_clause_its_trend_and_the_areas_below(view: View) -> None:
    page = targets.render(replace(view, path="/targets/trained"))
    assert "累计培训1万人次" in words(page)
    with pytest.raises(NotThere):
        targets.render(replace(view, path="/targets/nothing"))


@pytest.mark.parametrize(
    ("goal", "comparator", "share"),
    [("10000", ">=", "0.69"), ("10000", "<=", None), ("0", "=", None), ("5", ">=", "1")],
)
def test_a_ceiling_has_no_progress_bar(goal: str, comparator: str, share: str | None) -> None:
    found = targets.share_of({"goal": Decimal(goal), "comparator": comparator}, Decimal(6900))
    assert found == (Decimal(share) if share else None)
    assert targets.share_of({"goal": Decimal(goal), "comparator": comparator}, None) is None


def test_corrections_show_old_and_new_with_the_submission(view: View) -> None:
    page = changes.render(view)
    text = words(page)
    assert "306" in text
    assert "304" in text
    assert "上报件 41" in text
    assert links(page)[:2] == [
        "/trace/2019-12/r1/poor_households/532822",
        "/trace/2019-12/r2/poor_households/532822",
    ]


def traced(view: View, figure_id: str, **query: str) -> list[Any]:
    return trace.render(replace(view, path=f"/trace/{figure_id}", query=query))


def test_a_trace_goes_down_to_cells_and_hash(view: View) -> None:
    text = words(traced(view, "2019-12/r2/poor_households/532822/cause=illness"))
    for part in (
        "户籍.csv",
        "工作表 户籍 · 第 12 行",
        "●●●",
        "ab" * 32,
        "45 条贡献明细相加 = 45",
        "累计培训1万人次",
        "随同一指标的条款",
    ):
        assert part in text


def test_a_trace_is_paged(view: View) -> None:
    page = traced(view, "2019-12/r2/poor_households/532822", offset="20")
    assert "第 21–40 条，共 45 条" in words(page)
    assert "/trace/2019-12/r2/poor_households/532822?offset=40" in links(page)


def test_a_share_leads_to_what_it_is_worked_out_from(view: View) -> None:
    found = links(traced(view, "2019-12/r2/poor_household_share/532822/cause=illness"))
    assert "/trace/2019-12/r2/poor_households/532822/cause=illness" in found
    assert "/trace/2019-12/r2/poor_households/532822" in found


def test_the_trace_of_a_withheld_figure_gives_no_sum(view: View) -> None:
    text = words(traced(view, "2019-12/r2/dangerous_houses_occupied/532822"))
    assert "县住建局没有上报" in text
    assert "贡献明细" not in text


@pytest.mark.parametrize(
    "path", ["/nothing", "/trace", "/trace/2019-12/r2/no_such/532822", "/trace/2019-12/r2/poor_households/1"]
)
def test_what_is_not_there_is_said_in_words(store: Store, path: str) -> None:
    assert "没有这一页" in words(respond(store, pages(), path, ""))


def test_a_trace_says_why_the_archive_cannot_be_opened(store: Store) -> None:
    def closed(figure: str, limit: int, offset: int) -> dict[str, Any]:
        raise KeyTrouble("钥匙不对")

    locked = replace(store, trace=closed)
    assert "钥匙不对" in words(respond(locked, pages(), "/trace/2019-12/r2/poor_households/532822", ""))


def test_an_installation_without_releases_says_what_to_do() -> None:
    nothing = Store(
        list,
        lambda period, revision: pytest.fail("opened"),
        lambda figure, limit, offset: {},
        lambda old, new, area: {},
    )
    assert "fangpin demo" in words(respond(nothing, pages(), "/", ""))


@pytest.mark.parametrize("path", ["/", "/causes", "/targets", "/quality", "/changes"])
def test_english_is_all_english_but_for_recorded_words(store: Store, path: str) -> None:
    page = respond(store, pages(), path, "?lang=en")
    names = ("甲镇", "乙镇", "丙乡", "防贫", "中文", "住房.csv")
    shown = [node for node in nodes(page, recorded=False) if isinstance(node, str)]
    assert [text for text in shown if CHINESE.search(text) and not any(name in text for name in names)] == []
    charts = [node.figure for node in nodes(page) if type(node).__name__ == "Graph"]
    assert not any(CHINESE.search(chart.layout.xaxis.title.text) for chart in charts)
    switch = next(node.href for node in nodes(page) if getattr(node, "id", None) == "language")
    assert [link for link in links(page) if "lang=en" not in link and link != switch] == []


def test_every_page_says_that_figures_are_withheld(store: Store) -> None:
    page = respond(store, pages(), "/causes", "")
    assert "4 个统计数暂不发布" in words(page)
    assert "暂不发布" not in words(respond(store, pages(), "/causes", "?release=2019-11/r1"))


def test_a_superseded_release_points_to_the_newer(store: Store) -> None:
    page = respond(store, pages(), "/", "?release=2019-12/r1")
    assert "已被 r2 更正，看新版" in words(page)
    assert "/?release=2019-12/r2" in links(page)


def test_the_app_asks_no_other_machine_for_anything(store: Store) -> None:
    app = app_over(store)
    assert isinstance(app, Dash)
    assert not re.search(r"""(src|href)=["'](https?:)?//""", app.server.test_client().get("/").get_data(as_text=True))
