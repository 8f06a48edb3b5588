"""A request drops what it names, in every field that can name it, and nothing else."""

from __future__ import annotations

import hashlib
import pickle

import pytest

from filters.document import KEEP, Document
from filters.optout import OptOutFilter, Request, optout_filter
from filters.subject_names import swhids_of
from filters.subjects import Subject, SubjectError, content_swhid, subject

KEY = bytes(range(32))
AT = "@"


def document(**fields: object) -> Document:
    given = {"id": "1", "text": "words\n", "source": "s", **fields}
    return Document(sha256=hashlib.sha256(str(given["text"]).encode()).hexdigest(), **given)  # type: ignore[arg-type]  # a test's shorthand


def one(kind: str, text: str, *, repo: str = "", key: bytes = b"") -> OptOutFilter:
    return optout_filter([Request("r-1", subject(kind, text, repo=repo, key=key))], key=key)


CASES = [
    ("id", "x-1", {"id": "x-1"}, {"id": "x-10"}),
    ("sha256", hashlib.sha256(b"words\n").hexdigest(), {}, {"text": "word\n"}),
    ("swhid", content_swhid(b"words\n"), {}, {"text": "word\n"}),
    (
        "swhid",
        "swh:1:rev:" + "ab" * 20,
        {"extra": {"revision_id": "AB" * 20}},
        {"extra": {"revision_id": 1}},
    ),
    (
        "swhid",
        "swh:1:rev:" + "ab" * 20,
        {"id": "swh:1:cnt:" + "0" * 40 + ";anchor=swh:1:rev:" + "ab" * 20},
        {},
    ),
    ("repo", "o/n", {"repo": "git@github.com:O/N.git"}, {"repo": "o/n2"}),
    (
        "repo",
        "o/n",
        {"url": "https://raw.githubusercontent.com/o/n/main/a"},
        {"url": "https://github.com/o/nn"},
    ),
    ("repo", "o/n", {"id": "swh:1:cnt:" + "0" * 40 + ";origin=https://github.com/o/n"}, {}),
    (
        "repo",
        "o/n",
        {"url": "https://user" + AT + "github.com:443/o/n#x"},
        {"url": "https://github.com" + AT + "x.org/o/n"},
    ),
    (
        "repo",
        "git.example.org/o/n",
        {"url": "http://git.example.org/o/n/about"},
        {"url": "http://git.example.org/o"},
    ),
    ("repo", "gitlab.com/g/p", {"repo": "gitlab.com/G/P"}, {"repo": "gitlab.com/g/p/q"}),
    ("owner", "o", {"repo": "o/any"}, {"repo": "oo/any"}),
    (
        "owner",
        "o",
        {"repo": "https://gist.github.com/o/1234"},
        {"repo": "https://gitlab.com/o/any"},
    ),
    ("owner", "o", {"url": "https://github.com/O"}, {"url": "https://github.community/o"}),
    ("owner", "gitlab.com/g/s", {"repo": "gitlab.com/g/s/t/p"}, {"repo": "gitlab.com/g/p"}),
    ("origin", "https://github.com/o/n", {"repo": "o/n"}, {"repo": "o/m"}),
    (
        "origin",
        "https://svn.example.org/p?x=1",
        {"url": "https://svn.example.org/p?x=1"},
        {"url": "https://svn.example.org/p"},
    ),
    (
        "domain",
        "example.org",
        {"url": "https://a.b.EXAMPLE.org:8080/x"},
        {"url": "https://badexample.org/"},
    ),
    (
        "domain",
        "example.org",
        {"repo": "https://git.example.org/o/n"},
        {"url": "https://example.org.evil.net/"},
    ),
    (
        "domain",
        "www.example.org",
        {"url": "http://example.org"},
        {"url": "http://blog.example.org"},
    ),
    (
        "domain",
        "bücher.example",
        {"url": "https://xn--bcher-kva.example/1"},
        {"url": "https://bucher.example"},
    ),
    (
        "url",
        "https://example.org/a",
        {"url": "http://www.example.org/a/b?c#d"},
        {"url": "http://example.org/ab"},
    ),
    (
        "url",
        "example.org/a%7eb/",
        {"url": "https://EXAMPLE.org/x/../a~b"},
        {"url": "https://example.org/A~b"},
    ),
    (
        "url",
        "example.org/a?x=1",
        {"url": "https://example.org/a?x=1&y=2"},
        {"url": "https://example.org/a?x=12"},
    ),
    ("url", "https://github.com/o/n", {"repo": "o/n"}, {"repo": "o/m"}),
    (
        "author",
        "Jo <jo" + AT + "example.org>",
        {"author": "JO" + AT + "Example.org, x"},
        {"author": "Jo"},
    ),
]


@pytest.mark.parametrize(("kind", "text", "hit", "miss"), CASES)
def test_a_subject_drops_what_it_names(
    kind: str, text: str, hit: dict[str, object], miss: dict[str, object]
) -> None:
    optout = one(kind, text, key=KEY if kind == "author" else b"")
    verdict = optout.judge(document(**hit))
    assert (verdict.keep, verdict.reason) == (False, kind)
    assert verdict.detail == {"request": "r-1", "copies": "near"}
    if miss:
        assert optout.judge(document(**miss)) is KEEP


