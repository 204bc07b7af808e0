"""What differs between two releases, figure by figure. Which submission changed it is in ``Release.changes`` of a revision."""

from __future__ import annotations

from typing import Any

from pipelines.release.read import Release

Key = tuple[str, str, str]


def diff(old: Release, new: Release) -> list[dict[str, Any]]:
    """Figures whose value or status differs, or that only one of the two has.

    Each is ``{indicator, title, breakdown, breakdown_title, area, area_name, old_value, new_value, old_status, new_status,
    old_shown, new_shown}``; ``…_shown`` is what a person reads: the value, 暂缓 (withheld) or 无 (there is no such figure).
    """
    before, after = _by_key(old), _by_key(new)
    found = []
    for key in dict.fromkeys([*after, *before]):
        was, now = before.get(key), after.get(key)
        if was and now and (was["value"], was["status"]) == (now["value"], now["status"]):
            continue
        release, figure = (new, now) if now else (old, was)
        assert figure is not None
        found.append(
            {key: figure[key] for key in ("indicator", "title", "breakdown", "area", "area_name")}
            | {"breakdown_title": release.breakdown_title(key[0], key[2])}
            | _side("old", was)
            | _side("new", now)
        )
    return found


def _by_key(release: Release) -> dict[Key, dict[str, Any]]:
    return {
        (f["indicator"], f["area"], "".join(f"{dim}={value}" for dim, value in f["breakdown"].items())): f
        for f in release.figures()
    }


def _side(when: str, figure: dict[str, Any] | None) -> dict[str, Any]:
    shown = "无" if figure is None else "暂缓" if figure["status"] != "published" else figure["value"]
    return {
        f"{when}_value": figure and figure["value"],
        f"{when}_status": figure and figure["status"],
        f"{when}_shown": shown,
    }
