from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from pipelines.intake import ahead
from pipelines.intake.ahead import Received, Tools, in_order
from pipelines.intake.contract import Contract
from pipelines.policy import Pack
from tests.intake.conftest import csv_bytes, posts

KEY = b"a key of the tests"


@pytest.fixture
def tools(pack: Pack, contracts: dict[str, Contract]) -> Iterator[Tools]:
    yield Tools(pack, contracts, KEY)
    ahead.end()


def dies(tools: Tools, asking: int) -> int:
    """What kills another process that is asked, and answers here."""
    if os.getpid() != asking:
        os._exit(9)
    return 1


def test_many_files_are_read_elsewhere_with_the_answers_of_here_and_in_their_order(tools: Tools) -> None:
    files = [(n, (Received(csv_bytes(posts(n)), "表.csv", "2020-03", "public_post"),)) for n in range(1, 13)]
    here = list(in_order(tools, Tools.read, files, many=False))
    assert not ahead._pools
    elsewhere = list(in_order(tools, Tools.read, files, many=True))
    assert ahead._pools and [label for label, _ in elsewhere] == list(range(1, 13))
    for (_, (one, named)), (_, (other, named_too)) in zip(here, elsewhere, strict=True):
        assert one.accepted.equals(other.accepted) and one.quarantined.equals(other.quarantined)
        assert (one.findings, one.headers, one.skipped, named) == (
            other.findings,
            other.headers,
            other.skipped,
            named_too,
        )
        assert named


def test_what_another_process_did_not_live_to_answer_is_answered_here(tools: Tools) -> None:
    asked = [(n, (os.getpid(),)) for n in range(12)]
    assert list(in_order(tools, dies, asked, many=True)) == [(n, 1) for n in range(12)]
    assert not ahead._pools
