"""The gate: for each figure, publish or withhold, and whom it waits for. Finding faults belongs in intake and expectations."""

from pipelines.gate.decision import UndeclaredError, decide
from pipelines.gate.waiver import WaiverError, waive

__all__ = ["UndeclaredError", "WaiverError", "decide", "waive"]
