"""Licences from outside: no copy launders, works stay unmodified, and what people decide is on record."""

from __future__ import annotations

import hashlib
import json
import random
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import pyarrow.parquet as pq
import pytest

from filters.licenses.texts.index import dump
from filters.licenses.texts.templates import _plain
from pipeline.catalog import read_documents
from pipeline.detector import Kept, detector_version, open_matcher
from tests.conftest import Ask, Said

Record = dict[str, Any]
TEXTS: Final = _plain()


CONFIG: Final = """
[release]
name = "t"
shards = 2
[[sources]]
name = "a"
paths = ["a*.jsonl"]
priority = 1
[[sources]]
name = "b"
paths = ["b*.jsonl"]
priority = 2
"""
PERMISSIVE: Final = '[license]\npolicy = "permissive"\n'


def prose(name: object, words: int = 90) -> str:
    draw = random.Random(str(name))
    return " ".join("".join(draw.choices("abcdefghijkl", k=6)) for _ in range(words))


def write(path: Path, records: Iterable[Record]) -> None:
    path.write_text("".join(json.dumps(each) + "\n" for each in records))


def mill(folder: Path, a: Iterable[Record], b: Iterable[Record] = (), rules: str = "") -> Path:
    write(folder / "a.jsonl", a)
    write(folder / "b.jsonl", b)
    (folder / "mill.toml").write_text(CONFIG + rules)
    return folder / "mill.toml"


def attempt(ask: Ask, config: Path, *more: str, executor: str = "sync") -> Said:
    out = config.parent / f"out{len(list(config.parent.iterdir()))}"
    work = config.parent / "work"
    return ask("run", config, "--out", out, "--work", work, "--executor", executor, *more)


def make(ask: Ask, config: Path, *more: str, executor: str = "sync") -> Path:
    said = attempt(ask, config, *more, executor=executor)
    assert said.code == 0, said.err
    return Path(said.out.splitlines()[-1])


def ledger(release: Path) -> dict[str, Record]:
    paths = sorted((release / "ledger").glob("decisions-*.parquet"))
    rows = [row for path in paths for row in pq.read_table(path).to_pylist()]
    assert len({row["id"] for row in rows}) == len(rows)
    return {row["id"]: row for row in rows}


def documents(release: Path) -> dict[str, Record]:
    return {each["id"]: each for each in read_documents(release)}


def manifest(release: Path) -> Record:
    found: Record = json.loads((release / "manifest.json").read_text())
    return found


def conserved(release: Path, read: int) -> None:
    """Every record has one verdict, and what is kept is what is emitted."""
    rows = ledger(release)
    assert len(rows) == read
    kept = {name for name, row in rows.items() if row["verdict"] == "keep"}
    assert kept == set(documents(release))


# ---- laundering

LAUNDERED: Final = prose("laundered")


@pytest.mark.parametrize("free_first", [True, False])
@pytest.mark.parametrize("strict", ["GPL-3.0-only", "CC-BY-NC-4.0", "AGPL-3.0-or-later"])
def test_a_free_copy_launders_nothing(
    ask: Ask, tmp_path: Path, free_first: bool, strict: str
) -> None:
    free = {"id": "free", "text": LAUNDERED, "license": "MIT"}
    original = {"id": "strict", "text": LAUNDERED, "license": strict}
    other = {"id": "other", "text": prose("other"), "license": "MIT"}
    sides = ([free, other], [original]) if free_first else ([original, other], [free])
    release = make(ask, mill(tmp_path, *sides, rules=PERMISSIVE))
    assert set(documents(release)) == {"other"}
    rows = ledger(release)
    assert {row["stage"] for name, row in rows.items() if name != "other"} == {"license"}
    assert rows["free"]["reason"] == "copy:exact"
    detail = json.loads(rows["free"]["detail"])
    assert "strict" in json.dumps(detail) + rows["free"]["survivor"]
    assert strict in json.dumps(detail)
    conserved(release, 3)


def test_many_copies_in_any_order_on_any_workers(ask: Ask, tmp_path: Path) -> None:
    records = [
        {"id": f"n{at}", "text": LAUNDERED, "license": "GPL-2.0-only" if at == 7 else "MIT"}
        for at in range(12)
    ] + [{"id": "other", "text": prose("other"), "license": "ISC"}]
    kept = []
    for at, executor in enumerate(["sync", "local"]):
        folder = tmp_path / str(at)
        folder.mkdir()
        shuffled = list(records)
        random.Random(at).shuffle(shuffled)
        config = mill(folder, shuffled[:6], shuffled[6:], rules=PERMISSIVE)
        more = ("--workers", "2") if executor == "local" else ()
        release = make(ask, config, *more, executor=executor)
        rows = ledger(release)
        kept.append((set(documents(release)), {name: row["reason"] for name, row in rows.items()}))
        conserved(release, 13)
    assert kept[0] == kept[1]
    assert kept[0][0] == {"other"}


