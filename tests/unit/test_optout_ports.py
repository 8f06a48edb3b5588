"""A port is part of a URL's authority (RFC 3986 section 3.2): another one is another place, a default one is none."""

from __future__ import annotations

import pytest

from filters.document import Document
from filters.optout import Request, optout_filter
from filters.subject_keys import document_keys, subject_key
from filters.subjects import subject

PLAIN = "example.org/a"
OTHER = "example.org:8443/a"


def at(url: str = "", repo: str = "") -> Document:
    return Document(id="1", text="", sha256="", source="s", url=url, repo=repo)


def named(kind: str, text: str, document: Document) -> bool:
    """Ask the filter; what it names must have the subject's key, or a later request would pass it by."""
    asked = subject(kind, text)
    found = bool(optout_filter([Request("r", asked)]).match(document))
    assert not found or subject_key(asked) in document_keys(document)
    return found


@pytest.mark.parametrize(
    "authority",
    ["example.org", "example.org:443", "example.org:80", "example.org:", "EXAMPLE.org:0443"],
)
def test_a_default_port_is_no_port(authority: str) -> None:
    for scheme in ("https", "http"):
        assert named("url", PLAIN, at(f"{scheme}://{authority}/a/b"))
        assert not named("url", OTHER, at(f"{scheme}://{authority}/a/b"))
    assert named("url", f"https://{authority}/a", at("https://example.org/a"))


@pytest.mark.parametrize("url", ["https://example.org:8443/a/b", "//user@example.org:08443/a?q=1"])
def test_another_port_is_another_place_of_one_domain(url: str) -> None:
    assert not named("url", PLAIN, at(url))
    assert named("url", OTHER, at(url))
    assert named("url", "example.org:8443", at(url))
    assert not named("url", "example.org:844", at(url))
    assert named("domain", "example.org", at(url))


def test_without_a_scheme_a_port_is_one() -> None:
    assert named("url", OTHER, at("example.org:8443/a/b"))
    assert not named("url", PLAIN, at("example.org:8443/a/b"))
    assert named("url", "[2001:db8::1]:8443/a", at("https://[2001:DB8:0::1]:8443/a"))
    assert not named("url", "[2001:db8::1]/a", at("https://[2001:db8::1]:8443/a"))


def test_a_repository_and_its_owner_are_known_by_any_port() -> None:
    for port in ("", ":443", ":3000"):
        place = f"https://git.example.org{port}/o/n"
        for document in (
            at(place),
            at(repo=place),
            at(repo="ssh://git@git.example.org:22/o/n.git"),
        ):
            assert named("repo", place, document)
            assert named("repo", "git.example.org/o/n", document)
            assert named("owner", "https://git.example.org/o", document)
            assert named("domain", "git.example.org", document)


def test_a_request_for_one_port_does_not_cover_another() -> None:
    def covered(rule: str, asked: str) -> bool:
        return bool(
            optout_filter([Request("r", subject("url", rule))]).covering(subject("url", asked))
        )

    assert covered(PLAIN, "example.org:443/a/b")
    assert covered(OTHER, "example.org:8443/a/b")
    assert not covered(PLAIN, "example.org:8443/a/b")
    assert not covered(OTHER, "example.org/a/b")
