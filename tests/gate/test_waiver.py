"""A waiver is entered with its reason and the name of who answers for it, or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines.gate import WaiverError, waive
from pipelines.intake.ledger import Ledger, Waiver


def test_waiver_is_in_the_ledger(tmp_path: Path) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        waive(ledger, "r", None, "2020-03", " 已电话核实 ", "值班员", "2020-04-20T00:00:00Z")
        assert ledger.waivers() == [Waiver("r", None, "2020-03", "已电话核实", "值班员", "2020-04-20T00:00:00Z")]


@pytest.mark.parametrize(("reason", "waived_by"), [(" ", "值班员"), ("已电话核实", "")])
def test_waiver_without_reason_or_name_is_refused(tmp_path: Path, reason: str, waived_by: str) -> None:
    with Ledger(tmp_path / "ledger.sqlite") as ledger:
        with pytest.raises(WaiverError):
            waive(ledger, "r", None, "2020-03", reason, waived_by, "2020-04-20T00:00:00Z")
        assert ledger.waivers() == []
