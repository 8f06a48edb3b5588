"""Laws of subjects: what names a document, what is one thing under many names, how a request is read."""

from __future__ import annotations

import hashlib

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from filters.aliases import aliases, expand
from filters.document import Document
from filters.globs import glob_matches
from filters.optout import Request, optout_filter
from filters.request_list import Parsed, Reading, parse, render
from filters.subject_forms import (
    canonical_swhid,
    normalised_text,
    normalised_value,
    split_swhid,
    swhid_text,
)
from filters.subject_keys import document_keys, subject_key
from filters.subject_names import PLACE, names_of_repo, names_of_url
from filters.subjects import Subject, SubjectError, content_swhid, subject

KEY = b"a key of sixteen"
small = st.sampled_from(["a", "b", "A", "ab", "a-b", "a.git", "b.wiki", "tree", "-", "a@1", "_b"])
hosts = st.sampled_from(
    ["github.com", "www.github.com", "gist.github.com", "raw.githubusercontent.com", "gitlab.com",
     "api.github.com/repos", "cdn.jsdelivr.net/gh", "gitlab.example.org", "git.example.org:8443",
     "www.example.org", "example.org", "EXAMPLE.org:443", "user@example.org", "codeberg.org"]
)  # fmt: skip
rests = st.lists(
    st.one_of(
        small,
        st.sampled_from(["", ".", "..", "%2e%2E", "%61", "x y", "ü", ".github", "\x01", "x;y"]),
    ),
    max_size=5,
).map("/".join)
tails = st.sampled_from(["", "", "/", "?a=b", "?a=b&c=d/e", "#x/y", "?a=b#c", "?"])
schemes = st.sampled_from(["https://", "http://", "", "HTTPS://", "//"])
urls = st.builds("{}{}/{}{}".format, schemes, hosts, rests, tails)
place_kinds = st.sampled_from(["repo", "owner", "origin", "domain", "url", "path"])


def made(kind: str, text: str) -> Subject | None:
    """Build a subject where the text is one."""
    try:
        if kind == "path":
            return subject(kind, "docs/*.md", repo=text)
        return subject(kind, text, key=KEY)
    except SubjectError:
        return None


def name_of(one: Subject) -> tuple[str, str]:
    """Return the name that a document must have."""
    if one.kind == "path":
        return "repo", one.repo
    return (one.kind if one.kind in {"repo", "domain"} else PLACE), one.value


@given(st.lists(st.tuples(place_kinds, urls), max_size=8), urls, urls | st.just(""))
@settings(max_examples=300)
def test_a_place_is_named_exactly_by_its_names(
    wanted: list[tuple[str, str]], url: str, repo: str
) -> None:
    subjects = {
        one for kind, text in [*wanted, ("url", url), ("path", url)] if (one := made(kind, text))
    }
    if len(wanted) % 2:  # requests that hold for others only, so that the quick way is taken
        subjects = {one for one in subjects if name_of(one) not in set(names_of_url(url))}
    document = Document(
        id="1", text="", sha256="", source="s", url=url, repo=repo, path="docs/a.md"
    )
    names = {*names_of_url(url), *names_of_repo(repo)}
    found = optout_filter(Request("r", one) for one in subjects).match(document)
    assert {each.subject for each in found} == {one for one in subjects if name_of(one) in names}
    assert {subject_key(each.subject) for each in found} <= document_keys(document)


@given(st.lists(small, max_size=3).map("/".join), st.text("abA-*?", min_size=1, max_size=4))
def test_a_single_path_is_the_pattern_that_it_is(path: str, glob: str) -> None:
    one = made("path", "o/n") and Subject("path", f"/{glob}", "github.com/o/n")
    assert one is not None
    document = Document(id="1", text="", sha256="", source="s", repo="o/n", path=path)
    assert bool(optout_filter([Request("r", one)]).match(document)) == (
        bool(path) and glob_matches(one.value, path)
    )


@given(st.text(max_size=60), st.sampled_from([str.upper, str.title, str.swapcase, str.casefold]))
@settings(max_examples=300)
def test_a_normalised_text_is_a_fixed_point(text: str, change: object) -> None:
    plain = normalised_text(text)
    assert normalised_text(plain) == plain
    assert normalised_text(f" ({text})!\n") == plain
    if text.isascii():
        assert normalised_value(change(text)) == normalised_value(text)  # type: ignore[operator]  # a method of str


origins = st.one_of(urls, st.text(max_size=20))


@given(st.sampled_from(["cnt", "dir", "rev"]), origins, st.text(max_size=12))
@settings(max_examples=300)
def test_a_qualified_swhid_reads_back(kind: str, origin: str, path: str) -> None:
    core = f"swh:1:{kind}:{'a' * 40}"
    text = core + (f";origin={origin}" if origin else "") + (f";path={path}" if path else "")
    try:
        value = canonical_swhid(f"{text};anchor=swh:1:rev:{'b' * 40};visit=x")
    except SubjectError:
        return
    assert canonical_swhid(value) == value == swhid_text(split_swhid(value))
    assert value.isascii()
    assert value.split(";")[0] == core


