"""Content-Usage, Content-Signal, TDMRep, ai.txt and noai as sites write them, well and badly."""

from __future__ import annotations

import json

import pytest

from filters.signals.agents import builtin_agents
from filters.signals.combine import Signals
from filters.signals.fields import dictionary
from filters.signals.html import LONGEST, read_head
from filters.signals.model import Answer, Options, Recording
from filters.signals.vocabularies import DEFAULT, VOCABULARIES, choose, read

OPTIONS = Options(builtin_agents().purposes())
EVERYTHING = frozenset({"train-ai", "tdm", "ai-input", "search", "train-image"})


def said(*recordings: Recording, by: str, url: str = "https://example.org/a") -> dict[str, Answer]:
    """Return the strictest answers by purpose of one vocabulary."""
    found = Signals(r for each in recordings for r in read(each, OPTIONS, choose([by])))
    purposes = sorted({each.purpose for each in found.signals(url)})
    return {each: found.answer(url, frozenset({each})).answer for each in purposes}


def robots(text: str) -> Recording:
    return Recording("https://example.org/robots.txt", "robots", text)


def headers(*pairs: tuple[str, str], url: str = "https://example.org/a") -> Recording:
    return Recording(url, "headers", headers=pairs)


def html(text: str) -> Recording:
    return Recording("https://example.org/a", "html", text)


def tdmrep(rules: object) -> Recording:
    body = rules if isinstance(rules, str) else json.dumps(rules)
    return Recording("https://example.org/.well-known/tdmrep.json", "tdmrep", body)


# RFC 9651, sections 3.2 and 4.2
@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("", {}),
        ("a=y, b=n", {"a": "y", "b": "n"}),
        ("  a=y ,\tb=n  ", {"a": "y", "b": "n"}),
        ("a=y, a=n", {"a": "n"}),
        ("a;x=1;y, b=?1, c", {"a": "", "b": "", "c": ""}),
        ("a=(x y);q=1.5", {"a": " x y "}),
        ('a="y \\" z", b=:aGk=:, c=@1659578233, d=-1.5, e=%"f%c3%bc", *=n',
         {"a": "", "b": "", "c": "", "d": "", "e": "", "*": "n"}),
        ("train-ai=n;exceptions=cc-cr", {"train-ai": "n"}),
    ],
)  # fmt: skip
def test_dictionaries(text: str, tokens: dict[str, str]) -> None:
    found = dictionary(text)
    assert found is not None
    assert {key: member.token for key, member in found.items()} == tokens


@pytest.mark.parametrize(
    "text",
    [
        "A=y",
        "a=y,",
        "a=y;",
        "a=",
        "a=y b=n",
        "a=é",
        'a="',
        "a=(x",
        "a=1.2345",
        "=y",
        ",a",
        "a=(xy",
        "a=1x",
    ],
)
def test_no_dictionaries(text: str) -> None:
    assert dictionary(text) is None


@pytest.mark.parametrize(
    ("draft", "text", "wanted"),
    [
        ("@08", "train-ai=n", {"train-ai": "no"}),
        (
            "@08",
            "train-ai=y, search=n, ai-use=n",
            {"ai-input": "no", "search": "no", "train-ai": "yes"},
        ),
        ("@06", "ai-use=n", {}),
        ("@03", "bots=n", {"search": "no", "train-ai": "no"}),
        ("@03", "bots=n, train-ai=y, train-genai=y", {"search": "no", "train-ai": "yes"}),
        ("@03", "train-ai=y, train-genai=n", {"train-ai": "no"}),
        ("@04", "bots=y, ai-output=n", {"ai-input": "no", "search": "no", "train-ai": "yes"}),
        ("@02", "all=n, search=y", {"ai-input": "no", "search": "yes", "train-ai": "no"}),
        (
            "@01",
            "tdm=y, genai=n",
            {"ai-input": "yes", "search": "yes", "tdm": "yes", "train-ai": "no"},
        ),
        ("@08", "bots=n, genai=n", {}),
        ("", "bots=n", {"ai-input": "no", "search": "no", "train-ai": "no"}),
        ("", "genai=n", {"train-ai": "no"}),
        ("", "train-ai=y", {"train-ai": "yes"}),
        ("", 'train-ai=y, train-ai, search=n, search="n"', {}),  # vocab-08 section 6.5.1
        ("", "train-ai;allow=n, train-ai=y", {"train-ai": "yes"}),
        ("", "Train-AI=n", {}),
        ("", "unheard-of=n", {}),
        ("", "train-ai=n;exceptions=cc-cr", {"train-ai": "no"}),
    ],
)
def test_content_usage_by_draft(draft: str, text: str, wanted: dict[str, Answer]) -> None:
    assert said(headers(("content-USAGE", text)), by=f"aipref{draft}") == wanted
    assert said(robots(f"User-agent: *\nContent-Usage: / {text}"), by=f"aipref{draft}") == wanted


