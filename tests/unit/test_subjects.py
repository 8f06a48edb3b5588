"""Each spelling people write comes to one canonical form, and what is ambiguous is refused."""

from __future__ import annotations

import hashlib

import pytest

from filters.globs import glob_matches
from filters.subjects import (
    KINDS,
    Subject,
    SubjectError,
    canonical_domain,
    canonical_owner,
    canonical_repo,
    canonical_url,
    content_swhid,
    find_addresses,
    stored_subject,
    subject,
    text_subject,
)

KEY = bytes(range(32))
AT = "@"


@pytest.mark.parametrize(
    "text",
    [
        "owner/name",
        "Owner/Name.git",
        "github.com/owner/name",
        "www.github.com/owner/name/",
        "http://github.com//owner//name",
        "https://GitHub.com/Owner/Name.git/",
        "https://user:word@github.com:443/owner/name?tab=x#readme",
        "git@github.com:owner/name.git",
        "github.com:owner/name.git",
        "ssh://git@github.com:22/owner/name.git",
        "ssh://git@ssh.github.com:443/owner/name.git",
        "git://github.com/owner/name.git",
        "git+https://github.com/owner/name.git@v1.0#egg=name",
        "git+ssh://git@github.com/owner/name.git",
        "scm:git:git@github.com:owner/name.git",
        "github:owner/name",
        "https://github.com/owner/name/tree/main/docs",
        "owner/name/blob/main/a.py",
        "https://github.com/owner/name.wiki.git",
        "https://raw.githubusercontent.com/owner/name/main/a.py",
        "https://api.github.com/repos/owner/name/commits",
        "https://cdn.jsdelivr.net/gh/owner/name@1.2/dist/x.js",
        "https://github.com/owner/%6eame",
    ],
)
def test_every_spelling_of_a_repository_is_one(text: str) -> None:
    assert canonical_repo(text) == "github.com/owner/name"


@pytest.mark.parametrize(
    ("text", "repo"),
    [
        ("https://gitlab.com/Group/Sub/Project/-/blob/main/x", "gitlab.com/group/sub/project"),
        ("git@gitlab.example.org:g/sub/p.git", "gitlab.example.org/g/sub/p"),
        ("https://git.example.org:8443/O/n.git", "git.example.org/O/n"),
        ("ssh://git@git.example.org:2222/O/n", "git.example.org/O/n"),
        ("https://git.example.org/pub/scm/x.git/tree/a", "git.example.org/pub/scm/x"),
        ("bücher.example/o/n", "xn--bcher-kva.example/o/n"),
        ("https://codeberg.org/O/N/src/branch/main", "codeberg.org/o/n"),
        ("owner/name.js", "github.com/owner/name.js"),
    ],
)
def test_other_hosts_keep_what_matters_there(text: str, repo: str) -> None:
    assert canonical_repo(text) == repo


@pytest.mark.parametrize(
    "text",
    ["", " ", "x", "owner/*", "a/b/c", "/home/x/y", "../a/b", "https://github.com/owner",
     "git@host:owner/name", "https://", "owner/na me", "~u/.@", "a/..@v","https://github.com:99999/a/b",
     "\ud800/x", "owner/\ud800", "[::1", "https://[x]/a/b"],
)  # fmt: skip
def test_what_is_no_repository_is_an_error(text: str) -> None:
    with pytest.raises(SubjectError):
        canonical_repo(text)


@pytest.mark.parametrize(
    ("text", "url"),
    [
        ("HTTP://Ex%61mple.ORG:80/a/./b/../c%7e/%e2%82%ac/", "example.org/a/c~/%E2%82%AC"),
        ("example.org/%2e%2e/a%2fb", "example.org/a%2Fb"),
        ("//www.example.org/a?b=%41&c#d", "example.org/a?b=A&c"),
        ("https://straße.example/ü", "xn--strae-oqa.example/%C3%BC"),
        ("http://[0:0::1]:443/x", "[::1]/x"),
        ("ftp://example.org:2121/x y", "example.org:2121/x%20y"),
        ("https://example.org./", "example.org"),
        ("https://github.com/Own/Name/blob/main/A", "github.com/own/name/blob/main/A"),
    ],
)  # fmt: skip
def test_urls_are_normalised(text: str, url: str) -> None:
    assert canonical_url(text) == url


def test_owners_and_domains() -> None:
    for text in ("Owner", "@owner", "github.com/owner", "https://github.com/orgs/Owner/",
                 "https://gist.github.com/owner", "git@github.com:owner"):  # fmt: skip
        assert canonical_owner(text) == "github.com/owner"
    assert canonical_owner("https://gitlab.com/Group/sub") == "gitlab.com/group/sub"
    for text in ("owner/name", "https://github.com/owner/name", "owner/*", "https://github.com"):
        with pytest.raises(SubjectError):
            canonical_owner(text)
    assert canonical_domain("https://Example.ORG/") == "example.org"
    assert canonical_domain("*.example.co.uk") == "example.co.uk"
    for text in ("com", "co.uk", "a" + AT + "b.example", "example.org/x", "1.2.3", "localhost"):
        with pytest.raises(SubjectError):
            canonical_domain(text)