@given(urls, st.lists(small, min_size=1, max_size=3).map("/".join), st.booleans(), st.booleans())
@settings(max_examples=300)
def test_a_qualified_content_is_that_content_there(
    url: str, path: str, here: bool, same: bool
) -> None:
    text = "some words\n"
    core = content_swhid(text.encode()) if same else "swh:1:cnt:" + "0" * 40
    origin = url if here else "https://elsewhere.example/x"
    try:
        one = subject("swhid", f"{core};origin={origin};path=/{path}")
    except SubjectError:
        return
    document = Document(id="1", text=text, sha256="", source="s", url=url, path=path)
    found = optout_filter([Request("r", one)]).match(document)
    assert bool(found) == (same and (PLACE, split_swhid(one.value).origin) in names_of_url(url))
    if found:
        assert subject_key(one) in document_keys(document)
        assert optout_filter([Request("r", one)]).covering(one)


names = st.sampled_from(["a", "b", "c", "d"])
pairs = st.one_of(
    st.tuples(st.just("owner"), names, names),
    st.tuples(st.just("repo"), st.builds("{}/{}".format, names, names), st.builds("{}/{}".format, names, names)),
    st.tuples(st.just("domain"), st.builds("{}.example".format, names), st.builds("www.{}.example".format, names)),
)  # fmt: skip
wanted_names = st.one_of(
    st.tuples(st.just("repo"), st.builds("{}/{}".format, names, names)),
    st.tuples(st.just("owner"), names),
    st.tuples(st.just("domain"), st.builds("x.{}.example".format, names)),
    st.tuples(st.just("url"), st.builds("https://{}.example/{}".format, names, names)),
    st.tuples(st.just("origin"), st.builds("https://github.com/{}/{}".format, names, names)),
)


@given(st.lists(pairs, max_size=5), wanted_names)
@settings(max_examples=300)
def test_who_asks_by_one_name_asks_by_all(
    renamed: list[tuple[str, str, str]], wanted: tuple[str, str]
) -> None:
    try:
        known = aliases((subject(kind, old), subject(kind, new)) for kind, old, new in renamed)
    except SubjectError:
        assume(False)
    one = subject(*wanted)
    every = expand(one, known)
    assert every[0] == one
    assert list(every[1:]) == sorted(set(every) - {one})
    for other in every:
        assert set(expand(other, known)) == set(every)
    for kind, old, new in renamed:
        if (kind, old) == wanted:
            assert subject(kind, new) in {*every, subject(kind, old)}


lines = st.one_of(
    st.text(st.characters(exclude_categories=()), max_size=60),
    st.text("ab/*:@.#-[]()`<>|_,; =1A", max_size=40),
    st.builds("{}{}{}".format,
        st.sampled_from(["", "- ", "* ", "1. ", "> ", "- [x] ", "- [ ] ", "repo: ", "owner:", "id: ", "path: o/n ",
                         "author: ", "swhid: ", "**Domain:** ", "sha1_git: ", "url = ", "near: "]),
        st.one_of(urls, st.sampled_from(["o/n", "o/*", "o/all", "all", "USERNAME", "`a/b`", "a/b, c/d", "x y",
                  "[a](https://github.com/a/b)", "jo@example.org", "a" * 40, "b" * 64, "@a", "www.example.org",
                  "swh:1:cnt:" + "0" * 40 + ";origin=https://github.com/o/n;path=/a%20b"])),
        st.sampled_from(["", ".", " and b/c", " except x", " , ", "  "])),
)  # fmt: skip
requests = st.lists(lines, max_size=6).map("\n".join)
readings = st.sampled_from([Reading(), Reading("github.com", KEY), Reading(key=b"short")])


def summary(parsed: Parsed) -> tuple[object, ...]:
    unclear = [(line.text, line.subjects, line.why) for line in parsed.unclear]
    return parsed.subjects, unclear, [line.text for line in parsed.lines if line.markup]


@given(requests, readings)
@settings(max_examples=200)
def test_every_line_of_a_request_is_accounted_for(text: str, how: Reading) -> None:
    parsed = parse(text, how)
    given_lines = [(n, line) for n, line in enumerate(text.splitlines(), 1) if line.strip()]
    assert [(line.number, line.text) for line in parsed.lines] == given_lines
    assert all(line.subjects or line.why for line in parsed.lines)
    assert {each for line in parsed.lines for each in line.subjects} == set(parsed.subjects)
    assert all("*" not in one.value for one in parsed.subjects if one.kind not in {"path", "id"})


@given(requests, readings)
@settings(max_examples=200)
def test_what_was_read_reads_back(text: str, how: Reading) -> None:
    parsed = parse(text, how)
    again = parse(render(parsed), how)
    assert summary(again) == summary(parsed)
    assert render(again) == render(parsed)


@given(st.binary(max_size=40))
def test_digests_stay_digests(raw: bytes) -> None:
    digest = hashlib.sha256(raw).hexdigest()
    assert subject("sha1_git", digest[:40]) == subject("swhid", f"swh:1:cnt:{digest[:40]}")
    if raw:
        for kind in ("sha256", "near", "normalised"):
            assert subject(kind, f"{kind}:{digest.upper()}") == Subject(kind, digest)