def test_a_path_pattern_holds_in_its_repository_alone() -> None:
    optout = one("path", "docs/*.md", repo="o/n")
    assert optout.judge(document(repo="O/N", path="docs/a.md")).reason == "path"
    url = "https://github.com/o/n/blob/main/docs/a.md"
    assert optout.judge(document(url=url, path="docs/a.md")).reason == "path"
    for kept in (
        {"repo": "o/n", "path": "a.md"},
        {"repo": "o/m", "path": "docs/a.md"},
        {"repo": "o/n"},
    ):
        assert optout.judge(document(**kept)) is KEEP


@pytest.mark.parametrize(
    "bad",
    ["", " ", "://", "http://", "https://[", "http://a:b:c/", "x\x00y", "\ud800",
     "https://\ud800.org/\ud800", "%", "http://%zz/", "a" * 5000,
     "https://" + "a" * 300 + ".org", "git@", ":", "/", "?", "[::1]:x"],
)  # fmt: skip
def test_malformed_fields_match_nothing_and_never_raise(bad: str) -> None:
    requests = [
        Request(str(i), subject(kind, text, repo=repo, key=KEY))
        for i, (kind, text, repo) in enumerate(
            [
                ("repo", "o/n", ""),
                ("owner", "o", ""),
                ("url", "example.org/a", ""),
                ("domain", "example.org", ""),
                ("path", "a/*", "o/n"),
                ("author", "a" + AT + "b.org", ""),
                ("swhid", "swh:1:dir:" + "0" * 40, ""),
            ]
        )
    ]
    optout = optout_filter(requests, key=KEY)
    extra = {"swhid": 5, "revision_id": bad}
    assert optout.judge(document(repo=bad, url=bad, author=bad, path=bad, extra=extra)) is KEEP


def test_a_blob_id_is_that_of_git_or_the_stacks() -> None:
    """Beside a content's git id it is The Stack v2's SHA-1 of the bytes, which is no SWHID; alone it may be git's."""
    sha1, git_id = "ab" * 20, "cd" * 20
    stack = document(extra={"blob_id": sha1, "content_id": git_id})
    assert set(swhids_of(stack)) == {f"swh:1:cnt:{git_id}"}
    assert set(swhids_of(document(extra={"blob_id": sha1}))) == {f"swh:1:cnt:{sha1}"}
    optout = optout_filter([Request("r", subject("swhid", f"swh:1:cnt:{git_id}"))])
    assert not optout.judge(stack).keep
    assert optout.judge(document(extra={"blob_id": sha1})) is KEEP


def test_the_most_specific_subject_is_the_reason_and_the_furthest_copies_hold() -> None:
    optout = optout_filter(
        [
            Request("r-owner", subject("owner", "o"), "near"),
            Request("r-repo", subject("repo", "o/n"), "none"),
            Request("r-id", subject("id", "1"), "exact"),
        ]
    )
    verdict = optout.judge(document(repo="o/n"))
    assert verdict.reason == "id"
    assert verdict.detail == {"request": "r-id", "copies": "near", "also": ["r-owner", "r-repo"]}
    found = optout.match(document(repo="o/n"))
    assert [each.request for each in found] == ["r-id", "r-repo", "r-owner"]


def test_a_filter_is_a_value_that_travels() -> None:
    requests = [Request("r-1", subject("repo", "a/b")), Request("r-2", subject("domain", "x.org"))]
    optout = optout_filter(requests)
    again = pickle.loads(pickle.dumps(optout))
    assert again == optout == optout_filter(requests[::-1])
    assert hash(again) == hash(optout)
    assert again != optout_filter(requests[:1])
    assert not again.judge(document(repo="a/b")).keep
    assert optout_filter([]).judge(document(repo="a/b")) is KEEP


def test_authors_need_the_key_of_the_registry_and_it_is_never_shown() -> None:
    request = Request("r-1", subject("author", "a" + AT + "b.org", key=KEY))
    for key in (b"", KEY[::-1], b"short"):
        with pytest.raises(SubjectError):
            optout_filter([request], key=key)
    optout = optout_filter([request], key=KEY)
    assert repr(KEY) not in repr(optout)
    assert "b.org" not in repr(optout.judge(document(author="a" + AT + "b.org")))