@pytest.mark.parametrize(
    ("kind", "text"),
    [("owner", "all"), ("owner", "ALL"), ("owner", "-all"), ("owner", "USERNAME"),
     ("repo", "owner/all"),
     ("repo", "owner/*"), ("repo", "<owner>/<repo>"), ("repo", "a/b c/d"), ("repo", "a/b, c/d"),
     ("owner", "https://github.com/USERNAME"), ("repo", "your-username/x"), ("owner", ""),
     ("domain", "*"), ("url", "all"), ("id", " "), ("id", "a\nb"), ("sha256", "abc"),
     ("swhid", "swh:1:cnt:12"), ("path", "*"), ("user", "x"), ("", "x"), ("author", "x")],
)  # fmt: skip
def test_ambiguous_and_empty_subjects_are_refused(kind: str, text: str) -> None:
    with pytest.raises(SubjectError):
        subject(kind, text, repo="o/n" if kind == "path" else "")


def test_a_full_url_says_that_a_strange_name_is_meant() -> None:
    meant = subject("repo", "https://github.com/owner/all")
    assert (
        stored_subject(meant.kind, meant.value) == meant == Subject("repo", "github.com/owner/all")
    )


def test_unknown_kinds_are_named_with_the_known_ones() -> None:
    with pytest.raises(SubjectError, match="repo, owner, origin, domain, url, id, sha256, swhid"):
        subject("rpeo", "a/b")
    assert set(KINDS) >= {"path", "author"}


def test_digests_and_swhids() -> None:
    raw = "é\n".encode()
    digest = hashlib.sha256(raw).hexdigest()
    assert subject("sha256", f" SHA256:{digest}".replace("SHA", "sha")).value == digest
    assert text_subject("e\u0301\n").value == digest
    # git hash-object of an empty file
    assert content_swhid(b"") == "swh:1:cnt:e69de29bb2d1d6434b8b29ae775ad8c2e48c5391"
    core = content_swhid(raw)
    assert subject("swhid", f"{core};origin=https://example.org/o/n;path=/a").value == core
    with pytest.raises(SubjectError):
        subject("swhid", f"{core};lines=1-2")


def test_an_address_is_kept_as_a_keyed_digest_alone() -> None:
    address = "Jo.Doe" + AT + "Example.ORG"
    one = subject("author", f"Jo Doe <{address}>", key=KEY)
    assert one == subject("author", address.lower(), key=KEY)
    assert one != subject("author", address, key=KEY[::-1])
    assert "jo" not in one.value
    assert stored_subject("author", one.value) == one
    for text, key in (
        (address, b""),
        (address, b"short"),
        (f"{address} {address}x", KEY),
        ("Jo", KEY),
    ):
        with pytest.raises(SubjectError):
            subject("author", text, key=key)
    with pytest.raises(SubjectError):
        stored_subject("author", address)
    assert find_addresses(f"A <a{AT}b.example>, C <c{AT}d.example>") == (
        "a" + AT + "b.example",
        "c" + AT + "d.example",
    )


@pytest.mark.parametrize(
    ("glob", "yes", "no"),
    [
        ("docs/*.md", "docs/a.md", "docs/sub/a.md"),
        ("docs", "docs/sub/a.md", "src/docs/a.md"),
        ("docs/", "docs/sub/a.md", "docs"),
        ("*.md", "a/b/c.md", "a/b/c.mdx"),
        ("README.md", "./README.md", "sub/README.md"),
        ("src/**/gen_*.py", "src/a/b/gen_x.py", "src/a/x.py"),
        ("src/**", "/src/a", "src"),
        ("a?[0-9][!x]", "ab1y", "ab1x"),
        ("x/[]]", "x/]", "x/["),
        ("x/[--0&&]", "x/&", "x/b"),
        ("a*b*c", "aXbXbXc", "aXbX"),
    ],
)
def test_path_patterns(glob: str, yes: str, no: str) -> None:
    value = subject("path", glob, repo="o/n").value
    assert glob_matches(value, yes)
    assert not glob_matches(value, no)
    assert subject("path", value, repo="o/n").value == value


def test_a_hostile_pattern_stays_fast() -> None:
    value = subject("path", "/".join(["**", "a*" * 40 + "b"] * 20), repo="o/n").value
    assert not glob_matches(value, "/".join(["a" * 200] * 200))


@pytest.mark.parametrize(
    "text", ["", "*", "**/*", "/", "!a", "a/../b", "a\\b", "[a", "[]", "[!]", "[z-a]x", "a\nb"]
)
def test_patterns_that_cover_all_or_do_not_parse_are_refused(text: str) -> None:
    with pytest.raises(SubjectError):
        subject("path", text, repo="o/n")
