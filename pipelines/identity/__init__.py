"""Who is who: the lists of a release about persons and households, proposals for rows without a known id, and people's verdicts.

What is on the lists is computed by the models (int_identity); what an accepted proposal does to a build is in warehouse/naming.
"""

from pipelines.identity.lists import LISTS, entries, overview
from pipelines.identity.propose import propose
from pipelines.identity.verdict import IdentityError, decide, proposals

__all__ = ["LISTS", "IdentityError", "decide", "entries", "overview", "proposals", "propose"]
