"""Laws of redaction: idempotent, exact prefilter, faithful offsets, code that still parses."""

from __future__ import annotations

import ast
import json
import sysconfig
from functools import cache
from pathlib import Path

import hypothesis.strategies as st
import pytest
from detect_secrets.filters import heuristic
from hypothesis import example, given, settings

from filters.redact.database import Scanner, build
from filters.redact.edits import Redaction
from filters.redact.prefilter import WINDOW, find
from filters.redact.replace import OUTPUT, placeholder
from filters.redact.rules import rules
from filters.redact.secrets.values import is_indirect_reference
from pipeline.rule_cache import cached_scanner
from tests.redactors import ready

ROOT = Path(sysconfig.get_path("purelib"))
# Parts of findings and of things that end them, put together at random; no finding as a literal.
PARTS = (
    "password", "Secret", "pa\u017f\u017fword", "api_Key", "pwd", "contraseña", "aws_", "key",
    " = ", ": ", "==", "=>", ":=", "'", '"', "`", ";", "\\n", "\\", "\n", " ", "(", ")", "[", "]",
    "{", "x", "Tr0ub4", "dor&3", "ghp_", "Ab3Cd4Ef5Gh6Ij7Kl8Mn9Op0Qr1St2Uv3Wx4", "AKIA",
    "QW3RT7YU1OP5AS9D", "glpat-", "sk_live_", "eyJhbGciOiJIUzI1NiJ9", ".", "eyJzdWIiOiI3In0",
    "https://", "u:", "@", "jane.roe", "acme-corp", ".com", ".org", "93.184.", "216.34",
    "2a02:26f0:", "6c00::210:ba1", "+1 ", "650 253 ", "0000", "phone", "tel ", "4539 5787",
    " 6362 1486", "DE89", "3704 0044 0532 0130 00", "-----BEGIN ", "RSA ", "PRIVATE KEY-----",
    "-----END ", "MIIEpAIBAAKCAQEA7bq1Zx8" * 2, "REDACTED_", "EMAIL", "IP", "SECRET", "é", "İ",
    "\u212a", "秘密", "😀", "\r", "\t", "\x0b", "\u2028", "//r.example/:_authToken=", "npm_", "SK",
    "0af1" * 8,
)  # fmt: skip
TEXTS = st.one_of(
    st.lists(st.sampled_from(PARTS), max_size=24).map("".join),
    st.lists(st.one_of(st.sampled_from(PARTS), st.text(max_size=4)), max_size=12).map("".join),
)
LEVELS = st.sampled_from(("permissive", "balanced", "strict"))
LAW = settings(deadline=None, max_examples=150)


@cache
def plain() -> Scanner:
    """Every rule looks at every line: what the prefilter must not change."""
    return build(rules("strict"), "re")


@cache
def sources(suffix: str, budget: int) -> tuple[tuple[str, str], ...]:
    """Return real files of the installed packages, up to `budget` characters."""
    texts = []
    for path in sorted(ROOT.rglob("*" + suffix), key=lambda path: (path.stem, str(path))):
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if not 100 < len(text) < 40_000:
            continue
        budget -= len(text)
        if budget < 0:
            break
        texts.append((str(path), text))
    return tuple(texts)


@LAW
@given(TEXTS, LEVELS)
def test_redacting_twice_is_redacting_once(text: str, level: str) -> None:
    redactor = ready(level)
    once = redactor.redact(text)
    assert redactor.redact(once.text) == Redaction(once.text)


@LAW
@given(TEXTS)
def test_edits_are_disjoint_and_rebuild_the_text(text: str) -> None:
    result = ready("strict").redact(text)
    old = new = 0
    for edit in result.edits:
        assert old <= edit.start < edit.end
        assert text[old : edit.start] == result.text[new : edit.new_start]
        put = result.text[edit.new_start : edit.new_end]
        assert put in (placeholder(edit.type), "0")
        assert OUTPUT.fullmatch(placeholder(edit.type))
        old, new = edit.end, edit.new_end
    assert text[old:] == result.text[new:]


@LAW
@given(TEXTS, st.data())
def test_offsets_survive_the_round_trip(text: str, data: st.DataObject) -> None:
    result = ready("strict").redact(text)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    there = result.forward(start, end)
    touched = any(e.start < end and start < e.end for e in result.edits)
    assert (there is None) == touched
    if there is not None:
        assert result.text[slice(*there)] == text[start:end]
        assert result.backward(*there) == (start, end)


@LAW
@given(TEXTS)
@example("password = 'x' " + "é" * WINDOW + " ghp_" + "Ab3Cd4Ef5Gh6Ij7Kl8Mn9Op0Qr1St2Uv3Wx4")
@example(("password: 'Tr0ub4dor&3' , " + "k" * 977) * 20)
def test_the_prefilter_changes_nothing(text: str) -> None:
    assert find(cached_scanner("strict"), text) == find(plain(), text)


@pytest.mark.parametrize(
    ("suffix", "budget"), [(".py", 40_000), (".md", 20_000), (".json", 20_000)]
)
def test_the_prefilter_changes_nothing_on_real_files(suffix: str, budget: int) -> None:
    for name, text in sources(suffix, budget):
        assert find(cached_scanner("strict"), text) == find(plain(), text), name


@LAW
@given(TEXTS.map(lambda text: text[:60]))
def test_the_linear_reference_filter_judges_like_the_original(line: str) -> None:
    assert is_indirect_reference(line) == heuristic.is_indirect_reference(line)


@pytest.mark.parametrize("level", ["balanced", "strict"])
def test_real_code_and_data_still_parse(level: str) -> None:
    redactor = ready(level)
    changed = 0
    for name, text in sources(".py", 3_000_000):
        result = redactor.redact(text)
        if result.edits and _parses(text):
            assert _parses(result.text), name
            changed += 1
    for name, text in sources(".json", 1_000_000):
        json.loads(redactor.redact(text).text), name
    assert changed > 0


def _parses(source: str) -> bool:
    try:
        ast.parse(source)
    except (SyntaxError, ValueError):
        return False
    return True


@LAW
@given(
    st.recursive(
        TEXTS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3)
    )
)
def test_json_still_parses(value: object) -> None:
    for text in (json.dumps(value), json.dumps(value, ensure_ascii=False, indent=1)):
        json.loads(ready("strict").redact(text).text)


@LAW
@given(st.lists(TEXTS, min_size=1, max_size=3))
def test_documents_do_not_influence_each_other(texts: list[str]) -> None:
    redactor = ready()
    alone = {text: redactor.redact(text) for text in texts}
    assert [redactor.redact(text) for text in reversed(texts)] == [
        alone[t] for t in reversed(texts)
    ]
