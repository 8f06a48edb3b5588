"""Git repositories, made by git itself: what is read of them, at which commit, and what they cannot make us do."""

from __future__ import annotations

import hashlib
import os
import shutil
import zlib
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError, InputError
from pipeline.sources import Bad, Damage, Item, Raw, read
from pipeline.sources.adapter import Reading, Said
from pipeline.sources.fields import to_document
from pipeline.sources.git.history import parse_commit
from pipeline.sources.git.origin import public_url
from pipeline.sources.git.reader import digest_repository, read_repository
from tests.repositories import DAY, Repository, run_git

URL = "https://example.org/o/r"
POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:%b\nsize 9\n" % (b"a" * 64)


@pytest.fixture
def repository(tmp_path: Path) -> Repository:
    return Repository.init(tmp_path / "r")


def said(**options: Any) -> Said:
    return Said("s", options={"url": URL} | options)


def items(repository: Repository | Path, **options: Any) -> list[Item]:
    path = repository.path if isinstance(repository, Repository) else repository
    return list(read(path, "git", said=said(**options)))


def raws(repository: Repository | Path, **options: Any) -> list[Raw]:
    return [each for each in items(repository, **options) if isinstance(each, Raw)]


def texts(repository: Repository | Path, **options: Any) -> dict[str, str]:
    return {
        each.record["path"]: each.record["text"]
        for each in raws(repository, **options)
        if not each.drop
    }


def reasons(repository: Repository | Path, **options: Any) -> dict[str, str]:
    """Say of each row why it gives no document, by its id's path."""
    found = {}
    for each in items(repository, **options):
        name = each.record["id"] if isinstance(each, Raw) else getattr(each, "name", "")
        found[name.rpartition("path=/")[2]] = each.drop if isinstance(each, Raw) else each.reason
    return found


# ---- records


def test_a_record_tells_all_of_its_file(repository: Repository) -> None:
    name = repository.add("src/a b;c%.py", "é = 1\n".encode())
    commit = repository.commit()
    (found,) = raws(repository)
    assert found == Raw(
        0,
        1,
        {
            "id": f"swh:1:cnt:{name};origin={URL};anchor=swh:1:rev:{commit};path=/src/a%20b%3Bc%25.py",
            "text": "é = 1\n",
            "repo": URL,
            "path": "src/a b;c%.py",
            "created": DAY,
            "blob_id": hashlib.sha1("é = 1\n".encode(), usedforsecurity=False).hexdigest(),
            "content_id": name,
            "directory_id": repository.git("rev-parse", "HEAD^{tree}"),
            "revision_id": commit,
        },
    )


def test_rows_come_by_the_bytes_of_their_paths(repository: Repository) -> None:
    paths = ["b", "a/z", "a.b", "a-b", "a0", "a/b/c", "é", "Z"]
    for path in paths:
        repository.add(path, path.encode())
    repository.commit()
    found = raws(repository)
    assert [each.record["path"] for each in found] == sorted(paths, key=str.encode)
    assert [each.row for each in found] == list(range(len(paths)))


def test_what_is_no_document_says_why(repository: Repository) -> None:
    repository.add("binary", b"a\0b")
    repository.add("empty", b"")
    repository.add("latin", b"caf\xe9")
    repository.add("large", b"x" * 2000)
    repository.add("lfs", POINTER)
    repository.add("link", b"plain", "120000")
    repository.stage("module", "1" * 40, "160000")
    repository.add("plain", b"x" * 1000)
    repository.add("run.sh", b"echo\n", "100755")
    commit = repository.commit()
    assert reasons(repository, max_bytes=1000) == {
        "binary": "binary",
        "empty": "empty",
        "latin": "not-utf8",
        "large": "too-large",
        "lfs": "lfs-pointer",
        "link": "symlink",
        "module": "submodule",
        "plain": "",
        "run.sh": "",
    }
    last = raws(repository)[-1]
    assert last.record["mode"] == "100755"
    module = raws(repository)[-3]
    origin = f"origin={URL};anchor=swh:1:rev:{commit}"
    assert module.record["id"] == f"swh:1:rev:{'1' * 40};{origin};path=/module"


