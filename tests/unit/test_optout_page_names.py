"""What people type into the look-up page is named by its script as Python names it, over 500 spellings."""

from __future__ import annotations

from typing import Any

import pytest

from filters.request_tokens import Reading, token_subject
from filters.subjects import SubjectError, canonical_owner, canonical_repo, canonical_url
from filters.urls import stored_domain
from tests.page_script import needs_node, run_script

HOSTS = ["github.com", "GitHub.com", "www.github.com", "gitlab.com", "gitlab.gnome.org", "codeberg.org",
    "bitbucket.org", "git.example.org", "bücher.example", "gist.github.com", "sr.ht", "localhost",
    "xn--bcher-kva.example", "例え.jp", "example。org",
    "EXAMPLE.org.", "10.0.0.1", "[2001:DB8::0:1]", "nodot",
    "a..b", "-x.org", "ex%61mple.org", "straße.de", "ΣΊΣΥΦΟΣ.gr", "www.www.example.org", "999.1"]  # fmt: skip
SHAPES = ["{h}/Foo/Bar", "https://{h}/Foo/Bar", "http://{h}/Foo/Bar.git/", "git@{h}:Foo/Bar.git", "ssh://git@{h}/Foo/Bar",
    "ssh://git@{h}:22/Foo/Bar.git", "git+https://{h}/Foo/Bar@v1", "//{h}/Foo/Bar", "https://{h}/Foo",
    "https://{h}/Foo/Bar/tree/main/src", "https://{h}/Foo/Bar/-/blob/main/a.py",
    "https://{h}/Foo/Bar/Baz/Qux",
    "https://{h}:8080/Foo/Bar?x=1&y=%7e#frag", "https://{h}:443/a/./b/../c//d/", "{h}", "https://{h}/",
    "https://u:p@{h}/Foo/Bar",
    "https://{h}/Foo%2FBar/%e4%bd%a0 x", "https://{h}/users/Foo",
    "scm:git:https://{h}/Foo/Bar.wiki"]  # fmt: skip
ODD = ["Foo/Bar", "foo/bar.git", "Foo/Bar.js", "foo/bar/issues/3", "foo/bar/baz", "foo", "@foo", "foo/*",
    "github:foo/bar",
    "gh:foo/bar", "gist:foo/bar", "gitlab:Foo/Bar/Baz", "bitbucket:a/b",
    "raw.githubusercontent.com/Foo/Bar/main/x.py",
    "https://raw.githubusercontent.com/Foo/Bar/main/x.py", "https://api.github.com/repos/Foo/Bar/contents",
    "https://cdn.jsdelivr.net/gh/Foo/Bar@1/x",
    "https://media.githubusercontent.com/media/Foo/Bar/main/x",
    "https://codeload.github.com/Foo/Bar/zip/main", "https://gist.githubusercontent.com/Foo/abc/raw/x",
    "https://github.com/orgs/Foo", "https://github.com/orgs/Foo/people", "https://gitlab.com/groups/A/B",
    "*.example.org", ".example.org", "example.org", "example",
    "org", "https://example.org/a?b", "example.org/a b", "example.org:80", "example.org:99999",
    "example.org:080/x", "a@b/c", "foo bar", "", " ", "  foo/bar  ",
    "\u00a0foo/bar\u3000", "foo/bar\x01", "foo/bar\ud800", "https://example.org/\ud83d",
    "https://example.org/é", "https://example.org/e\u0301", "https://example.org/%zz%4",
    "https://example.org/%2E%2e/x", "http://[::1]/x", "http://[::ffff:1.2.3.4]/x", "http://[zz]/x",
    "http://1.2.3/x", "http://01.2.3.4/x", "foo/..", "foo/.", "../foo", "foo//bar",
    "foo/bar#readme", "foo/bar?tab=x", "localhost/foo/bar", "user@host:foo/bar", "host:foo/bar",
    "host.org:22/foo/bar", "https://", "https:///x", "http://a.b.c./d", "foo/b~r",
    "a_b.example.org", "x" * 64 + ".org", ".".join(["x" * 60] * 5), "https://example.org/a?b=1&c=2&&d",
    "https://example.org/?", "foo/bar.git.git", "foo/bar.wiki.git",
    "foo/bar.git@v2", "https://example.org/x.git/info", "ünï/cödé", "https://bücher.example/ü?ß=%C3%9f",
    "HTTPS://EXAMPLE.ORG/A", "mailto:x@example.org"]  # fmt: skip
TABLE = sorted({shape.format(h=host) for host in HOSTS for shape in SHAPES}) + ODD
PYTHON = {"canonicalRepo": canonical_repo, "canonicalOwner": canonical_owner, "canonicalUrl": canonical_url,
    "canonicalDomain": stored_domain}  # fmt: skip


def tried(function: Any, text: str) -> str | None:
    try:
        return str(function(text))
    except SubjectError:
        return None


@needs_node
@pytest.mark.parametrize("name", PYTHON)
def test_canonical_forms_are_those_of_python(name: str) -> None:
    found = run_script(f"given[0].map((each) => tried(() => {name}(each)))", TABLE)
    expected = [tried(PYTHON[name], each) for each in TABLE]
    wrong = [(t, e, f) for t, e, f in zip(TABLE, expected, found, strict=True) if e != f]
    assert len(TABLE) > 500
    assert wrong == []


@needs_node
def test_what_is_typed_is_read_as_a_request_reads_it() -> None:
    how = Reading("github.com")
    known = []
    for each in TABLE:
        try:
            known.append((each, token_subject(each.strip(), how)))
        except SubjectError:
            continue
    found = run_script(
        "given[0].map((each) => tried(() => reading(each)))", [each for each, _ in known]
    )
    assert len(known) > 250
    wrong = [
        (text, made, got)
        for (text, made), got in zip(known, found, strict=True)
        if made.kind != "author" and got != {"kind": made.kind, "value": made.value}
    ]
    assert wrong == []