def test_without_a_policy_the_stricter_copy_stays(ask: Ask, tmp_path: Path) -> None:
    free = {"id": "free", "text": LAUNDERED, "license": "MIT"}
    strict = {"id": "strict", "text": LAUNDERED, "license": "GPL-3.0-only"}
    release = make(ask, mill(tmp_path, [free], [strict]))
    assert {name: each["license"] for name, each in documents(release).items()} == {
        "strict": "GPL-3.0-only"
    }
    assert ledger(release)["free"]["stage"] == "exact"
    assert ledger(release)["free"]["survivor"] == "strict"


def test_what_is_only_in_doubt_does_not_take_copies_along(ask: Ask, tmp_path: Path) -> None:
    free = {"id": "free", "text": LAUNDERED, "license": "MIT"}
    silent = {"id": "silent", "text": LAUNDERED}
    release = make(ask, mill(tmp_path, [silent], [free], rules=PERMISSIVE))
    assert set(documents(release)) == {"free"}
    conserved(release, 2)


def test_a_text_in_the_document_counts_more_than_its_claim(ask: Ask, tmp_path: Path) -> None:
    header = f"# SPDX-License-Identifier: GPL-3.0-only\n{prose(1)}\n"
    records = [
        {"id": "claims", "text": header, "license": "MIT"},
        {"id": "vendored", "text": prose(2), "license": "MIT", "path": "node_modules/x/a.js",
         "repo": "github.com/o/r"},
        {"id": "restricted", "text": f"{TEXTS['MIT']}\n\nNot for commercial use.\n", "path": "LICENSE",
         "repo": "github.com/o/q"},
        {"id": "beside", "text": prose(3), "license": "MIT", "path": "a.py", "repo": "github.com/o/q"},
        {"id": "good", "text": prose(4), "license": "MIT"},
    ]  # fmt: skip
    release = make(ask, mill(tmp_path, records, rules=PERMISSIVE))
    assert set(documents(release)) == {"good"}
    assert {row["stage"] for name, row in ledger(release).items() if name != "good"} == {"license"}
    conserved(release, 5)


# ---- works that may be passed on only as they are

UNMODIFIED: Final = '[license]\npolicy = "own.toml"\n'
OWN: Final = (
    'description = "Free, or as it is."\nallow = ["permissive"]\nno-derivatives = "unmodified"\n'
)
DECOMPOSED: Final = unicodedata.normalize("NFD", "Die M\u00fchle mahlt. " + prose("nfd"))
SHARED: Final = "\n".join(prose(("shared", at), 30) for at in range(6))
PASSAGES: Final = '[dedup.passages]\nunit = "line"\nleast = 100\n'


def test_works_that_must_not_be_changed_pass_as_they_are_or_not_at_all(
    ask: Ask, tmp_path: Path
) -> None:
    bound = {"license": "CC-BY-ND-4.0"}
    free = {"license": "MIT"}
    texts = {
        "plain": prose("plain"),
        "mail": f"{prose('mail')} write to miller@watermill-museum.org",
        "nfd": DECOMPOSED,
        "repeats": f"{SHARED}\n{prose('own')}",
    }
    records = [{"id": f"nd-{name}", "text": text, **bound} for name, text in texts.items()]
    others = texts | {"repeats": f"{SHARED}\n{prose('another')}"}
    records += [{"id": f"mit-{name}", "text": text + " x", **free} for name, text in others.items()]
    records += [{"id": "mit-first", "text": f"{SHARED}\n{prose('first')}", "license": "ISC"}]
    (tmp_path / "own.toml").write_text(OWN)
    release = make(ask, mill(tmp_path, records, rules=UNMODIFIED + PASSAGES))
    found, rows = documents(release), ledger(release)
    assert {name for name in found if name.startswith("nd-")} == {"nd-plain", "nd-repeats"}
    assert all(found[name]["text"] == texts[name[3:]] for name in ("nd-plain", "nd-repeats"))
    assert min(len(found[name]["text"]) for name in ("mit-first", "mit-repeats")) < len(SHARED)
    assert rows["nd-mail"]["reason"] == "no-derivatives:redacted"
    assert rows["nd-nfd"]["reason"] == "no-derivatives:normalised"
    assert {rows[name]["stage"] for name in ("nd-mail", "nd-nfd")} == {"license"}
    assert "miller@watermill" not in found["mit-mail"]["text"]
    conserved(release, 9)