def test_the_longest_record_limits_files_too(repository: Repository) -> None:
    repository.add("a", b"x" * 101)
    repository.commit()
    (found,) = read(repository.path, "git", max_record=100, said=said())
    assert isinstance(found, Raw)
    assert found.drop == "too-large"


def test_a_path_that_is_no_utf8_keeps_its_bytes(repository: Repository) -> None:
    name = repository.add(b"caf\xe9/\xff.py", b"x\n")
    repository.add(b"caf\\xe9/\\xff.py", b"y\n")
    commit = repository.commit()
    backslashes, foreign = raws(repository)
    assert backslashes.odd == ()
    assert foreign.odd == ("path-not-utf8",)
    assert foreign.record["path"] == "caf\\xe9/\\xff.py"
    assert foreign.record["path_base64"] == "Y2Fm6S//LnB5"
    place = f"origin={URL};anchor=swh:1:rev:{commit};path=/caf%E9/%FF.py"
    assert foreign.record["id"] == f"swh:1:cnt:{name};{place}"


def test_names_that_differ_in_case_alone_are_odd(repository: Repository) -> None:
    for path in ("Makefile", "makefile", "a/x", "b/X"):
        repository.add(path, path.encode())
    repository.commit()
    assert {each.record["path"]: each.odd for each in raws(repository)} == {
        "Makefile": ("path-case",),
        "makefile": ("path-case",),
        "a/x": (),
        "b/X": (),
    }


@pytest.mark.parametrize(
    ("date", "created", "odd"),
    [
        ("@0 +0000", "1970-01-01T00:00:00Z", ("date-early",)),
        ("@4102444800 +0200", "2100-01-01T00:00:00Z", ("date-future",)),
        ("@1112911993 -0700", "2005-04-07T22:13:13Z", ()),
    ],
)
def test_lying_dates_are_told_as_they_are(
    repository: Repository, date: str, created: str, odd: tuple[str, ...]
) -> None:
    repository.add("a", b"x")
    repository.commit(date)
    (found,) = raws(repository)
    assert (found.record["created"], found.odd) == (created, odd)


@pytest.mark.parametrize(
    ("committer", "created", "odd"),
    [
        (b"C <c@x> 99999999999999 +0000", "", ("date-future",)),
        (b"C <c@x> -5 +0000", "1969-12-31T23:59:55Z", ("date-early",)),
        (b"C <c@x> soon", "", ("date-unreadable",)),
        (b"C <c@x> > 1112911993 +0000", "2005-04-07T22:13:13Z", ()),
    ],
)
def test_dates_that_git_would_not_write(
    committer: bytes, created: str, odd: tuple[str, ...]
) -> None:
    raw = b"tree %b\nauthor A <a> 1 +0000\ncommitter %b\n\nm\ncommitter C <c@x> 7 +0000\n"
    commit = parse_commit("1" * 40, raw % (b"2" * 40, committer))
    assert (commit.created, commit.odd) == (created, odd)


def test_an_own_origin_a_mode_and_an_id_make_a_document(repository: Repository) -> None:
    repository.add("a.py", b"x = 1\n")
    repository.commit()
    (found,) = raws(repository)
    document = to_document(found.record, source="s")
    assert not isinstance(document, str)
    assert document.id.startswith("swh:1:cnt:")
    assert document.extra.keys() == {"blob_id", "content_id", "directory_id", "revision_id"}


def test_without_an_origin_none_is_made_up(tmp_path: Path, repository: Repository) -> None:
    name = repository.add("a", b"x")
    commit = repository.commit()
    run_git(tmp_path, "clone", "--quiet", "--bare", str(repository.path), "copy")  # from a folder
    (found,) = read_repository(tmp_path / "copy", Reading())
    assert isinstance(found, Raw)
    assert found.record["id"] == f"swh:1:cnt:{name};anchor=swh:1:rev:{commit};path=/a"
    assert found.record["repo"] == ""


