"""Laws of the prefilter and of the exact findings: what detect-secrets finds on every line, no less, no more."""

from __future__ import annotations

import base64
import re
import runpy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from re import _constants as op  # type: ignore[attr-defined]  # texts are drawn from the parse tree
from re import _parser  # type: ignore[attr-defined]  # the same
from typing import Any

import hypothesis.strategies as st
import pytest
from detect_secrets.filters import heuristic
from detect_secrets.plugins import keyword
from detect_secrets.util.filetype import determine_file_type
from hypothesis import given, settings

from filters.redact.database import Scanner, build, dump, expressions, fingerprint, load
from filters.redact.exact import _scanner as compiled
from filters.redact.exact import findings
from filters.redact.examples import spell
from filters.redact.linear import KEYWORDS, keyword_group, possessive
from filters.redact.plugin_examples import EXAMPLES
from filters.redact.prefilter import _INDEX, _places, find
from filters.redact.rules import every_rule, rules
from filters.redact.secrets.values import is_indirect_reference
from filters.redact.superset import fold, superset
from pipeline.rule_cache import cached_scanner
from tests.redactors import ready

Results = set[tuple[str, int, str]]

# One spelling of what plain detect-secrets does serves this file and the measurement.
REFERENCE = Path(__file__).parents[2] / "benchmarks" / "exact_plugins.py"
plain: Callable[[str, str], tuple[Results, Results]] = runpy.run_path(str(REFERENCE))["plain"]
NAMES = ("", "a.py", "a.yml", "a.go", "a.c", "a.cpp", "a.ini", "a.m", "swagger/yarn.lock")
# What equals an ASCII letter when case is ignored, and what may stand beside, in or after a value.
TRAPS = {"i": "\u0130\u0131I", "s": "\u017fS", "k": "\u212aK"}
NOISE = (*"\"'`\\;,=:()[]{}<>$ \t\r\x0b\x85\u2028é秘", "_id ", "id:", "f(x)", "secret", "=")
LAW = settings(deadline=None, max_examples=100)


def ours(text: str, filename: str, **options: Any) -> Results:
    return {(each.plugin, each.line, each.value) for each in findings(text, filename, **options)}


def tokens(rng: Random) -> str:
    """Draw a text that one of the plugins finds, or nearly."""
    row = rng.choice(list(EXAMPLES.values()))
    text, wanted = spell(rng.choice(row))
    return rng.choice((text, wanted, text.replace(" = ", rng.choice((":", " ", "=>", "  ")))))


def assignments(rng: Random) -> str:
    word = rng.choice(keyword.DENYLIST).replace("?", "")
    opening = rng.choice("\"'`")
    closing = rng.choice((opening, opening, opening, "'", ""))
    size = rng.choice((1, 2, 9, 24, 60))
    value = opening + "".join(rng.choices("aB3$,`.;-_0f", k=size)) + closing
    sign = rng.choice(("=", " = ", ": ", ":=", " == ", "!=", "=>", "(", "  ", "[3] = @"))
    name = rng.choice(("", "my_", "'")) + word + rng.choice(("", "_x", "']", '"', "secret"))
    return rng.choice((name + sign + value + rng.choice((";", ")", "")), value + sign + name))


def line(rng: Random) -> str:
    pieces = (rng.choice((tokens, assignments))(rng) for _ in range(rng.choice((1, 1, 2))))
    text = rng.choice(("", " ", "x", "id = ")).join(pieces)
    share = rng.choice((0, 0, 0.1, 0.4))
    text = "".join(
        rng.choice(TRAPS[c.lower()]) if c.lower() in TRAPS and rng.random() < share else c
        for c in text
    )
    for _ in range(rng.choice((0, 0, 1, 2))):
        place = rng.randrange(len(text) + 1)
        text = text[:place] + rng.choice(NOISE) + text[place + rng.choice((0, 0, 1)) :]
    return text


TEXTS = st.randoms(use_true_random=False).map(
    lambda rng: "\n".join(line(rng) for _ in range(rng.choice((1, 3, 8))))
)


@LAW
@given(TEXTS, st.sampled_from(NAMES))
def test_findings_are_what_the_plugins_find_on_every_line(text: str, filename: str) -> None:
    every, kept = plain(text, filename)
    assert ours(text, filename, filtered=False) == every
    assert ours(text, filename) == kept


@LAW
@given(TEXTS)
def test_the_engine_changes_no_finding(text: str) -> None:
    assert findings(text, engine="re") == findings(text)


@LAW
@given(TEXTS)
def test_the_engine_changes_no_span(text: str) -> None:
    assert find(both()[0], text) == find(both()[1], text)


@cache
def both() -> tuple[Scanner, Scanner]:
    """A share of the rules, with the prefilter and without."""
    table = rules("strict")[::13]
    return build(table), build(table, "re")


@LAW
@given(TEXTS)
def test_a_finding_holds_its_value(text: str) -> None:
    for each in findings(text, filtered=False):
        token = text[each.start : each.end]
        npm_runs_on = each.plugin == "NPM tokens"
        assert npm_runs_on or each.value.strip(' \t\r\n=:"').removeprefix("AccountKey=") in token
        assert text.count("\n", 0, each.start) == each.line - 1


@LAW
@given(TEXTS)
def test_strict_redacts_whatever_is_reported(text: str) -> None:
    spans = ready("strict").spans(text)
    for each in findings(text):
        covered = sum(
            max(0, min(span.end, each.end) - max(span.start, each.start)) for span in spans
        )
        # an escape at either end stays whole
        assert covered >= each.end - each.start - 10, each


