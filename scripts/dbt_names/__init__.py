"""What dbt's compiler knows and sqlfluff's Jinja does not: the adapter that sends a macro to DuckDB's version of it.

sqlfluff loads this module by its ``library_path``; the project's own code never imports it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context


class Adapter:
    """dbt's ``adapter``, as far as the project's macros use it."""

    @pass_context
    def dispatch(self, context: Context, macro: str) -> Callable[..., Any]:
        """The macro that DuckDB uses for ``macro``: ``duckdb__<macro>``."""
        chosen: Callable[..., Any] = context[f"duckdb__{macro}"]
        return chosen


adapter = Adapter()
execute = False
