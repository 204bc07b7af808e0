"""The sample county: people, shocks and departments that follow known laws, written as the departments' files.

Everything is drawn from a seed over the villages of a policy pack; what a document says is read from the pack's clauses.
"""

from pipelines.simulate.county import Simulated, simulate
from pipelines.simulate.laws import SimulationError

__all__ = ["Simulated", "SimulationError", "simulate"]