@pytest.mark.parametrize(
    ("remote", "url"),
    [
        ("https://github.com/O/R.git", "https://github.com/O/R"),
        ("https://user:token@gitlab.com/g/s/r.git", "https://gitlab.com/g/s/r"),
        ("git@github.com:O/R.git", "https://github.com/O/R"),
        ("ssh://git@git.example.org:2222/o/r.git", "https://git.example.org/o/r.git"),
        ("https://git.example.org:8443/o/r.git/", "https://git.example.org:8443/o/r.git"),
        ("https://x.example/o/r?private_token=abc#d", "https://x.example/o/r"),
        ("git://git.example.org/linux.git", "https://git.example.org/linux.git"),
        ("/home/somebody/r", ""),
        ("../r.git", ""),
        ("file:///srv/r", ""),
        ("work:o/r", ""),
        ("http://localhost:3000/o/r", ""),
        ("ext::sh -c whoami", ""),
        ("https://[::1", ""),
        ("", ""),
    ],
)
def test_an_origin_tells_of_no_machine_and_no_login(remote: str, url: str) -> None:
    assert public_url(remote) == url


# ---- which commit


def history(repository: Repository) -> dict[str, str]:
    """Make three commits on main, of which the second lies, and one of a branch that was merged."""
    repository.add("a", b"one")
    found = {"one": repository.commit("2020-01-01T00:00:00Z")}
    repository.git("tag", "-a", "-m", "t", "v1", GIT_COMMITTER_DATE=DAY)
    repository.git("checkout", "--quiet", "-f", "-b", "side")
    repository.add("a", b"side")
    found["side"] = repository.commit("2020-02-01T00:00:00Z")
    repository.git("checkout", "--quiet", "-f", "main")
    repository.add("a", b"two")
    found["two"] = repository.commit("2020-03-01T00:00:00Z")
    dates = {"GIT_COMMITTER_DATE": "2020-04-01T00:00:00Z"}
    repository.git("merge", "--quiet", "-s", "ours", "-m", "m", "side", **dates)
    found["merge"] = repository.git("rev-parse", "HEAD")
    return found


def test_refs_of_every_kind(repository: Repository) -> None:
    found = history(repository)
    for packed in (False, True):
        if packed:
            repository.git("gc", "--quiet")
            assert (repository.path / ".git/packed-refs").exists()
        assert texts(repository) == {"a": "two"}
        for ref in ("v1", "tags/v1", "refs/tags/v1", found["one"], found["one"][:9]):
            assert texts(repository, ref=ref) == {"a": "one"}
        for ref in ("side", "heads/side", "refs/heads/side", found["side"].upper()):
            assert texts(repository, ref=ref) == {"a": "side"}
    repository.git("checkout", "--quiet", "-f", "--detach", "v1")
    assert texts(repository) == {"a": "one"}


@pytest.mark.parametrize(
    ("at", "text"),
    [
        ("2020-03-31", "two"),
        ("2020-04-01T00:00:00Z", "two"),
        ("2020-03-01T01:00:00+01:00", "two"),
        ("2020-03-01T00:59:59+01:00", "one"),
        ("2020-02-15", "one"),  # the branch was there by then, and not on main
        (date(2020, 1, 1), "one"),
    ],
)
def test_a_point_in_time_goes_by_first_parents(
    repository: Repository, at: object, text: str
) -> None:
    found = history(repository)
    assert texts(repository, at=at) == {"a": text}
    if isinstance(at, str):
        stamp = at if "T" in at else f"{at}T00:00:00Z"
        told = repository.git("rev-list", "-1", "--first-parent", f"--before={stamp}", "main")
        (each,) = raws(repository, at=at)
        assert each.record["revision_id"] == told
    assert found["side"] not in texts(repository, at=at)


def test_a_tag_of_a_tag_and_a_tag_of_a_tree(repository: Repository) -> None:
    repository.add("a", b"x")
    repository.commit()
    repository.git("tag", "-a", "-m", "t", "one")
    repository.git("tag", "-a", "-m", "t", "two", "one")
    repository.git("tag", "tree", "HEAD^{tree}")
    assert texts(repository, ref="two") == {"a": "x"}
    with pytest.raises(ConfigError, match=r"options\.ref names no commit"):
        items(repository, ref="tree")


