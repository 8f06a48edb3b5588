"""E-mail addresses are found as people write them; logins, versions and code stay."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import hypothesis
import pytest

from filters.redact.database import Scanner, build
from filters.redact.personal.domains import domain_end, top_level
from filters.redact.personal.emails import email_rules
from filters.redact.prefilter import find
from filters.redact.redactor import merged
from filters.redact.replace import placeholder

# What IANA publishes, as a test dependency carries it
PUBLISHED = Path(hypothesis.__file__).parent / "vendor" / "tlds-alpha-by-domain.txt"
RULES = email_rules()
# A fifth of a megabyte; a regex that is not linear takes minutes.


@cache
def scanner() -> Scanner:
    return build(RULES)


def found(text: str) -> list[str]:
    return [text[s.start : s.end] for s in merged(find(scanner(), text), text)]


def cut(text: str) -> str:
    """Put the placeholder where the e-mail rules find something."""
    for span in reversed(merged(find(scanner(), text), text)):
        text = text[: span.start] + placeholder("EMAIL") + text[span.end :]
    return text


def mailbox(local: str = "jane.roe", host: str = "acme-corp.com") -> str:
    return local + "@" + host


@pytest.mark.parametrize(
    "template",
    [
        "%s", "<%s>", "mailto:%s", "Contact %s.", "'%s'", '"%s",', "a,%s;b", "연락: %s입니다",
        "https://x.org/?m=%s&b=1", "%s's", "(%s)", "[%s](x)", "%s: hi", "_%s_", "&lt;%s&gt;",
        "mailto%%3A%s", "联系%s谢谢", "user.email=%s", "to=<%s>, relay", "| %s |", "%s.Next",
    ],
)  # fmt: skip
def test_an_address_is_found_exactly(template: str) -> None:
    for address in (mailbox(), mailbox("a+b_c", "mail.co.uk"), mailbox("x1", "sub.uni-bonn.de")):
        assert found(template % address) == [address]


@pytest.mark.parametrize(
    "sign", ["%40", "&#64;", "&#x40;", "&commat;", "\\u0040", "\\@", "\uff20", " (at) ", "[at]"]
)
def test_the_sign_may_be_encoded(sign: str) -> None:
    address = sign.join(("jane.roe", "acme-corp.com"))
    assert found(f"write to {address} now") == [address]


def test_escapes_before_an_address_stay_so_that_json_parses() -> None:
    for raw in ("line\nA", "tab\tA", "é\rA", "\x00A", "back\\slash\\A", '"j d"A'):
        text = json.dumps({"x": raw[:-1] + mailbox()})
        assert json.loads(cut(text)) == {"x": raw[:-1] + "REDACTED_EMAIL"}


def test_neighbours_in_a_list_are_no_quoted_local_part() -> None:
    for value in ({"domain of ": mailbox("")}, ["a.", mailbox("")], {"-": "-", " x ": mailbox("")}):
        assert found(json.dumps(value)) == []


@pytest.mark.parametrize(
    ("local", "domain"),
    [("jörg.müller", "posteo.de"), ("anna", "büro-köln.de"), ("лена", "posteo.de"), ("用户", "例子.中国")],
)  # fmt: skip
def test_an_address_in_another_alphabet_goes_whole(local: str, domain: str) -> None:
    assert cut(f"see {mailbox(local, domain)} today") == "see REDACTED_EMAIL today"


def test_published_top_level_domains_are_known() -> None:
    lines = PUBLISHED.read_text("ascii").lower().splitlines()
    published = {line for line in lines if not line.startswith(("#", "xn--"))}
    assert len(published - top_level()) <= len(published) // 100  # new ones are delegated at times
    assert top_level().isdisjoint({"test", "example", "invalid", "localhost", "local", "internal"})


@pytest.mark.parametrize(
    ("run", "domain"),
    [
        ("acme.com", "acme.com"), ("acme.co.kr입니다", "acme.co.kr"), ("acme.com.Then", "acme.com"),
        ("acme.한국입니다", "acme.한국"), ("acme.xn--3e0b707e", "acme.xn--3e0b707e"),
        ("acme.comPhone", "acme.com"), ("acme.weight", ""), ("acme", ""),
    ],
)  # fmt: skip
def test_a_domain_ends_with_its_last_label(run: str, domain: str) -> None:
    assert run[: domain_end(run)] == domain


@pytest.mark.timeout(120)
def test_one_long_line_is_read_in_time() -> None:
    for piece in ("a.", "a@", "a@b.", '"a ', "x (at) ", "a at b dot ", "%40", "é@é.", "한@"):
        line = piece * (200_000 // len(piece))
        found(line)
