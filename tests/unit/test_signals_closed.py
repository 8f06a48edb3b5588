"""Subjects are derived from a recording only where they say no more than it does."""

from __future__ import annotations

import json

import pytest

from filters.signals.agents import builtin_agents
from filters.signals.closed import Closed, closed
from filters.signals.model import Options, Recording
from filters.signals.vocabularies import DEFAULT, VOCABULARIES

OPTIONS = Options(builtin_agents().purposes())


def of(
    carrier: str, vocabulary: str, body: str = "", url: str = "https://example.org/", **more: object
) -> Closed:
    recording = Recording(url, carrier, body, **more)  # type: ignore[arg-type]  # a test's shorthand
    return closed(VOCABULARIES[vocabulary].parse(recording, OPTIONS))


def robots(rules: str, **more: str) -> Closed:
    return of("robots", "robots", f"User-agent: GPTBot\n{rules}", **more)


@pytest.mark.parametrize(
    ("rules", "values", "rest"),
    [
        ("Disallow: /", ["example.org"], []),
        ("Disallow: *", ["example.org"], []),
        ("Disallow: /a/\nDisallow: /b/*", ["example.org/a", "example.org/b"], []),
        ("Disallow: /a/\nDisallow: /a/b/", ["example.org/a"], []),
        ("Disallow: /a", ["example.org/a"], ["/a"]),  # /ab is closed, too
        ("Disallow: /a$", [], ["/a$"]),
        ("Disallow: /*.pdf$\nDisallow: /a/", ["example.org/a"], ["/*.pdf$"]),
        ("Disallow: /a?b", [], ["/a?b"]),
        ("Disallow: /\nAllow: /public/", [], ["/"]),
        ("Disallow: /\nAllow: /public/\nDisallow: /a/", ["example.org/a"], ["/"]),
        ("Disallow: /a/\nAllow: /*.html", [], ["/a/"]),
        ("Disallow: /a/\nAllow: /*", ["example.org/a"], []),  # shorter than /a/
        ("Disallow: /a/\nAllow: /ab/c/", ["example.org/a"], []),
        ("Disallow: /a/\nAllow: /a/", [], ["/a/"]),
        ("Disallow: /a/\nAllow: /", ["example.org/a"], []),
        ("Allow: /", [], []),
        ("Disallow:", [], []),
    ],
)
def test_prefixes_of_a_robots_txt(rules: str, values: list[str], rest: list[str]) -> None:
    found = robots(rules)
    assert [(each.kind, each.value) for each, _ in found.subjects] == [
        ("url", value) for value in values
    ]
    assert [each.pattern for each in found.rest] == rest


def test_a_host_is_closed_with_its_port_and_without_its_subdomains() -> None:
    assert (
        robots("Disallow: /", url="https://example.org:8443/robots.txt").subjects[0][0].value
        == "example.org:8443"
    )
    found = robots("Disallow: /", url="http://www.example.org/robots.txt").subjects[0][0]
    assert (found.kind, found.value) == ("url", "example.org")


def test_another_agents_exception_opens_nothing() -> None:
    text = "User-agent: CCBot\nDisallow: /\nAllow: /a/\n\nUser-agent: GPTBot\nDisallow: /"
    assert [each.value for each, _ in of("robots", "robots", text).subjects] == ["example.org"]


def test_the_order_of_a_tdmrep_file() -> None:
    rules = [("/a/*.jpg", 0), ("/a/", 1), ("/b/", 1)]
    first = json.dumps([{"location": at, "tdm-reservation": value} for at, value in rules])
    found = of("tdmrep", "tdmrep", first)
    assert [each.value for each, _ in found.subjects] == ["example.org/b"]
    assert [(each.pattern, each.signal.where) for each in found.rest] == [("/a/", "rule 2")]


PAGES = [
    ("https://example.org/a/b.html", "", [("url", "example.org/a/b.html")], 0),
    ("https://example.org/", "", [], 1),  # the home page's word is not the site's
    ("https://example.org/blog/post", "", [], 1),
    ("https://example.org/a.php?id=1", "", [], 1),
    ("https://example.org/", "<urn:uuid:1>", [("id", "<urn:uuid:1>")], 0),
]


@pytest.mark.parametrize(("url", "name", "subjects", "rest"), PAGES)
def test_pages(url: str, name: str, subjects: list[tuple[str, str]], rest: int) -> None:
    found = of("headers", "noai", url=url, headers=(("X-Robots-Tag", "noai"),), id=name)
    assert [(each.kind, each.value) for each, _ in found.subjects] == subjects
    assert len(found.rest) == rest


def test_only_the_purposes_that_are_asked_for() -> None:
    assert (
        of(
            "headers",
            "noai",
            url="https://example.org/a.jpg",
            headers=(("X-Robots-Tag", "noimageai"),),
        )
        == Closed()
    )
    assert of("robots", "robots", "User-agent: ChatGPT-User\nDisallow: /") == Closed()


def test_a_recording_of_no_place_closes_nothing_and_says_so() -> None:
    reading = DEFAULT["robots"].parse(
        Recording("no place", "robots", "User-agent: *\nDisallow: /"), OPTIONS
    )
    assert closed(reading) == Closed()
    assert [each.where for each in reading.problems] == ["url"]