def test_what_cannot_be_found_is_said(tmp_path: Path, repository: Repository) -> None:
    with pytest.raises(ConfigError, match="has no commit yet"):
        items(repository)
    history(repository)
    for ref in ("nobody", "abcdef", "refs/heads/nobody", "0" * 40):
        with pytest.raises((ConfigError, InputError), match=r"no ref called|is missing"):
            items(repository, ref=ref)
    with pytest.raises(
        ConfigError, match=r"no commit is as old as options\.at: the first is of 2020-01-01"
    ):
        items(repository, at="2019-12-31")
    with pytest.raises(ConfigError, match="is no git repository"):
        items(tmp_path)
    run_git(tmp_path, "clone", "--quiet", "--depth=1", f"file://{repository.path}", "shallow")
    assert texts(tmp_path / "shallow") == {"a": "two"}
    with pytest.raises(ConfigError, match=r"shallow and ends at 2020-04-01.*--unshallow"):
        items(tmp_path / "shallow", at="2020-03-31")
    repository.git("worktree", "add", "--quiet", "--no-checkout", str(tmp_path / "tree"), "side")
    with pytest.raises(ConfigError, match="linked working tree"):
        items(tmp_path / "tree")


def test_all_mistakes_of_the_options_at_once(repository: Repository) -> None:
    wrong = {
        "ref": "a..b",
        "at": "yesterday",
        "url": "https://me:secret@x.example/o/r",
        "max_bytes": 0,
        "max_files": True,
        "alternates": "yes",
    }
    with pytest.raises(ConfigError) as raised:
        items(repository, **wrong)
    told = str(raised.value)
    assert all(f"source 's': options.{name}: " in told for name in wrong)
    assert "secret" not in told


