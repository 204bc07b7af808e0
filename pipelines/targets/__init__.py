"""Targets: where each stands, the pace that it needs and has, and what is likely to come of it by its day.

Figures are published; what is here is judged from them and sealed beside them in a table of its own, never among them. ``standing``
judges one target in exact arithmetic, ``forecast`` looks ahead and says how sure that is, ``table`` brings both to every target
and area of a release.
"""

from pipelines.targets.standing import LEVEL, NO_FORECAST, STATUS, WHY, Status, chance_words
from pipelines.targets.table import AT_LEAST, FIGURE_COLUMNS, History, Reading, Row

__all__ = [
    "AT_LEAST",
    "FIGURE_COLUMNS",
    "LEVEL",
    "NO_FORECAST",
    "STATUS",
    "WHY",
    "History",
    "Reading",
    "Row",
    "Status",
    "chance_words",
]
