"""The benchmark of redaction: its spans are where they say, its set is reproducible, its arithmetic holds."""

import importlib
import random
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from types import ModuleType

import pytest

from tests.redactors import ready

Load = Callable[[str], ModuleType]

FOLDER = Path(__file__).parents[2] / "benchmarks"
SOURCES = [
    *sorted((FOLDER / "redaction_cases").glob("*.py")),
    *sorted((FOLDER / "redaction_rivals").glob("*.py")),
    *sorted(FOLDER.glob("redaction*.py")),
]


@pytest.fixture
def load(monkeypatch: pytest.MonkeyPatch) -> Load:
    monkeypatch.syspath_prepend(str(FOLDER))
    return importlib.import_module


def test_the_set_is_the_same_for_a_seed_and_differs_between_seeds(load: Load) -> None:
    build = load("redaction_cases.build").build
    once = build(5)
    random.seed(99)
    assert build(5) == once
    assert build(6) != once


def test_the_set_is_as_large_as_promised(load: Load) -> None:
    cases = load("redaction_cases.build").build(1)
    positive = [case for case in cases if case.labels]
    assert len(positive) >= 1500
    assert len(cases) - len(positive) >= 1500
    for half in ("a", "b"):
        assert sum(case.half == half for case in positive) > len(positive) / 3
    assert len(load("redaction_cases.providers").PROVIDERS) >= 90


def test_a_template_and_a_provider_stand_in_one_half_only(load: Load) -> None:
    halves: dict[str, set[str]] = {}
    for case in load("redaction_cases.build").build(1):
        names = [
            case.context,
            *(label.kind for label in case.labels if label.kind.startswith("token:")),
        ]
        for name in names:
            halves.setdefault(name, set()).add(case.half)
    assert {name for name, sides in halves.items() if len(sides) > 1} == set()


def test_labels_are_where_they_say(load: Load) -> None:
    for case in load("redaction_cases.build").build(1):
        for label in case.labels:
            value = case.text[label.start : label.end]
            assert value == value.strip()
            assert value
            before = case.text[max(0, label.start - 1) : label.start]
            if label.type == "EMAIL":
                assert value.count("@") == 1
            if label.type in {"IP", "CARD", "SSN"}:
                assert not before.isdigit()
            if label.kind.startswith("PEM: "):
                assert value.startswith("-----BEGIN ")
                assert value.endswith("-----")
        ordered = sorted(case.labels)
        assert all(one.end <= two.start for one, two in pairwise(ordered))


def test_no_filler_is_left_in_a_document(load: Load) -> None:
    for case in load("redaction_cases.build").build(1):
        assert not set("§¶⟨⟩") & set(case.text)


def test_numbers_pass_their_own_checks(load: Load) -> None:
    people, rng = load("redaction_cases.personal"), random.Random(3)
    assert people.luhn("7992739871") == "3"  # the example in ISO/IEC 7812-1 texts
    for _ in range(200):
        digits = [int(char) for char in people.card(rng).text if char.isdigit()]
        doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
        assert (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0
        iban = people.iban(rng).text.replace(" ", "")
        assert int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


def test_segwit_addresses_agree_with_the_standard(load: Load) -> None:
    people = load("redaction_cases.personal")
    # the checksum of an address is right when the polynomial over all of it gives the constant
    for lead, size, constant in (("bc", 32, 1), ("bc", 52, 0x2BC830A3)):
        text = people.bech32(random.Random(1), lead, size, constant)
        alphabet = load("redaction_cases.template").ALPHABETS["bech"]
        spread = [ord(char) >> 5 for char in lead] + [0] + [ord(char) & 31 for char in lead]
        data = [alphabet.index(char) for char in text[len(lead) + 1 :]]
        assert people._polymod([*spread, *data]) == constant


def test_no_source_of_the_benchmark_holds_a_token() -> None:
    redactor = ready("permissive")
    hit = {
        path.name: [span.rule for span in redactor.spans(path.read_text(encoding="utf-8"))]
        for path in SOURCES
    }
    assert {name: rules for name, rules in hit.items() if rules} == {}


def test_scores_of_a_case_made_by_hand(load: Load) -> None:
    score, case = load("redaction_score"), load("redaction_cases.case")
    labels = (case.Label(10, 30, "SECRET", "k"), case.Label(40, 60, "EMAIL", "k"))
    one = case.Case("x" * 80, labels, "c", "a", "g")
    clean = case.Case("y" * 20, (), "c", "a", "clean")
    found = [
        [
            score.Found(10, 20, "PRIVATE_KEY"),
            score.Found(20, 29, "SECRET"),
            score.Found(40, 45, "EMAIL"),
            score.Found(50, 52, "SECRET"),
            score.Found(12, 14, "IP"),
        ],
        [score.Found(0, 4, "SECRET")],
    ]
    figures = score.by_type([one, clean], found)
    assert figures["SECRET"] == score.Figures(labels=1, covered=1, touched=1, false=1)
    assert figures["SECRET"].precision == 0.5
    assert figures["SECRET"].recall == 1.0
    assert figures["EMAIL"] == score.Figures(labels=1, covered=0, touched=1, false=0)
    assert figures["EMAIL"].f1 == 0.0
    assert figures["IP"].false == 1
    assert score.clean_touched([one, clean], found) == (1, 1)


def test_cover_counts_overlapping_detections_once(load: Load) -> None:
    score, case = load("redaction_score"), load("redaction_cases.case")
    label = case.Label(100, 200, "SECRET", "k")
    overlapping = [score.Found(90, 150, "SECRET"), score.Found(120, 160, "SECRET")]
    assert score.cover(label, overlapping) == 0.6
    assert score.cover(label, [score.Found(0, 400, "EMAIL")]) == 0.0


def test_parse_check_knows_what_is_well_formed(load: Load) -> None:
    parses = load("parse_redacted").parses
    for suffix, good, bad in (
        (".py", "x = 1\n", "x = = 1\n"),
        (".json", '{"a": 1}', '{"a": \\1}'),
        (".yaml", "a: [1, 2]\n", "a: [1, 2\n"),
        (".toml", "a = 1\n", "a = \n"),
        (".xml", "<a>x</a>", "<a>x"),
    ):
        assert parses(suffix, good)
        assert not parses(suffix, bad)
