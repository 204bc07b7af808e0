"""Personal data leave intake as keyed pseudonyms or masked, never in the clear, never guessed."""

from __future__ import annotations

import hmac
from pathlib import Path

import pytest

from pipelines.intake.keys import KeyTrouble, master_key, open_keys
from pipelines.intake.pseudonym import (
    Noting,
    Pseudonyms,
    check_digit,
    household_no,
    id_number,
    masked,
    person_name,
)
from pipelines.intake.refusal import Refusal
from pipelines.settings import Settings
from tests.intake.conftest import id_of

STANDARD = "11010519491231002X"  # the example printed in GB 11643-1999, whose check digit is X


def rule(answer: str | Refusal) -> str:
    return answer.rule if isinstance(answer, Refusal) else answer


def test_check_digit_of_the_standards_example() -> None:
    assert check_digit(STANDARD[:17]) == "X"


@pytest.mark.parametrize(
    "text",
    [
        STANDARD,
        STANDARD.lower(),
        " 110105 19491231 002X\t",
        "１１０１０５１９４９１２３１００２Ｘ",
        "'" + STANDARD,
        "110105491231002",
    ],
)
def test_one_id_in_all_its_writings(text: str) -> None:
    assert id_number(text) == STANDARD


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("110105194912310021", "id_check_digit"),
        ("110105194912310000", "id_lost_digits"),
        ("1.10105194912310e+17", "id_lost_digits"),
        ("1.10105E+17", "id_lost_digits"),
        ("110105194912310021.0", "id_lost_digits"),
        ("11010519491331002X", "id_malformed"),
        ("11010519491231002", "id_malformed"),
        ("X10105194912310021", "id_malformed"),
        ("不详", "id_malformed"),
    ],
)
def test_a_wrong_id_is_refused_by_name(text: str, expected: str) -> None:
    assert rule(id_number(text)) == expected


def test_households_and_names_have_one_form() -> None:
    assert household_no(" mh-０００１ ") == "MH-0001"
    assert rule(household_no("合计")) == "id_malformed"
    assert rule(household_no("5.32822e+15")) == "id_lost_digits"
    assert person_name("岩 • 测　试") == "岩·测试"


def test_pseudonyms_are_the_same_for_one_key_and_others_for_another() -> None:
    one, same, other = Pseudonyms(b"k" * 16), Pseudonyms(b"k" * 16), Pseudonyms(b"o" * 16)
    assert one.person(STANDARD) == same.person(STANDARD.lower()) != other.person(STANDARD)
    assert len({str(one.person(id_of(i))) for i in range(500)}) == 500
    for answer, kind in ((one.person(STANDARD), "P"), (one.household("0001"), "H"), (one.name("张测试"), "N")):
        assert isinstance(answer, str)
        assert answer[0] == kind and len(answer) == 17 and int(answer[1:], 16) >= 0


def test_pseudonyms_note_whom_they_were_asked_for() -> None:
    noting = Noting(Pseudonyms(b"k" * 16))
    person = noting.person(STANDARD)
    assert person == noting.person(STANDARD.lower()) == Pseudonyms(b"k" * 16).person(STANDARD)
    assert rule(noting.person("不详")) == "id_malformed"
    assert noting.named == {person: STANDARD}


def test_a_key_is_made_once_and_kept_from_others(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    keys = open_keys(settings, {})
    assert open_keys(settings, {}) == keys
    assert len(master_key(settings, {}).key) == 32
    for file in (settings.key_file, settings.keyring):
        assert file.stat().st_mode & 0o777 == 0o600


def test_a_key_from_the_environment(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path)
    assert master_key(settings, {"FANGPIN_KEY": "ab" * 16}).key == b"\xab" * 16
    assert master_key(settings, {"FANGPIN_KEY": "sixteen letters!"}).key == b"sixteen letters!"
    assert not (tmp_path / "key").exists()
    with pytest.raises(KeyTrouble):
        master_key(settings, {"FANGPIN_KEY": "fifteen letters"})


def test_masks() -> None:
    assert masked(STANDARD, "id_number") == "110105************"
    assert masked("张测试", "person_name") == "张**"
    assert masked("0001", "household_no") == "00**"
    assert masked("曼真村", "village") == "曼真村"
    assert masked(f"见{STANDARD}", "text") == "见110105************"


@pytest.mark.parametrize("size", [16, 64, 65])
def test_a_pseudonym_is_the_head_of_an_hmac(size: int) -> None:
    key = bytes(range(size))
    assert Pseudonyms(key).person(STANDARD) == "P" + hmac.digest(key, f"P:{STANDARD}".encode(), "sha256").hex()[:16]


def test_many_ids_together_are_judged_as_each_alone() -> None:
    births = ("19491231", "18500101", "18491231", "20000229", "19000229", "19491301", "00000000")
    ids = [f"{d}{check_digit(d)}" for b in births for i in range(100) for d in (f"110105{b}{i:03d}",)]
    odd = [f"{t[:17]}{'1X'[t[17] == '1']}" for t in ids[::7]]
    others = ["", STANDARD.lower(), STANDARD + "\n", "１" + STANDARD[1:], STANDARD[:15], STANDARD * 2, "不详"]
    together, alone = Pseudonyms(b"k" * 32), Pseudonyms(b"k" * 32)
    texts = [*ids, *odd, *others]
    assert together.of("P", texts) == {text: alone.person(text) for text in texts}
    assert together.normal == alone.normal
