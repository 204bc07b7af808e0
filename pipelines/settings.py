"""Where things are: the operator's data folder and policy pack. No other module reads the environment for paths."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Settings:
    """One installation: its data folder and the policy pack that rules it."""

    home: Path
    policy: str = "menghai"
    policies: Path = PROJECT / "policies"
    landing_dir: Path | None = None

    @classmethod
    def load(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """Read FANGPIN_HOME (default ``data``), FANGPIN_POLICY (``menghai``) and FANGPIN_POLICIES (the shipped packs)."""
        return cls(
            home=Path(env.get("FANGPIN_HOME", "data")).resolve(),
            policy=env.get("FANGPIN_POLICY", "menghai"),
            policies=Path(env.get("FANGPIN_POLICIES", PROJECT / "policies")).resolve(),
        )

    @property
    def landing(self) -> Path:
        """Where the departments' files are dropped, a sub-folder per month."""
        return self.landing_dir or self.home / "landing"

    @property
    def archive(self) -> Path:
        return self.home / "archive"

    @property
    def raw(self) -> Path:
        return self.home / "raw"

    @property
    def ledger(self) -> Path:
        return self.home / "ledger.sqlite"

    @property
    def releases(self) -> Path:
        return self.home / "releases"

    @property
    def build(self) -> Path:
        """The folder of the candidate warehouse that a refresh builds before it is swapped in."""
        return self.home / "build"

    @property
    def candidate(self) -> Path:
        return self.build / "warehouse.duckdb"

    @property
    def warehouse(self) -> Path:
        return self.home / "warehouse.duckdb"

    @property
    def dagster_home(self) -> Path:
        return self.home / "dagster"

    @property
    def key_file(self) -> Path:
        return self.home / "key"

    @property
    def policy_dir(self) -> Path:
        return self.policies / self.policy
