"""``python -m pipelines.defs``: makes Dagster's folder of this installation if it is absent, and prints where it is."""

import click

from pipelines.defs.refresh import dagster_home
from pipelines.settings import Settings

click.echo(dagster_home(Settings.load()))