def test_without_git_it_says_what_to_install(
    repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.add("a", b"x")
    repository.commit()
    monkeypatch.setenv("PATH", str(repository.path))
    with pytest.raises(ConfigError, match="apt-get install git"):
        items(repository)


def test_git_that_is_ended_from_outside_is_no_damage(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file must not look corrupt because somebody, or the system for want of memory, has killed git."""
    repository.add("a", b"x")
    repository.commit()
    program = tmp_path / "bin/git"
    program.parent.mkdir()
    empty = "4b825dc642cb6eb9a060e54bf8d69288fbee4904 tree 0"
    program.write_text(
        f'#!/bin/sh\nif [ "$2" = --batch ]; then read asked; printf "{empty}\\n\\n"; kill -9 $$; fi\n'
        f'exec {shutil.which("git")} "$@"\n'
    )
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    with pytest.raises(
        InputError, match=r"git was ended by signal 9|git has ended before its time"
    ):
        items(repository)


# ---- damage


def test_missing_and_corrupt_objects_are_bad_records(repository: Repository) -> None:
    names = {path: repository.add(path, path.encode() * 50) for path in "abcdefgh"}
    repository.commit()
    repository.lose(names["b"])
    overwrite(repository.loose(names["c"]), b"no zlib at all")
    cut = repository.loose(names["d"]).read_bytes()[:-4]
    overwrite(repository.loose(names["d"]), cut)
    overwrite(repository.loose(names["e"]), zlib.compress(b"blob 3\0abc"))  # another content
    overwrite(repository.loose(names["f"]), zlib.compress(b"blob 99999999999\0abc"))
    overwrite(repository.loose(names["g"]), zlib.compress(b"tree 3\0abc"))
    found = reasons(repository)
    assert found["a"] == found["h"] == ""
    assert found["b"] == "missing"
    assert {found[path] for path in "cdeg"} <= {"missing", "corrupt"}
    assert found["e"] == found["g"] == "corrupt"
    assert found["f"] == "too-large"


def overwrite(path: Path, raw: bytes) -> None:
    path.chmod(0o644)
    path.write_bytes(raw)


def test_many_missing_blobs_do_not_stop_the_reader(repository: Repository) -> None:
    lines, ids = b"", []
    for number in range(3000):
        name = hashlib.sha1(
            b"%d" % number, usedforsecurity=False
        ).hexdigest()  # an object that was never there
        ids.append(name)
        lines += b"100644 %b\td%d/f%d\0" % (name.encode(), number % 7, number)
    repository.git("update-index", "--add", "-z", "--index-info", data=lines)
    tree = repository.git("write-tree", "--missing-ok")
    dates = {"GIT_AUTHOR_DATE": DAY, "GIT_COMMITTER_DATE": DAY}
    repository.git("update-ref", "HEAD", repository.git("commit-tree", tree, "-m", "m", **dates))
    found = items(repository)
    assert len(found) == 3000
    assert all(isinstance(each, Bad) and each.reason == "missing" for each in found)


def test_a_missing_folder_is_damage(repository: Repository) -> None:
    repository.add("a/x", b"1")
    repository.add("b/y", b"2")
    repository.commit()
    repository.lose(repository.git("rev-parse", "HEAD:a"))
    one, damage = items(repository)
    assert isinstance(one, Raw)
    assert one.record["path"] == "b/y"
    assert isinstance(damage, Damage)
    assert (damage.row, damage.reason) == (1, "missing-tree")


def test_names_that_no_folder_can_hold_are_bad(repository: Repository) -> None:
    name = repository.blob(b"x")
    raw = b"".join(
        b"100644 %b\0%b" % (each, bytes.fromhex(name))
        for each in (b"..", b"a", b"a", b"b/c", b"ok")
    )
    tree = repository.git("hash-object", "-w", "-t", "tree", "--literally", "--stdin", data=raw)
    commit = f"tree {tree}\nauthor A <a> 1 +0000\ncommitter C <c> 1500000000 +0000\n\nm\n"
    made = repository.git("hash-object", "-w", "-t", "commit", "--stdin", data=commit.encode())
    found = items(repository, ref=made)
    assert [each.reason if isinstance(each, Bad) else "" for each in found] == ["path"] * 4 + [""]


def test_a_bomb_of_trees_is_refused_before_it_is_read(repository: Repository) -> None:
    name = repository.blob(b"x")
    line = b"".join(b"100644 blob %b\tf%d\0" % (name.encode(), n) for n in range(10))
    tree = repository.git("mktree", "-z", data=line)
    for _ in range(40):
        line = b"".join(b"040000 tree %b\td%d\0" % (tree.encode(), n) for n in range(10))
        tree = repository.git("mktree", "-z", data=line)
    dates = {"GIT_AUTHOR_DATE": DAY, "GIT_COMMITTER_DATE": DAY}
    commit = repository.git("commit-tree", tree, "-m", "m", **dates)
    with pytest.raises(
        InputError, match=rf"^read: .*: {10**41} files, more than options\.max_files"
    ):
        digest_repository(repository.path, said(ref=commit))


# ---- the digest


def test_the_digest_is_that_of_what_is_read(tmp_path: Path, repository: Repository) -> None:
    name = repository.add("a", b"x" * 10)
    repository.add("b/c", b"y" * 5)
    repository.commit()
    first = digest_repository(repository.path, said())
    assert first.bytes == 15
    for number, arguments in enumerate((["--bare"], [], ["--depth=1", "--bare"])):
        copy = tmp_path / str(number)
        run_git(tmp_path, "clone", "--quiet", *arguments, f"file://{repository.path}", str(copy))
        assert digest_repository(copy, said()) == first
        assert digest_repository(copy, said(ref="main")) == first
        assert texts(copy) == texts(repository)
    assert digest_repository(repository.path, said(max_bytes=5)).sha256 != first.sha256
    assert (
        digest_repository(repository.path, said(url="https://x.example/o")).sha256 != first.sha256
    )
    repository.lose(name)
    lacking = digest_repository(repository.path, said())
    assert lacking.sha256 != first.sha256
    assert lacking.bytes == 5


def test_the_commit_that_was_digested_is_read_whatever_comes_after(repository: Repository) -> None:
    repository.add("a", b"old")
    commit = repository.commit()
    found = digest_repository(repository.path, said())
    assert found.etag == commit
    repository.add("a", b"new")
    repository.commit()
    for options in ({}, {"at": "2030-01-01"}, {"ref": "main"}):
        how = Reading(said=said(**options), version=found.etag)
        (each,) = read_repository(repository.path, how)
        assert isinstance(each, Raw)
        assert each.record["text"] == "old"


# ---- hostile repositories


def test_nothing_that_a_repository_says_is_run(tmp_path: Path, repository: Repository) -> None:
    """Whoever made the repository wrote its config, hooks and attributes: none of it may come to life."""
    name = repository.add("a.txt", b"text\n")
    lost = repository.add("lost.txt", b"lost\n")
    other = repository.blob(b"another\n")
    repository.add(".gitattributes", b"*.txt filter=evil diff=evil\n")
    repository.add(".gitmodules", b'[submodule "m"]\n\tpath = m\n\turl = ../evil\n')
    repository.stage("m", "1" * 40, "160000")
    repository.commit()
    repository.lose(lost)
    trap = tmp_path / "trap"
    trap.mkdir()
    script = tmp_path / "evil.sh"
    script.write_text(f'#!/bin/sh\ntouch {trap}/$(basename "$0")-$$\ncat\n')
    script.chmod(0o755)
    config = {
        "core.fsmonitor": script,
        "core.sshCommand": script,
        "core.pager": script,
        "core.editor": script,
        "core.askPass": script,
        "core.gitProxy": script,
        "core.hooksPath": tmp_path,
        "core.alternateRefsCommand": script,
        "credential.helper": f"!{script}",
        "filter.evil.smudge": script,
        "filter.evil.process": script,
        "diff.evil.textconv": script,
        "alias.cat-file": f"!{script}",
        "alias.config": f"!{script}",
        "pager.cat-file": script,
        "pager.config": script,
        "uploadpack.packObjectsHook": script,
        "remote.origin.url": f"ext::{script}",
        "remote.origin.promisor": "true",
        "remote.origin.partialCloneFilter": "blob:none",
        "remote.origin.uploadpack": script,
        "extensions.partialClone": "origin",
        "gpg.program": script,
        "log.showSignature": "true",
        "trace2.normalTarget": trap / "trace",
        "safe.directory": "*",
    }
    for key, value in config.items():
        repository.git("config", key, str(value))
    repository.git("status")  # the snare works: git itself runs what stands there
    sprung = list(trap.iterdir())
    assert sprung
    for each in sprung:
        each.unlink()
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)  # whoever reads it waits for ever
    with (repository.path / ".git/config").open("a") as file:
        file.write(f"[include]\n\tpath = {pipe}\n")
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "pre-auto-gc"):
        shutil.copy(script, repository.path / ".git/hooks" / hook)
    (repository.path / ".git/info/attributes").write_text("* filter=evil diff=evil\n")
    (repository.path / ".git/refs/replace").mkdir()
    (repository.path / f".git/refs/replace/{name}").write_text(f"{other}\n")
    found = [*read_repository(repository.path, Reading())]
    digest_repository(repository.path, Said())
    assert list(trap.iterdir()) == []
    assert {
        each.record["path"]: each.record.get("text") for each in found if isinstance(each, Raw)
    } == {
        ".gitattributes": "*.txt filter=evil diff=evil\n",
        ".gitmodules": '[submodule "m"]\n\tpath = m\n\turl = ../evil\n',
        "a.txt": "text\n",
        "m": None,
    }
    assert [each.reason for each in found if isinstance(each, Bad)] == ["missing"]


def test_a_config_that_git_refuses_is_no_matter(repository: Repository) -> None:
    repository.add("a", b"x")
    repository.commit()
    for text in ("[core]\n\trepositoryformatversion = 99\n", "no config at all\n", "\0"):
        (repository.path / ".git/config").write_text(text)
        (found,) = read_repository(repository.path, Reading())
        assert isinstance(found, Raw)
        assert found.record["text"] == "x"


def test_refs_that_are_pipes_or_go_in_circles_end(repository: Repository) -> None:
    repository.add("a", b"x")
    repository.commit()
    folder = repository.path / ".git/refs/heads"
    os.mkfifo(folder / "pipe")
    (folder / "one").write_text("ref: refs/heads/two\n")
    (folder / "two").write_text("ref: refs/heads/one\n")
    (folder / "out").write_text("ref: ../../../../etc/hostname\n")
    (folder / "long").write_text("f" * 64 + "\n")
    for ref in ("pipe", "one", "out"):
        with pytest.raises(ConfigError, match="has no ref called"):
            items(repository, ref=ref)
    with pytest.raises(ConfigError, match="SHA-256"):
        items(repository, ref="long")


def test_objects_of_others_are_borrowed_on_demand_alone(
    tmp_path: Path, repository: Repository
) -> None:
    repository.add("a", b"x")
    repository.commit()
    run_git(tmp_path, "clone", "--quiet", "--shared", "--bare", str(repository.path), "copy")
    with pytest.raises(ConfigError, match=r"borrows objects.*options\.alternates"):
        items(tmp_path / "copy")
    assert texts(tmp_path / "copy", alternates=True) == {"a": "x"}


@pytest.mark.parametrize("part", [".", "objects", "objects/pack", "a fan", "an object"])
def test_links_to_other_stores_are_borrowing_too(
    tmp_path: Path, repository: Repository, part: str
) -> None:
    name = repository.add("a", b"x")
    repository.commit()
    folder = repository.path / ".git"
    places = {"a fan": repository.loose(name).parent, "an object": repository.loose(name)}
    place = places.get(part, folder / part)
    place.rename(tmp_path / "elsewhere")
    place.parent.joinpath(place.name).symlink_to(tmp_path / "elsewhere")
    with pytest.raises(ConfigError, match=r"borrows objects.*a symbolic link"):
        items(repository)
    assert texts(repository, alternates=True) == {"a": "x"}


def test_an_environment_that_points_elsewhere_is_not_asked(
    tmp_path: Path, repository: Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.add("a", b"x")
    repository.commit()
    for name in (
        "GIT_DIR",
        "GIT_OBJECT_DIRECTORY",
        "GIT_CONFIG_GLOBAL",
        "GIT_TRACE",
        "GIT_EXEC_PATH",
    ):
        monkeypatch.setenv(name, str(tmp_path / "nowhere"))
    assert list(read_repository(repository.path, Reading(said=said())))
    assert not (tmp_path / "nowhere").exists()


# ---- licence files


def test_a_licence_that_is_no_document_is_evidence_all_the_same(repository: Repository) -> None:
    repository.add("LICENSE", "Copyright © someone\n".encode("latin-1"))
    repository.add("NOTES", "© someone\n".encode("latin-1"))
    repository.add("docs/COPYING", b"../LICENSE", "120000")
    repository.add("out/COPYING", b"../../LICENSE", "120000")
    repository.add("away/COPYING", b"/etc/hostname", "120000")
    repository.commit()
    found = {each.record["path"]: each.record.get("text") for each in raws(repository)}
    assert found == {
        "LICENSE": "Copyright © someone\n",
        "NOTES": None,
        "docs/COPYING": "Copyright © someone\n",
        "out/COPYING": None,
        "away/COPYING": None,
    }


def test_who_looks_for_few_files_reads_no_others(repository: Repository) -> None:
    repository.add("LICENSE", b"free\n")
    name = repository.add("a.py", b"x\n")
    repository.commit()
    overwrite(repository.loose(name), b"broken")
    found = list(read_repository(repository.path, Reading(wanted=lambda path: path == "LICENSE")))
    assert [each.record.get("text") for each in found if isinstance(each, Raw)][:1] == ["free\n"]
    assert [each.row for each in found] == [0, 1]
