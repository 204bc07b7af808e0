"""The command ``fangpin``: reads its arguments, calls one function of a room, prints. Nothing is computed here.

A module per group of commands; a new one is listed below; one that changes nothing is a ``Look``.
Exit codes: 0 done, 1 the data were refused (says what and where), 2 wrong usage, 3 the program failed.
"""

from __future__ import annotations

import sys

import click

from pipelines.cli import clauses, figures, gate, identity, intake, register, releases, replay, run, status, targets
from pipelines.cli.shared import Room


@click.group(cls=Room)
@click.version_option(package_name="fangpin")
def cli() -> None:
    """防贫: department files in, traced and sealed figures out."""


for command in (
    *(run.simulate, run.refresh, run.demo, run.serve),
    status.status,
    *(intake.slip, intake.keys, intake.contracts_group),
    *(figures.figures, figures.trace, figures.impact, figures.explain),
    *(register.history, register.causes, register.guarantees, register.line),
    replay.replay,
    clauses.clauses,
    targets.targets,
    gate.gate,
    identity.identity,
    releases.releases,
):
    cli.add_command(command)


def main() -> None:
    """Entry of the command line; turns what goes wrong into the exit codes that the module's sentence lists."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        sys.exit(stop.exit_code)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(130)
    except Exception as error:  # noqa: BLE001 the one place where anything left over becomes an exit code
        sys.exit(_explain(error))


def _explain(error: Exception) -> int:
    """Say what went wrong, briefly when it is the operator's to mend, whole when it is ours; the exit code."""
    from pipelines.gate import WaiverError
    from pipelines.indicators import IndicatorError
    from pipelines.intake.archive import ArchiveError
    from pipelines.intake.contract import ContractError
    from pipelines.intake.keys import KeyTrouble
    from pipelines.intake.vault import VaultError
    from pipelines.periods import MonthError
    from pipelines.policy import PolicyError
    from pipelines.release import ReleaseError
    from pipelines.simulate import SimulationError

    wrong_usage = (KeyTrouble, MonthError, ReleaseError, SimulationError, WaiverError)
    if isinstance(error, (PolicyError, ContractError, IndicatorError, ArchiveError, VaultError, *wrong_usage)):
        click.echo(str(error), err=True)
        return 2 if isinstance(error, wrong_usage) else 1
    import traceback

    traceback.print_exception(error)
    return 3