def test_an_exception_counts_only_where_it_is_met() -> None:
    recording = headers(("Content-Usage", "train-ai=n;exceptions=cc-cr"))
    options = Options(OPTIONS.agents, met=frozenset({"cc-cr"}))
    assert (
        Signals(DEFAULT["aipref"].parse(recording, options) for _ in "1").signals(recording.url)
        == ()
    )


def test_several_headers_are_one_dictionary_and_a_broken_one_is_none() -> None:
    assert said(headers(("Content-Usage", "search=y"), ("content-usage", "train-ai=n")), by="aipref") == {
        "search": "yes", "train-ai": "no",
    }  # fmt: skip
    broken = headers(("Content-Usage", "train-ai=n"), ("Content-Usage", "SEARCH"))
    assert said(broken, by="aipref") == {}
    assert [each.where for each in DEFAULT["aipref"].parse(broken, OPTIONS).problems] == [
        "Content-Usage"
    ]


# the example of draft-ietf-aipref-attach-05 section 3.4
USAGE = """User-Agent: *
Allow: /
Disallow: /never/
Content-Usage: / train-ai=n
Content-Usage: /ai-ok/ train-ai=y
content-usage : /both train-ai=y
Content-Usage:/both train-ai=n
Content-Usage: /nothing/ unheard-of=n
"""


@pytest.mark.parametrize(
    ("path", "wanted"),
    [("test", "no"), ("ai-ok/test", "yes"), ("both", "no"), ("nothing/a", None)],
)
def test_content_usage_by_path(path: str, wanted: Answer | None) -> None:
    found = said(robots(USAGE), by="aipref", url=f"https://example.org/{path}")
    assert found.get("train-ai") == wanted


def test_content_usage_without_a_path_and_for_an_agent_of_its_own() -> None:
    text = "User-agent: *\nContent-Usage: train-ai=y\nUser-agent: GPTBot\nContent-Usage: train-ai=n"
    assert said(robots(text), by="aipref") == {"train-ai": "no"}
    assert said(robots("User-agent: *\nContent-Usage: *=n, train-ai=n"), by="aipref") == {
        "train-ai": "no"
    }


def test_content_usage_of_a_crawler_is_not_all_of_training() -> None:
    assert said(robots("User-agent: Bingbot\nContent-Usage: / train-ai=n"), by="aipref") == {}


def test_content_signal() -> None:
    text = "User-agent: *\nContent-signal: search=yes, ai-train=no, use=reference\nAllow: /"
    assert said(robots(text), by="content-signal") == {"search": "yes", "train-ai": "no"}
    broken = DEFAULT["content-signal"].parse(robots("User-agent: *\nContent-Signal: none"), OPTIONS)
    assert [each.where for each in broken.problems] == ["line 2"]


# the examples of the TDMRep report
FILES = [
    {"location": "/directory-a/", "tdm-reservation": 1},
    {
        "location": "/directory-b/html/",
        "tdm-reservation": 1,
        "tdm-policy": "https://provider.com/p.json",
    },
    {"location": "/directory-b/images/*.jpg", "tdm-reservation": 0},
]


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("directory-a/x.pdf", "no"), ("directory-b/html/", "no"), ("directory-b/images/a.jpg", "yes"),
        ("directory-b/images/a.png", None), ("", None), ("Directory-A/x", None),
    ],
)  # fmt: skip
def test_tdmrep_files(path: str, wanted: Answer | None) -> None:
    assert said(tdmrep(FILES), by="tdmrep", url=f"https://example.org/{path}").get("tdm") == wanted


def test_the_first_rule_of_a_tdmrep_file_that_matches_decides() -> None:
    open_first = [
        {"location": "/a/", "tdm-reservation": 0},
        {"location": "/", "tdm-reservation": 1},
    ]
    assert said(tdmrep(open_first), by="tdmrep", url="https://example.org/a/b") == {"tdm": "yes"}
    assert said(tdmrep(open_first[::-1]), by="tdmrep", url="https://example.org/a/b") == {
        "tdm": "no"
    }
    exact = [{"location": "/foo-%24", "tdm-reservation": 1}]
    assert said(tdmrep(exact), by="tdmrep", url="https://example.org/foo-$") == {"tdm": "no"}


@pytest.mark.parametrize(
    ("rules", "where"),
    [
        ("", ["file"]), ("{}", ["file"]), ("[[[", ["file"]), ('{"location": "/", "tdm-reservation": 1}', ["file"]),
        ([1, {"location": 1}, {"tdm-reservation": 1}], ["rule 1", "rule 2", "rule 3"]),
        ([{"location": "/", "tdm-reservation": x} for x in (2, "1", True)], ["rule 1", "rule 2", "rule 3"]),
        ([{"location": "/", "tdm-reservation": x} for x in (None, 1.0)], ["rule 1", "rule 2"]),
        ([{"location": "https://example.org/", "tdm-reservation": 1}], ["rule 1"]),
    ],
)  # fmt: skip
def test_a_malformed_tdmrep_file_is_unset_and_told(rules: object, where: list[str]) -> None:
    assert said(tdmrep(rules), by="tdmrep") == {}
    assert [
        each.where for each in DEFAULT["tdmrep"].parse(tdmrep(rules), OPTIONS).problems
    ] == where


