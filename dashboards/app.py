"""The shell around the pages: address → release, language, page; header, month picker, navigation. No figure is shown here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any
from urllib.parse import parse_qsl, unquote

from dash import Dash, Input, Output, dcc, html

import dashboards
from dashboards.data import Sealed, Store
from dashboards.parts import menu, month_grid
from dashboards.text import Lang, month
from dashboards.view import NotThere, Page, View
from pipelines.intake.archive import ArchiveError
from pipelines.intake.keys import KeyTrouble
from pipelines.release import ReleaseError, list_releases, open_release
from pipelines.release.causes import changed
from pipelines.settings import Settings
from pipelines.trace import trace

INDEX = """<!DOCTYPE html>
<html lang="zh-CN">
<head>{%metas%}<title>{%title%}</title>{%favicon%}{%css%}</head>
<body>{%app_entry%}<footer>{%config%}{%scripts%}{%renderer%}</footer></body>
</html>"""

LANGUAGE_JS = """(search) => {
  document.documentElement.lang = new URLSearchParams(search).get("lang") === "en" ? "en" : "zh-CN";
  return window.dash_clientside.no_update;
}"""


def pages() -> list[Page]:
    """Every ``PAGE`` of a module in this package, in navigation order: a new page is one new file."""
    modules = [
        import_module(f"dashboards.{module.name}")
        for module in iter_modules(dashboards.__path__)
        if module.name != "app"
    ]
    found = [module.PAGE for module in modules if isinstance(getattr(module, "PAGE", None), Page)]
    return sorted(found, key=lambda page: (page.order is None, page.order or 0, page.path))


def store_of(settings: Settings) -> Store:
    """The sealed releases of an installation, read through ``pipelines.release`` and ``pipelines.trace`` only."""
    return Store(
        names=lambda: [(entry.period, entry.revision) for entry in list_releases(settings)],
        opener=lambda period, revision: open_release(settings, period, revision),
        trace=lambda figure_id, limit, offset: trace(settings, figure_id, limit, offset),
        moves=changed,
    )


def chosen(store: Store, path: str, query: Mapping[str, str]) -> Sealed:
    """The release that an address asks for: the one of a traced figure, the one named, else the newest of the newest month.

    Raises NotThere when it names one that is not sealed.
    """
    revisions = store.revisions()
    if not revisions:
        raise NotThere("empty")
    steps = path.strip("/").split("/")
    name = "/".join(steps[1:3]) if steps[0] == "trace" else query.get("release", "")
    period, _, revision = name.partition("/r")
    period = period or max(revisions)
    number = int(revision) if revision.isdecimal() else revisions.get(period, [0])[-1]
    if number not in revisions.get(period, []):
        raise NotThere(name)
    return store.open(period, number)


def respond(store: Store, known: list[Page], path: str, search: str) -> list[Any]:
    """The whole page for an address: header, page, footer. Anything that is not there is said in words."""
    query = dict(parse_qsl(search.lstrip("?")))
    path = unquote(path or "/")
    lang: Lang = "en" if query.get("lang") == "en" else "zh"
    try:
        sealed = chosen(store, path, query)
    except NotThere as missing:
        return [_nothing(lang, str(missing) == "empty")]
    area = query.get("area") or sealed.root
    view = View(store, sealed, lang, area if area in sealed.areas else sealed.root, path, query)
    page = next(
        (page for page in known if path == page.path or (page.path != "/" and path.startswith(page.path + "/"))), None
    )
    try:
        if page is None:
            raise NotThere(path)
        body = page.render(view)
    except (NotThere, ReleaseError):
        body = [_nothing(lang, False)]
    except (ArchiveError, KeyTrouble) as closed:
        body = [_closed(lang, str(closed))]
    return [
        _header(view, page, known),
        _notice(view),
        html.Main(body, className=f"page {page.path.strip('/') or 'overview'}" if page else "page"),
        _footer(view),
    ]


def _nothing(lang: Lang, empty: bool) -> html.Div:
    words = {
        ("zh", True): "还没有封存的发布版。先运行 fangpin refresh，或用 fangpin demo 造一个样本县。",
        ("en", True): "No release has been sealed yet. Run fangpin refresh, or fangpin demo for a sample county.",
        ("zh", False): "没有这一页、这一版或这个统计数。请核对网址。",
        ("en", False): "There is no such page, release or figure. Please check the address.",
    }[(lang, empty)]
    back = (
        None
        if empty
        else dcc.Link({"zh": "返回总览", "en": "Back to the overview"}[lang], href="/?lang=en" if lang == "en" else "/")
    )
    return html.Div([html.P(words), back], className="nothing")


def _closed(lang: Lang, why: str) -> html.Div:
    words = {"zh": "打不开存档的原始文件：", "en": "The archived original files cannot be opened:"}[lang]
    return html.Div([html.P(words), html.P(why, lang="zh")], className="nothing")


def _kept_path(view: View) -> str:
    """Where a change of release leads: the same page, but never a trace, which belongs to its own release."""
    return "/" if view.path.startswith("/trace") else view.path


def _months(view: View) -> html.Details:
    revisions = view.store.revisions()
    addresses = {
        period: view.href(_kept_path(view), release=f"{period}/r{numbers[-1]}") for period, numbers in revisions.items()
    }
    grid = month_grid(view, addresses, view.sealed.period)
    return menu(month(view.sealed.period, view.lang), grid, view.say("选择月份", "Choose a month"))


def _revisions(view: View) -> Any:
    numbers = view.store.revisions()[view.sealed.period]
    label = f"r{view.sealed.revision}"
    if len(numbers) == 1:
        return html.Span(label, className="only", title=view.say("本月只有这一版", "The only release of this month"))
    links = [
        dcc.Link(
            f"r{number}",
            href=view.href(_kept_path(view), release=f"{view.sealed.period}/r{number}"),
            className="here" if number == view.sealed.revision else "",
        )
        for number in numbers
    ]
    return menu(label, links, view.say("选择发布版", "Choose a release"))


def _header(view: View, here: Page | None, known: list[Page]) -> html.Header:
    other = "en" if view.lang == "zh" else "zh"
    kept = {key: value for key, value in view.query.items() if key in ("release", "offset")}
    switch = view.href(view.path, **{"release": "", **kept, "lang": other})
    return html.Header(
        [
            html.Div(
                [
                    dcc.Link(
                        [html.B("防贫"), html.Span(view.area_name(view.sealed.root))],
                        href=view.href("/", area=""),
                        className="brand",
                    ),
                    html.Div([_months(view), _revisions(view)], className="menus"),
                    dcc.Link("English" if other == "en" else "中文", href=switch, className="language", id="language"),
                ],
                className="bar-top",
            ),
            html.Nav(
                [
                    dcc.Link(page.title[view.lang], href=view.href(page.path), className="here" if page is here else "")
                    for page in known
                    if page.order is not None
                ],
                className="pages",
            ),
        ],
        className="head",
    )


def _notice(view: View) -> html.Div:
    """The badge of the release: its name, what it knew, what it corrects, what it withholds, whether a newer one replaces it."""
    sealed, manifest = view.sealed, view.sealed.release.manifest
    newest = view.store.revisions()[sealed.period][-1]
    as_of = str(manifest["as_of"])[:10]
    parts: list[Any] = [
        html.B(sealed.name),
        html.Span(view.say(f"数据截至 {as_of}", f"as known on {as_of}")),
    ]
    if sealed.revision > 1:
        count = len(sealed.changes)
        parts.append(
            dcc.Link(
                view.say(
                    f"比 r{sealed.revision - 1} 更正 {count:,} 个统计数",
                    f"{count:,} figures corrected since r{sealed.revision - 1}",
                ),
                href=view.href("/changes"),
            )
        )
    withheld = sealed.withheld
    if withheld:
        parts.append(
            dcc.Link(
                view.say(f"{withheld:,} 个统计数暂不发布", f"{withheld:,} figures withheld"),
                href=view.href("/quality"),
                className="alarm",
            )
        )
    if newest > sealed.revision:
        parts.append(
            dcc.Link(
                view.say(f"已被 r{newest} 更正，看新版", f"Corrected by r{newest}: open it"),
                href=view.href(_kept_path(view), release=f"{sealed.period}/r{newest}"),
                className="alarm",
            )
        )
    return html.Div(parts, className="badge")


def _footer(view: View) -> html.Footer:
    return html.Footer(
        view.say(
            "所有数字来自封存的发布版；点任何数字可看到它的源数据行。",
            "All numbers come from a sealed release; open any number to see its source rows.",
        ),
        className="foot",
    )


def app_over(store: Store) -> Dash:
    """The app over any store of releases."""
    app = Dash(
        "dashboards",
        title="防贫",
        update_title="",
        serve_locally=True,
        suppress_callback_exceptions=True,
        index_string=INDEX,
    )
    app.layout = html.Div(
        [dcc.Location(id="url", refresh="callback-nav"), html.Div(id="view"), html.Div(id="words", hidden=True)]
    )
    known = pages()

    @app.callback(Output("view", "children"), Input("url", "pathname"), Input("url", "search"))
    def show(path: str | None, search: str | None) -> list[Any]:
        return respond(store, known, path or "/", search or "")

    app.clientside_callback(  # type: ignore[no-untyped-call]  # dash does not type it
        LANGUAGE_JS, Output("words", "children"), Input("url", "search")
    )
    return app


def build_app(settings: Settings) -> Dash:
    """The dashboards over the sealed releases of an installation."""
    return app_over(store_of(settings))


def serve(settings: Settings, host: str = "127.0.0.1", port: int = 8050) -> None:
    """Serve the dashboards until interrupted."""
    build_app(settings).run(host=host, port=str(port), debug=False)