PAGE: Final = """\
<?xml version="1.0"?>
<article><front><article-meta><article-id pub-id-type="pmc">{number}</article-id>
<title-group><article-title>The mill</article-title></title-group>
<permissions><license><ext-link xmlns:xlink="http://www.w3.org/1999/xlink"
 xlink:href="https://creativecommons.org/licenses/{terms}/4.0/">terms</ext-link></license></permissions>
</article-meta></front><body><p>{text}</p></body></article>
"""


def test_text_that_was_made_of_markup_is_not_as_it_was(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "own.toml").write_text(OWN)
    for number, terms in ((1, "by"), (2, "by-nd")):
        page = PAGE.format(number=number, terms=terms, text=prose(terms))
        (tmp_path / f"{number}.xml").write_text(page)
    config = mill(tmp_path, [], rules=UNMODIFIED)
    config.write_text(
        f'{config.read_text()}\n[[sources]]\nname = "articles"\nformat = "jats"\npaths = ["*.xml"]\n'
    )
    rows = ledger(make(ask, config))
    assert rows["PMC1"]["verdict"] == "keep"
    assert (rows["PMC2"]["stage"], rows["PMC2"]["reason"]) == (
        "license", "no-derivatives:normalised",
    )  # fmt: skip


# ---- what people decided

DECISIONS: Final = """
[[decision]]
sha256 = "{digest}"
expression = "ISC"
by = "legal team"
why = "the author answered"
when = "2026-03-04"

[[decision]]
repository = "https://github.com/o/r"
path = "gen/**"
expression = "GPL-3.0-only"
by = "legal team"
why = "generated from a copyleft grammar"
when = "2026-03-05"
"""


def test_decisions_override_and_are_quoted(ask: Ask, tmp_path: Path) -> None:
    text = f"{TEXTS['GPL-2.0-only']}\n"
    digest = hashlib.sha256(text.encode()).hexdigest()
    records = [
        {"id": "freed", "text": text, "license": "AGPL-3.0-only"},
        {
            "id": "bound",
            "text": prose(1),
            "license": "MIT",
            "repo": "github.com/O/R.git",
            "path": "gen/a.c",
        },
        {
            "id": "kept",
            "text": prose(2),
            "license": "MIT",
            "repo": "github.com/o/r",
            "path": "src/a.c",
        },
    ]
    (tmp_path / "decided.toml").write_text(DECISIONS.format(digest=digest))
    rules = f'{PERMISSIVE}decisions = "decided.toml"\n'
    config = mill(tmp_path, records, rules=rules)
    release = make(ask, config)
    found, rows = documents(release), ledger(release)
    assert {name: each["license"] for name, each in found.items()} == {
        "freed": "ISC",
        "kept": "MIT",
    }
    for name, why in (
        ("freed", "the author answered"),
        ("bound", "generated from a copyleft grammar"),
    ):
        detail = json.dumps(json.loads(rows[name]["detail"]))
        assert why in detail
        assert "legal team" in detail
    assert rows["bound"]["stage"] == "license"
    said = ask("inspect", tmp_path / "a.jsonl", "--config", config, "--json")
    shown = {each["id"]: each["license"] for each in map(json.loads, said.out.splitlines())}
    assert shown["freed"]["decided_by"] == "decision"
    assert shown["freed"]["evidence"][0]["by"] == "legal team"
    assert (shown["bound"]["expression"], shown["bound"]["decision"]) == ("GPL-3.0-only", "deny")
    before = json.dumps(manifest(release))
    (tmp_path / "decided.toml").write_text(
        DECISIONS.format(digest=digest).replace("answered", "wrote")
    )
    after = json.dumps(manifest(make(ask, config)))
    digests = [{part for part in each.split('"') if len(part) == 64} for each in (before, after)]
    assert digests[0] != digests[1]
    conserved(release, 3)


def test_a_broken_decision_stops_before_anything_is_done(ask: Ask, tmp_path: Path) -> None:
    (tmp_path / "decided.toml").write_text('[[decision]]\nexpression = "MIT"\n')
    config = mill(
        tmp_path, [{"id": "x", "text": prose(1)}], rules=f'{PERMISSIVE}decisions = "decided.toml"\n'
    )
    said = attempt(ask, config)
    assert said.code == 2
    assert "decided.toml" in said.err
    assert not (tmp_path / "work").exists()


# ---- policies

