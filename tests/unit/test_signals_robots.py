"""robots.txt as it is found: who is closed out of what, at which line."""

from __future__ import annotations

import pytest

from filters.signals.agents import builtin_agents, parse_agents
from filters.signals.combine import Signals
from filters.signals.model import Answer, Options, Reading, Recording
from filters.signals.patterns import matches, prefix_of
from filters.signals.robots import parse

OPTIONS = Options(builtin_agents().purposes())
SITE = "https://example.org"


def read(text: str, *, host: str = "example.org", named_only: bool = False) -> Reading:
    options = Options(OPTIONS.agents, named_only=named_only)
    return parse(Recording(f"https://{host}/robots.txt", "robots", text), options)


def answer(text: str, path: str) -> Answer:
    return Signals([read(text)]).answer(SITE + path).answer


NEWSPAPER = """\ufeff# All rights reserved
User-agent: *
Disallow: /search
Disallow: /*?print=
Allow: /

User-agent: GPTBot
User-agent: ClaudeBot
Disallow: /

User-agent: CCBot
Allow: /press/
Disallow: /

User-agent: ChatGPT-User
Disallow:

Sitemap: https://example.org/sitemap.xml
"""


@pytest.mark.parametrize("path", ["/", "/a", "/press/1", "/search?q=1", ""])
def test_a_path_closed_to_one_agent_is_closed(path: str) -> None:
    assert answer(NEWSPAPER, path) == "no"


def test_the_answer_names_its_lines_agents_and_recording() -> None:
    found = Signals([read(NEWSPAPER)]).answer(f"{SITE}/a")
    assert [each.where for each in found.because] == [
        "line 13 (ccbot)",
        "line 9 (claudebot)",
        "line 9 (gptbot)",
    ]
    assert {each.place for each in found.because} == {"example.org"}
    assert all(len(each.sha256) == 64 and each.version == "rfc9309" for each in found.because)


# RFC 9309 section 5.1 and 5.2: groups, the longest match, and what wins a tie
SIMPLE = """User-Agent: *
Disallow: *.gif$
Disallow: /example/
Allow: /publications/

User-Agent: GPTBot
Disallow:/
Allow:/example/page
Disallow:/example/page/disallowed.gif
"""


@pytest.mark.parametrize(
    ("text", "path", "wanted"),
    [
        (SIMPLE.replace("GPTBot", "foobot"), "/a.gif", "no"),
        (SIMPLE.replace("GPTBot", "foobot"), "/a.gif?b", "unknown"),
        (SIMPLE.replace("GPTBot", "foobot"), "/example/b", "no"),
        (SIMPLE.replace("GPTBot", "foobot"), "/publications/b", "unknown"),
        ("User-agent: GPTBot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif",
         "/example/page/disallowed.gif", "no"),
        ("User-agent: GPTBot\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif",
         "/example/page/x", "yes"),
        ("User-agent: GPTBot\nDisallow: /p\nAllow: /p", "/p", "yes"),  # the least strict of equals
        ("user-AGENT: gptbot\ndisallow: /p", "/p", "no"),
        ("User-agent: GPTBot/1.2\nDisallow: /p", "/p", "no"),
        ("User-agent: GPTBot\rDisallow: /p\r", "/p", "no"),
        ("User-agent: GPTBot\nDissallow: /p", "/p", "no"),
        ("User-agent: GPTBot # ours\n\n# why\n\nDisallow: /p # all", "/p/q", "no"),
        ("User-agent: GPTBot\nSitemap: /x\nCrawl-delay: 3\nUser-agent: CCBot\nDisallow: /p", "/p", "no"),
        ("User-agent: GPTBot\nDisallow: /a\nUser-agent: GPTBot\nDisallow: /p", "/p", "no"),  # merged
        ("User-agent: GPTBot\nDisallow: /%C3%A9/", "/é/x", "no"),
        ("User-agent: GPTBot\nDisallow: /é/", "/%c3%a9/x", "no"),
        ("User-agent: GPTBot\nDisallow: /a%2Fb", "/a/b", "unknown"),
        ("User-agent: GPTBot\nDisallow: /~x", "/%7Ex", "no"),
        ("User-agent: GPTBot\nDisallow: /p", "/P", "unknown"),  # paths have their case
        ("User-agent: bot\nDisallow: /", "/", "unknown"),
        ("User-agent: Googlebot\nDisallow: /", "/", "unknown"),  # a search engine
        ("User-agent: ChatGPT-User\nDisallow: /", "/", "unknown"),  # a person's errand, no training
        ("User-agent: *\nDisallow: /\nUser-agent: Googlebot\nAllow: /", "/", "no"),
        ("User-agent: GPTBot\nDisallow:", "/", "yes"),
        ("Disallow: /", "/", "unknown"),
        ("<html><head><title>Not found</title>", "/", "unknown"),
        ("", "/", "unknown"),
    ],
)  # fmt: skip
def test_rules(text: str, path: str, wanted: Answer) -> None:
    assert answer(text, path) == wanted