def test_covering_says_which_requests_hold_for_a_subject() -> None:
    requests = [
        Request("r-1", subject("owner", "o")),
        Request("r-2", subject("path", "docs", repo="o/n")),
        Request("r-3", subject("domain", "example.org")),
        Request("r-4", subject("id", "x")),
    ]
    optout = optout_filter(requests)

    def covering(of: Subject) -> list[str]:
        return [each.request for each in optout.covering(of)]

    assert covering(subject("repo", "https://github.com/O/any")) == ["r-1"]
    assert covering(subject("owner", "@o")) == ["r-1"]
    assert covering(subject("path", "/docs", repo="o/n")) == ["r-2", "r-1"]
    assert covering(subject("path", "/docs", repo="p/n")) == []
    assert covering(subject("url", "https://blog.example.org/x")) == ["r-3"]
    assert covering(subject("domain", "a.example.org")) == ["r-3"]
    assert covering(subject("domain", "org.example")) == []
    assert covering(subject("id", "x")) == ["r-4"]
    assert covering(subject("sha256", "0" * 64)) == []


CONTENT = content_swhid(b"words\n")


@pytest.mark.parametrize(
    ("kind", "text", "hit", "miss"),
    [
        ("swhid", f"{CONTENT};origin=https://github.com/o/n", {"repo": "O/N"}, {"repo": "o/m"}),
        ("swhid", f"{CONTENT};origin=https://github.com/o/n", {"url": "https://github.com/o/n/blob/x/a"}, {}),
        ("swhid", f"{CONTENT};origin=https://github.com/o/n", {"id": f"{CONTENT};origin=https://github.com/o/n"}, {}),
        ("swhid", f"{CONTENT};path=/a/b%20c", {"path": "a/./b c"}, {"path": "a/b"}),
        ("swhid", f"{CONTENT};path=/a/b", {"id": f"{CONTENT};path=/a/b"}, {"path": "a/b/c"}),
        ("swhid", "swh:1:dir:" + "ab" * 20 + ";path=/a", {"extra": {"directory_id": "ab" * 20}, "path": "a/b"}, {}),
        ("swhid", "swh:1:rel:" + "ab" * 20, {"extra": {"release_id": "ab" * 20}},
         {"extra": {"revision_id": "ab" * 20}}),
        ("sha1_git", CONTENT[-40:], {}, {"text": "word\n"}),
        ("normalised", hashlib.sha256(b"words").hexdigest(), {"text": "WORDS!"}, {"text": "word s"}),
        ("domain", "someone.github.io", {"url": "https://someone.github.io/x"}, {"url": "https://else.github.io/x"}),
        ("repo", "o/n.js", {"url": "https://github.com/O/N.js/blob/main/.x/../y"}, {"url": "https://github.com/o/n.jsx"}),
        ("url", "github.com/o/n/blob/main/a", {"url": "https://github.com/O/n/blob/main/a/b"},
         {"url": "https://github.com/o/n/blob/main/A"}),
        ("url", "github.com/o/n?x=1", {"url": "https://github.com/o/n?x=1&y/z"}, {"url": "https://github.com/o/n/?x=12"}),
        ("repo", "gitlab.com/g/s/p", {"url": "https://gitlab.com/G/S/P/-/blob/x"}, {"url": "https://gitlab.com/g/s/p/q"}),
        ("repo", "gitlab.com/g/s/p", {"url": "https://gitlab.com/G/S/P.git/info"}, {"url": "https://gitlab.com/g/s"}),
        ("repo", "git.example.org/o/n", {"url": "https://git.example.org:8443/o/n.git"}, {"url": "https://git.example.org/o//m"}),
        ("owner", "o", {"url": "https://gist.githubusercontent.com/o/12/raw"}, {"url": "https://gist.github.com/p/12"}),
    ],
)  # fmt: skip
def test_contents_and_places_of_other_forms(
    kind: str, text: str, hit: dict[str, object], miss: dict[str, object]
) -> None:
    optout = one(kind, text)
    assert optout.judge(document(**hit)).detail["request"] == "r-1"
    if miss or kind == "swhid":
        assert optout.judge(document(**miss)) is KEEP


def test_what_covers_a_content_and_what_does_not() -> None:
    asked = subject("swhid", f"{CONTENT};origin=https://github.com/o/n;path=/docs/a.md")
    requests = [
        Request("r-content", subject("swhid", CONTENT)),
        Request("r-there", subject("swhid", f"{CONTENT};origin=https://github.com/o/n")),
        Request("r-elsewhere", subject("swhid", f"{CONTENT};origin=https://github.com/o/m")),
        Request("r-owner", subject("owner", "o")),
        Request("r-path", subject("path", "docs/*.md", repo="o/n")),
        Request("r-www", subject("domain", "www.example.org")),
        Request("r-group", subject("repo", "gitlab.com/g/s")),
        Request("r-near", subject("near", "ab" * 32)),
    ]
    optout = optout_filter(requests)

    def covering(of: Subject) -> set[str]:
        return {each.request for each in optout.covering(of)}

    assert covering(asked) == {"r-content", "r-there", "r-owner", "r-path"}
    assert covering(subject("swhid", CONTENT)) == {"r-content"}
    assert covering(subject("domain", "example.org")) == set()
    assert covering(subject("domain", "www.example.org")) == {"r-www"}
    assert covering(subject("owner", "gitlab.com/g/s")) == set()
    assert covering(subject("near", "ab" * 32)) == {"r-near"}