@pytest.mark.parametrize(
    ("value", "wanted"),
    [("1", {"tdm": "no"}), (" 0 ", {"tdm": "yes"}), ("2", {}), ("", {}), ("1, 0", {})],
)
def test_tdmrep_of_a_page(value: str, wanted: dict[str, Answer]) -> None:
    tag = f"<html><head><META NAME='TDM-Reservation' content='{value}'></head><body>"
    assert said(headers(("TDM-Reservation", value)), by="tdmrep") == wanted
    assert said(html(tag), by="tdmrep") == wanted
    assert said(html(tag), by="tdmrep", url="https://example.org/a/b") == {}


def test_the_strictest_of_file_header_and_tag_wins() -> None:
    file = tdmrep([{"location": "/", "tdm-reservation": 1}])
    tag = html('<meta name="tdm-reservation" content="0">')
    assert said(file, tag, by="tdmrep") == {"tdm": "no"}
    assert said(tag, file, by="tdmrep") == {"tdm": "no"}


AI_TXT = """# Spawning AI
# Prevent datasets from using the following file types
User-Agent: *
Disallow: *.jpg
Disallow: *.txt
Allow: *.html
Disallow: /drafts/
Allow: /
"""


@pytest.mark.parametrize(
    ("path", "wanted"), [("a.txt", "no"), ("a.html", "yes"), ("a", "yes"), ("drafts/a.html", "no")]
)
def test_ai_txt(path: str, wanted: Answer) -> None:
    recording = Recording("https://example.org/ai.txt", "aitxt", AI_TXT)
    assert said(recording, by="aitxt", url=f"https://example.org/{path}") == {"train-ai": wanted}


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        ("noai, noimageai", {"train-ai": "no", "train-image": "no"}), ("NoAI", {"train-ai": "no"}),
        ("noindex, nofollow", {}), ("otherbot: noai", {"train-ai": "no"}), ("noimageai", {"train-image": "no"}),
        ("unavailable_after: 25 Jun 2010 15:00:00 PST, noai", {"train-ai": "no"}), ("noaiwhatever", {}), ("all", {}),
    ],
)  # fmt: skip
def test_noai(value: str, wanted: dict[str, Answer]) -> None:
    assert said(headers(("x-robots-tag", value)), by="noai") == wanted
    assert said(html(f'<head><meta name="robots" content="{value}">'), by="noai") == wanted


def test_tags_count_in_the_head_alone() -> None:
    text = '<title>a</title><script>"<meta name=robots content=noai>"</script><body><meta name="robots" content="noai">'
    assert said(html(text), by="noai") == {}
    assert said(html('<!-- <meta name="robots" content="noai"> --><p>'), by="noai") == {}
    assert said(html("<meta content=noai name=GPTBot>"), by="noai") == {"train-ai": "no"}


def test_a_head_that_is_too_long_is_told() -> None:
    assert read_head(" " * (129 << 10)).problems == (("end", "the head is longer than 128 KiB"),)
    assert read_head("<p>" * 5000).problems == (("end", "the head has more than 4096 tags"),)
    assert read_head("<head></head>" + " " * (129 << 10)).problems == ()


@pytest.mark.parametrize(
    ("text", "metas"),
    [
        ('<meta name="a" content="1">', [("a", "1", 1)]),
        ("\n<META\nCONTENT='x > y' NAME = A />", [("a", "x > y", 2)]),
        ("<meta name=a content=1><meta name=b>", [("a", "1", 1), ("b", "", 1)]),
        ('<meta name="a" name="b" content="&quot;&#49;">', [("a", '"1', 1)]),
        ('<link title="<meta name=a>"><meta name=c>', [("c", "", 1)]),
        ("<!-- <meta name=a> --><meta name=b>", [("b", "", 1)]),
        ("<!--><meta name=b>", [("b", "", 1)]),
        ("<title><meta name=a></TITLE><meta name=b>", [("b", "", 1)]),
        ("<metal name=a><meta charset=utf-8><meta", []),
        ("<![what[<meta name=b>", [("b", "", 1)]),
        ('<meta name="a', []),
    ],
)
def test_meta_tags(text: str, metas: list[tuple[str, str, int]]) -> None:
    assert list(read_head(text).metas) == metas


@pytest.mark.parametrize(
    "text", ["<a ", "<a x='", "<!--", "</", "<meta name=a content=", "<title>", "<"]
)
def test_heads_made_to_take_long_do_not(text: str) -> None:
    read_head(text * (LONGEST // len(text)))


def test_vocabularies_are_chosen_by_name_and_version() -> None:
    assert {each.name for each in choose([])} == set(DEFAULT)
    assert choose(["aipref@05"])[0].version == "05"
    assert choose(["robots", "robots"]) == (VOCABULARIES["robots"],)
    with pytest.raises(ValueError, match="unknown vocabulary 'c2pa'"):
        choose(["c2pa"])
