"""Each spelling people write comes to one canonical form, and what is ambiguous is refused."""

from __future__ import annotations

import hashlib

import pytest

from filters.aliases import aliases, expand
from filters.document import Document
from filters.globs import glob_matches
from filters.optout import Request, optout_filter
from filters.request_list import Reading, parse, render
from filters.subject_forms import near_value
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
    normalised_subject,
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
    assert subject("swhid", f"{core};visit=x;anchor=y").value == core
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


@pytest.mark.parametrize(
    "text", ["co.uk", "github.io", "*.blogspot.com", "公司.cn", "https://gov.uk/"]
)
def test_a_public_suffix_is_no_domain(text: str) -> None:
    with pytest.raises(SubjectError, match=r"write one"):
        subject("domain", text)


def test_a_site_below_a_public_suffix_is_one_and_stored_ones_stay() -> None:
    assert subject("domain", "https://Someone.GitHub.io").value == "someone.github.io"
    assert subject("domain", "x.nobody-has-this").value == "x.nobody-has-this"
    assert stored_subject("domain", "github.io").value == "github.io"


CORE = "swh:1:cnt:" + "ab" * 20


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (CORE.upper().replace("SWH", "swh") + ";anchor=swh:1:rev:" + "0" * 40 + ";visit=v", CORE),
        (f"{CORE};path=a/./b c.py;origin=git@github.com:O/N.git", f"{CORE};origin=github.com/o/n;path=/a/b%20c.py"),
        (f"{CORE};origin=https://e.org/a%3Bb%2520c", f"{CORE};origin=e.org/a%3Bb%2520c"),
        (f"{CORE};path=/%C3%BC%3B", f"{CORE};path=/%C3%BC%3B"),
    ],
)  # fmt: skip
def test_qualifiers_that_say_where_stay(text: str, value: str) -> None:
    assert subject("swhid", text).value == value == stored_subject("swhid", value).value


@pytest.mark.parametrize(
    ("kind", "text"),
    [("swhid", f"{CORE};bytes=1-2"), ("swhid", f"{CORE};lines=9"), ("swhid", f"{CORE};x=y"),
     ("swhid", f"{CORE};origin="), ("swhid", f"{CORE};path=/../a"),
     ("swhid", f"{CORE};path=/%ff"), ("swhid", f"{CORE};path=/a;path=/b"),
     ("swhid", "swh:1:rev:" + "0" * 40 + ";path=/a"), ("sha1_git", "0" * 39), ("normalised", "x"),
     ("normalised", hashlib.sha256(b"").hexdigest()), ("near", "x"), ("near", hashlib.sha256(b"").hexdigest())],
)  # fmt: skip
def test_contents_that_cannot_be_meant_are_refused(kind: str, text: str) -> None:
    with pytest.raises(SubjectError):
        subject(kind, text)


def test_normalised_texts_are_equal_but_for_case_punctuation_and_blanks() -> None:
    one = normalised_subject("The “Quick”, brown—fox!\n\tﬁnds 10² STRASSE_x")
    assert one == normalised_subject("the quick brown fox finds 102 straße X.")
    assert one.value == hashlib.sha256(b"the quick brown fox finds 102 strasse x").hexdigest()
    assert one != normalised_subject("the quick brown fox finds 102 strasse y")
    assert normalised_subject("कि") != normalised_subject("का")  # a vowel sign is no punctuation
    with pytest.raises(SubjectError):
        normalised_subject("--- !")


def test_a_near_subject_is_the_digest_of_sorted_hashes() -> None:
    raw = b"".join(each.to_bytes(8, "little") for each in (1, 255, 256, 1 << 63))
    assert near_value(raw) == hashlib.sha256(raw).hexdigest()
    for bad in (raw[8:] + raw[:8], raw[:8] * 2, raw[:7], b""):
        with pytest.raises(SubjectError):
            near_value(bad)


def test_who_asks_by_an_old_name_asks_by_the_new_ones() -> None:
    renamed = [
        ("owner", "old", "new"),
        ("repo", "new/x", "new/y"),
        ("domain", "old.example", "www.new.example"),
    ]
    known = aliases((subject(kind, a), subject(kind, b)) for kind, a, b in renamed)

    def values(kind: str, text: str, repo: str = "") -> set[str]:
        return {each.repo or each.value for each in expand(subject(kind, text, repo=repo), known)}

    both = {"github.com/old", "github.com/new"}
    assert values("owner", "old") == values("owner", "new") == both
    assert values("repo", "old/x") == {f"{owner}/{name}" for owner in both for name in "xy"}
    assert values("path", "docs", "old/z") == {f"{owner}/z" for owner in both}
    assert values("repo", "gist.github.com/old/12") == {
        "gist.github.com/old/12",
        "gist.github.com/new/12",
    }
    assert values("domain", "blog.old.example") == {"blog.old.example", "blog.new.example"}
    assert values("url", "http://www.new.example:81/a?b") == {
        "new.example:81/a?b",
        "old.example:81/a?b",
    }
    assert values("swhid", f"{CORE};origin=https://github.com/new/q") == {
        f"{CORE};origin={owner}/q" for owner in both
    }
    assert values("id", "old") == {"old"}


