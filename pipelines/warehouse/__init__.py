"""The candidate warehouse: what is bound into it before dbt runs, how dbt is called, how it is swapped in.

No statistics are computed here (dbt_project/ does) and nothing is published (release/ does).
"""

from pipelines.warehouse.bind import bound_submissions, prepare
from pipelines.warehouse.dbt import compiled_models, run_compiled, run_dbt, swap

__all__ = ["bound_submissions", "compiled_models", "prepare", "run_compiled", "run_dbt", "swap"]
