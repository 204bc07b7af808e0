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
    key_path: Path | None = None
    role: str = "statistician"

    @classmethod
    def load(cls, env: Mapping[str, str] = os.environ) -> Settings:
        """Read FANGPIN_HOME (default ``data``), FANGPIN_POLICY (``menghai``), FANGPIN_POLICIES (the shipped packs), FANGPIN_KEY_FILE
        and FANGPIN_ROLE (``statistician``), who types the commands."""
        return cls(
            home=Path(env.get("FANGPIN_HOME", "data")).resolve(),
            policy=env.get("FANGPIN_POLICY", "menghai"),
            policies=Path(env.get("FANGPIN_POLICIES", PROJECT / "policies")).resolve(),
            key_path=Path(env["FANGPIN_KEY_FILE"]).resolve() if "FANGPIN_KEY_FILE" in env else None,
            role=env.get("FANGPIN_ROLE", "statistician"),
        )

    @property
    def landing(self) -> Path:
        """Where the departments' files are dropped, a sub-folder per month."""
        return self.landing_dir or self.home / "landing"

    @property
    def archive(self) -> Path:
        return self.home / "archive"

    @property
    def slips(self) -> Path:
        """What goes back to the departments. It shows their cells in the clear, as the files that they sent do."""
        return self.home / "slips"

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
        """Where the master key lies unless it is in the environment: FANGPIN_KEY_FILE, else inside the data folder."""
        return self.key_path or self.home / "key"

    @property
    def keyring(self) -> Path:
        """The key of the pseudonyms, wrapped under the master key."""
        return self.home / "keyring"

    @property
    def vault(self) -> Path:
        """Whom the pseudonyms stand for, encrypted."""
        return self.home / "vault.duckdb"

    @property
    def policy_dir(self) -> Path:
        return self.policies / self.policy