@pytest.mark.parametrize(
    "renamed",
    [
        [("owner", "a", "b"), ("owner", "b", "a")],
        [("owner", "a", "b"), ("owner", "a", "c")],
        [("repo", "a/b", "a/b")],
        [("owner", "gitlab.com/a", "gitlab.com/a/b")],
        [("id", "a", "b")],
    ],
)
def test_names_in_a_circle_or_with_two_successors_are_refused(
    renamed: list[tuple[str, str, str]],
) -> None:
    with pytest.raises(SubjectError):
        aliases((subject(kind, old), subject(kind, new)) for kind, old, new in renamed)


OWNERS = Reading("github.com", KEY)


@pytest.mark.parametrize(
    ("line", "values"),
    [
        ("- [x] `octo/hello`", ["github.com/octo/hello"]),
        ("2) see [it](https://github.com/octo/world), thanks", ["github.com/octo/world"]),
        ("a/b c/d, e/f and https://github.com/g/h.git.", [f"github.com/{it}" for it in ("a/b", "c/d", "e/f", "g/h")]),
        ("octo/*", ["github.com/octo"]),
        ("* octo/all", ["github.com/octo"]),
        ("alice, @bob", ["github.com/alice", "github.com/bob"]),
        ("https://github.com/octo?tab=repositories", ["github.com/octo"]),
        ("https://github.com/orgs/octo", ["github.com/octo"]),
        ("https://github.com/octo/hello/tree/main", ["github.com/octo/hello"]),
        ("<https://www.example.org/>", ["www.example.org"]),
        ("https://example.org/a", ["example.org/a"]),
        ("example.org/x.git", ["example.org/x"]),
        ("git@gitlab.com:g/s/p.git", ["gitlab.com/g/s/p"]),
        ("someone.github.io", ["someone.github.io"]),
        (f"{CORE};origin=https://github.com/o/n;path=/a,", [f"{CORE};origin=github.com/o/n;path=/a"]),
        ("blob: " + "ab" * 20, [CORE]),
        ("sha1_git:" + "ab" * 20, [CORE]),
        ("ab" * 20, []),  # of a file, a commit or a folder
        ("and/or", []),
        ("24/7", []),
        ("octo / hello", []),
        ("https://github.com/USERNAME", []),
        ("https://gist.github.com/" + "ab" * 16, []),
        ("url: mailto:octo@example.org", []),
        ("id: a, b c", ["a, b c"]),
        ("**Path:** o/n docs/*.md", ["/docs/*.md"]),
    ],
)  # fmt: skip
def test_a_line_of_a_request_gives_its_subjects(line: str, values: list[str]) -> None:
    assert [each.value for each in parse(line, OWNERS).subjects] == values


@pytest.mark.parametrize(
    "line",
    ["all", "ALL", "-all", "everything", "USERNAME", "your-username/x", "Please remove my repositories:", "*/*", "*",
     "everything except https://github.com/octo/keep", "https://github.com/octo/x/blob/main/a.py", "github.com",
     "https://github.com/", "https://github.com/settings", "github.io", "README.md", "owner:", "Thank you", "rpeo: x",
     "path: docs/*.md", "id:", "1.2.3"],
)  # fmt: skip
def test_what_is_ambiguous_is_unclear_and_says_what_to_write(line: str) -> None:
    parsed = parse(f"\n{line}\n", OWNERS)
    assert parsed.subjects == ()
    assert [(each.number, each.text) for each in parsed.unclear] == [(2, line)]


def test_bare_names_and_addresses_need_what_only_the_caller_knows() -> None:
    assert parse("alice\njo" + AT + "example.org").subjects == ()
    kinds = [each.kind for each in parse("alice\njo" + AT + "example.org", OWNERS).subjects]
    assert kinds == ["owner", "author"]


def test_words_beside_a_name_want_a_look_and_markup_does_not() -> None:
    parsed = parse("## Repositories\n- [ ] all\n---\nhttps://github.com/o/n - my engine\n")
    assert [each.markup for each in parsed.lines] == [True, True, True, False]
    assert [each.number for each in parsed.unclear] == [4]
    assert parsed.subjects == (Subject("repo", "github.com/o/n"),)
    assert render(parsed) == "## Repositories\n- [ ] all\n---\nhttps://github.com/o/n - my engine\n"
    assert render(parse("- o/n, p/*")) == "repo = github.com/o/n\nowner = github.com/p\n"


def test_who_asks_for_a_code_host_s_domain_asks_for_its_raw_files_too() -> None:
    asked = optout_filter([Request("r", subject("domain", "github.com"))])
    url = "https://raw.githubusercontent.com/a/b/main/c.py"
    assert not asked.judge(Document(id="1", text="", sha256="", source="s", url=url)).keep