def test_an_agent_that_is_named_obeys_no_star() -> None:
    agents = "\n".join(f"User-agent: {each.token}" for each in builtin_agents().agents)
    text = f"User-agent: *\nDisallow: /\n\n{agents}\nAllow: /"
    assert answer(text, "/a") == "yes"


def test_named_only_leaves_the_star_out() -> None:
    assert read("User-agent: *\nDisallow: /", named_only=True).sets == ()
    assert read("User-agent: GPTBot\nDisallow: /", named_only=True).sets != ()


@pytest.mark.parametrize(
    ("url", "wanted"),
    [
        ("http://EXAMPLE.org:80/a", "no"),
        ("www.example.org/a", "no"),
        ("https://sub.example.org/a", "unknown"),
        ("https://example.org:8443/a", "unknown"),
        ("https://example.com/a", "unknown"),
        ("no place", "unknown"),
        ("", "unknown"),
    ],
)
def test_a_robots_txt_speaks_for_its_host_and_port(url: str, wanted: Answer) -> None:
    found = Signals([read("User-agent: GPTBot\nDisallow: /")])
    assert found.answer(url).answer == wanted


def test_what_is_malformed_is_told_with_its_line() -> None:
    reading = read(
        "what\nDisallow: /a\nUser-agent:\nUser-agent: GPTBot\nDisallow: a\nDisallow: https://example.org/b\n"
    )
    assert [each.where for each in reading.problems] == [
        "line 1",
        "line 3",
        "line 2",
        "line 5",
        "line 6",
    ]
    assert len(read("<p>\n" * 1000).problems) <= 20


def test_more_than_500_kib_are_not_read_and_told() -> None:
    reading = read("#" * (500 << 10) + "\nUser-agent: GPTBot\nDisallow: /")
    assert reading.sets == ()
    assert [each.where for each in reading.problems] == ["end"]


@pytest.mark.parametrize(
    ("pattern", "prefix", "whole"),
    [
        ("/", "/", True), ("*", "/", True), ("/*", "/", True), ("/a/", "/a/", True),
        ("/a/**", "/a/", True), ("/a", "/a", False), ("/a*", "/a", False), ("/é/", "/%C3%A9/", False),
    ],
)  # fmt: skip
def test_prefixes_that_say_the_same(pattern: str, prefix: str, *, whole: bool) -> None:
    assert prefix_of(pattern) == (prefix, whole)


@pytest.mark.parametrize(
    "pattern", ["/a$", "/*.pdf", "*.pdf$", "/a?b", "/a//b/", "/a/../b/", "/*/x/"]
)
def test_patterns_that_no_prefix_says(pattern: str) -> None:
    assert prefix_of(pattern) is None


def test_patterns_match_hostile_texts() -> None:
    assert matches("/\u2028\n", "/%E2%80%A8%0A")
    assert not matches("/a#b", "/a")
    assert not matches("*" * 2000 + "b", "/" + "a" * 2000)


def test_the_table_of_agents() -> None:
    table = builtin_agents()
    tokens = [each.token.lower() for each in table.agents]
    assert tokens == sorted(set(tokens))
    assert {each.purpose for each in table.agents} == {"train-ai", "ai-input"}
    own = parse_agents(
        b'{"version": "1", "agents": [{"token": "X", "operator": "Y", "purpose": "train-ai"}]}'
    )
    assert own.purposes() == {"x": "train-ai"}
    for raw in (b"", b"[]", b'{"version": "1", "agents": []}', b"\xff"):
        with pytest.raises(ValueError, match="a table of agents"):
            parse_agents(raw)
