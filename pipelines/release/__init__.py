"""Sealed releases: how one is written, and how one is read. A sealed folder is never changed.

A release holds all that its figures and their traces need, as Parquet and JSON whose bytes follow from the input alone.
"""

from pipelines.release.read import Release, ReleaseError, figure_key, list_releases, open_release
from pipelines.release.seal import Sealed, seal

__all__ = ["Release", "ReleaseError", "Sealed", "figure_key", "list_releases", "open_release", "seal"]
