"""What all pieces of a policy pack are made of: the frozen model, texts, days, months, titles."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticCustomError

Text = Annotated[str, Field(min_length=1)]
Month = Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
Comparator = Literal[">", ">=", "<", "<=", "="]
Language = Literal["zh", "en"]
Day: TypeAlias = date
OWN_FAULT = "policy"


class Part(BaseModel):
    """A piece of a pack: never changed once read, and without keys that nobody knows."""

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)


class Title(Part):
    """What people call something, Chinese first."""

    zh: Text
    en: Text


def covers(start: date | None, end: date | None, first: date, last: date) -> bool:
    """Whether what holds from ``start`` to ``end`` (open without) holds on any day from ``first`` to ``last``."""
    return (start is None or start <= last) and (end is None or first <= end)


def fault(what: str, mend: str) -> PydanticCustomError:
    """What a model raises when its fields do not go together: what is wrong and how to mend it, in Chinese."""
    return PydanticCustomError(OWN_FAULT, "{what}：{mend}", {"what": what, "mend": mend})