@pytest.mark.parametrize("filename", NAMES)
def test_a_file_name_chooses_the_keyword_regexes_that_detect_secrets_would(filename: str) -> None:
    kind = determine_file_type(filename)
    theirs = keyword.REGEX_BY_FILETYPE.get(kind, keyword.QUOTES_REQUIRED_DENYLIST_REGEX_TO_GROUP)
    assert KEYWORDS[keyword_group(filename)] is theirs


@LAW
@given(TEXTS)
def test_the_linear_keyword_regexes_match_what_the_plugins_match(text: str) -> None:
    for table in KEYWORDS.values():
        for regex in table:
            theirs = [match.span() for match in regex.finditer(text.replace("\n", " "))]
            mine = possessive(regex).finditer(text.replace("\n", " "))
            assert [match.span() for match in mine] == theirs


@LAW
@given(TEXTS.map(lambda text: text[:60].replace("\n", "")))
def test_the_linear_reference_filter_judges_like_the_original(text: str) -> None:
    assert is_indirect_reference(text) == heuristic.is_indirect_reference(text)


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_a_superset_matches_inside_every_match(data: st.DataObject) -> None:
    rule = data.draw(st.sampled_from(every_rule()))
    regex = rule.trigger or rule.pattern
    text = data.draw(st.from_regex(re.compile(regex.pattern, regex.flags)))
    for match in regex.finditer(text):
        first = match[0].partition("\n")[0] if rule.reach else match[0]
        if "\n" in first or len(first) < len(match[0]):
            continue  # only what stands on one line is promised
        before = fold(text[: match.start()][-1:]).encode()[-1:]
        translated = superset(regex, in_context=not rule.cut)
        assert re.search(translated, before + fold(match[0]).encode()) is not None


def test_case_folding_reaches_no_further_than_the_translation_knows() -> None:
    others = "".join(map(chr, (*range(128, 0xD800), *range(0xE000, 0x110000))))
    assert "".join(re.findall("[a-z]", others, re.IGNORECASE)) == "\u0130\u0131\u017f\u212a"
    assert fold("\u0130\u0131\u017f\u212a") == "iisk"


def drawn(nodes: Any, rng: Random) -> bytes:
    """Draw bytes that a superset matches, given as the parse tree of it."""
    return b"".join(_drawn(kind, value, rng) for kind, value in nodes)


def _drawn(kind: Any, value: Any, rng: Random) -> bytes:
    if kind is op.LITERAL:
        return bytes((value,))
    if kind is op.SUBPATTERN:
        return drawn(value[3], rng)
    if kind is op.BRANCH:
        return drawn(rng.choice(value[1]), rng)
    if kind is op.MAX_REPEAT:
        times = rng.randint(value[0], min(value[1], value[0] + 2))
        return b"".join(drawn(value[2], rng) for _ in range(times))
    if kind is op.IN:
        ranges = [(v, v) if k is op.LITERAL else v for k, v in value]
        low, high = rng.choice(ranges)
        return bytes((rng.randint(low, high),))
    return b""


@pytest.mark.parametrize("table", ["strict", *KEYWORDS])
def test_the_engine_misses_no_match_wherever_it_stands(table: str) -> None:
    """Vectorscan 5.4.12 misses matches of some patterns that lie across a boundary of 16 bytes."""
    ready = cached_scanner("strict") if table == "strict" else compiled(table, "hyperscan")
    rng = Random(table)
    for index, spelled in enumerate(dict.fromkeys(expressions(ready.rules))):
        tree, plain_regex = _parser.parse(spelled.decode()), re.compile(spelled)
        for _ in range(12):
            filler = rng.choice((b" ", b"a", b'x(!"  ', b"0", b"-")) * 40
            text = filler[: rng.randrange(40)] + drawn(tree, rng) + b" and so on"
            if plain_regex.search(text) is not None:
                assert index in fired(ready, text), (ready.sharing[index], text)


def fired(ready: Scanner, data: bytes) -> set[int]:
    # the same bytes again, for what is no UTF-8 stands for what a superset may match beside text
    return {event & _INDEX for event in _places(ready.compiled, data)}


def test_lone_surrogates_pass() -> None:
    text = "\ud800 password = '" + "Kj9d-" * 4 + "' \udfff"
    assert [each.value for each in findings(text)] == ["Kj9d-" * 4]


def test_a_token_of_brackets_is_no_web_token() -> None:
    header = base64.urlsafe_b64encode(b'{"alg":"HS256"} ').decode().rstrip("=")
    nested = base64.urlsafe_b64encode(b"[" * 300_000).decode()
    assert findings(f"{header}.{nested}") == []


def test_a_database_is_dumped_and_loaded() -> None:
    table = rules("permissive")[:5]
    scanner = build(table)
    data = dump(scanner)
    text, _ = spell("x ghp_{an:36} sk_live_{an:24}")
    assert find(load(table, data), text) == find(scanner, text)
    assert dump(load(table, data)) == data
    for rows, bad in (
        (table[:-1], data),
        (table, b""),
        (table, data[:-1]),
        (table, data[:40] + b"?" * (len(data) - 40)),
        (table, dump(build(table, "re"))),
    ):
        with pytest.raises(ValueError, match=r"a database|a damaged database"):
            load(rows, bad)


def test_a_fingerprint_names_the_regexes() -> None:
    table = rules("permissive")[:50]
    assert fingerprint(table) == fingerprint(table) != fingerprint(table[1:])
    assert len(fingerprint(table)) == 64
    assert len(expressions(table)) == len(table)