MIXED: Final = {
    "mit": "MIT", "gpl": "GPL-3.0-only", "cc0": "CC0-1.0", "nc": "CC-BY-NC-4.0", "none": "", "lgpl": "LGPL-2.1-only",
}  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "kept"),
    [
        ("permissive", {"mit", "cc0"}),
        ("permissive-or-no-licence", {"mit", "cc0", "none"}),
        ("copyleft-ok", {"mit", "cc0", "gpl", "lgpl"}),
        ("public-domain", {"cc0"}),
    ],
)
def test_policies_by_name(ask: Ask, tmp_path: Path, policy: str, kept: set[str]) -> None:
    records = [
        {"id": name, "text": prose(name), **({"license": id_} if id_ else {})}
        for name, id_ in MIXED.items()
    ]
    release = make(ask, mill(tmp_path, records, rules=f'[license]\npolicy = "{policy}"\n'))
    assert set(documents(release)) == kept
    assert policy in json.dumps(manifest(release))
    conserved(release, len(MIXED))


def test_a_changed_policy_file_redoes_the_screens(ask: Ask, tmp_path: Path) -> None:
    records = [
        {"id": name, "text": prose(name), "license": id_ or "ISC"} for name, id_ in MIXED.items()
    ]
    config = mill(tmp_path, records, rules='[license]\npolicy = "own.toml"\n')
    own = tmp_path / "own.toml"
    own.write_text('description = "Only one."\nallow = ["MIT"]\n')
    first = make(ask, config)
    assert set(documents(first)) == {"mit"}
    screens = set((tmp_path / "work/screen").iterdir())
    again = make(ask, config)
    assert set((tmp_path / "work/screen").iterdir()) == screens
    assert (again / "SHA256SUMS").read_bytes() == (first / "SHA256SUMS").read_bytes()
    own.write_text('description = "Only two."\nallow = ["MIT", "GPL-3.0-only"]\n')
    second = make(ask, config)
    assert set(documents(second)) == {"mit", "gpl"}
    assert len(set((tmp_path / "work/screen").iterdir()) - screens) == 2
    assert "Only two." in json.dumps(manifest(second))
    assert "Only one." in json.dumps(manifest(first))


# ---- inspect


def test_inspect_explains_a_folder(ask: Ask, tmp_path: Path) -> None:
    files = {
        "LICENSE": TEXTS["MIT"],
        "src/a.py": "print('a')\n",
        "src/gpl.py": "# SPDX-License-Identifier: GPL-3.0-or-later\n",
        "vendor/zlib/inflate.c": "int inflate;\n",
        "third_party/x/COPYING": TEXTS["LGPL-2.1-only"],
        "third_party/x/x.c": "int x;\n",
    }
    for name, text in files.items():
        path = tmp_path / "repo" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    said = ask("inspect", tmp_path / "repo", "--json")
    assert said.code == 0
    shown = {
        Path(each["path"]).name: each["license"] for each in map(json.loads, said.out.splitlines())
    }
    assert {name: each["expression"] for name, each in shown.items()} == {
        "LICENSE": "MIT", "a.py": "MIT", "gpl.py": "GPL-3.0-or-later", "inflate.c": "NOASSERTION",
        "COPYING": "LGPL-2.1-only", "x.c": "LGPL-2.1-only",
    }  # fmt: skip
    assert shown["a.py"]["decided_by"] == "root"
    assert shown["a.py"]["evidence"][0]["path"] == "LICENSE"
    assert shown["inflate.c"]["boundary"] == "vendor/zlib"
    assert shown["gpl.py"]["class"] == "strong-copyleft"


# ---- a detector that finds nothing


def test_a_blind_detector_judges_nothing(
    ask: Ask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index = open_matcher().index
    empty = index._replace(gram_ids=np.full_like(index.gram_ids, -1))
    texts = (("nothing", "MIT"),)
    config = mill(tmp_path, [{"id": "x", "text": prose(1), "license": "MIT"}])
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    data = msgspec.msgpack.encode(Kept(dump(empty), texts))
    folder = tmp_path / "cache/gristmill"
    folder.mkdir(parents=True)
    (folder / f"licenses-{detector_version()}.idx").write_bytes(
        hashlib.sha256(data).digest() + data
    )
    open_matcher.cache_clear()
    try:
        run, inspected = attempt(ask, config), ask("inspect", tmp_path / "a.jsonl")
    finally:
        open_matcher.cache_clear()
    assert (run.code, inspected.code) == (1, 1)
    assert "nothing was judged" in run.err
    assert not list((tmp_path / "work").glob("s*/*"))
