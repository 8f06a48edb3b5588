"""Plug-ins are found by name among what is installed, and what is wrong with one is told of that one."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from filters.document import KEEP, Document, Verdict, drop
from pipeline import plugins
from pipeline.config import check_config
from pipeline.errors import ConfigError, FaultError
from pipeline.export import export_by_plugin
from pipeline.filtering import PluginFilter, check_filter, open_filters
from pipeline.installed import installed
from pipeline.plugins import GROUPS, Kind, find, identify, missing, offers, require
from pipeline.sources import read
from pipeline.sources.formats import adapter_of, format_names
from pipeline.sources.records import Raw
from tests.conftest import Ask
from tests.offers import forget, lay

MODULE = """
import msgspec
from filters.document import KEEP, drop
from pipeline.sources.adapter import Adapter
from pipeline.sources.file import Digest
from pipeline.sources.records import Raw

class Length(msgspec.Struct, frozen=True, kw_only=True):
    least: int = 3

    def __post_init__(self):
        if self.least < 0:
            raise ValueError("least: below 0")

    def judge(self, document):
        if "raise" in document.text:
            raise KeyError(document.text)
        return KEEP if len(document.text) >= self.least else drop("short", figure=len(document.text))

class Thawed(msgspec.Struct):
    def judge(self, document):
        return KEEP

class Silent(msgspec.Struct, frozen=True):
    answer: str = ""

    def judge(self, document):
        return eval(self.answer)

class Needy(msgspec.Struct, frozen=True):
    wanted: int

    def judge(self, document):
        return KEEP

def two(file, how):
    yield Raw(0, 1, {"text": "one"})
    yield Raw(1, 2, {"text": "two"})

def falls(file, how):
    yield Raw(1, 1, {"text": "one"})
    yield Raw(1, 2, {"text": "two"})

def strays(file, how):
    yield {"text": "one"}

def raises(file, how):
    yield Raw(0, 1, {"text": "one"})
    raise KeyError("a private text")

def unreadable(file, how):
    raise PermissionError(13, "Permission denied")

def bad_flaws(said):
    raise KeyError("x")

good = Adapter(read=two, options={"wide": "how wide it is"})
falling, straying = Adapter(read=falls), Adapter(read=strays)
raising, closed = Adapter(read=raises), Adapter(read=unreadable)
careless = Adapter(read=two, options={"wide": "x"}, flaws=bad_flaws)
number = 7

def texts(manifest, release):
    yield "text"

def fails(manifest, release):
    raise KeyError("a private text")
"""
POINTS: dict[tuple[Kind, str], str] = {
    ("adapter", "good"): "good",
    ("adapter", "falling"): "falling",
    ("adapter", "straying"): "straying",
    ("adapter", "raising"): "raising",
    ("adapter", "closed"): "closed",
    ("adapter", "careless"): "careless",
    ("adapter", "jsonl"): "good",
    ("adapter", "number"): "number",
    ("adapter", "absent"): "absent",
    ("filter", "length"): "Length",
    ("filter", "thawed"): "Thawed",
    ("filter", "silent"): "Silent",
    ("filter", "needy"): "Needy",
    ("filter", "gopher"): "Length",
    ("filter", "Loud"): "Length",
    ("exporter", "texts"): "texts",
    ("exporter", "fails"): "fails",
    ("exporter", "number"): "number",
}


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    found = lay(tmp_path / "site", "strange-mill", MODULE, POINTS)
    monkeypatch.syspath_prepend(found)
    forget()
    yield found
    forget()
    for name in ("strange_mill", "other_mill", "broken_mill"):
        sys.modules.pop(name, None)


def document(text: str) -> Document:
    return Document(id="a", text=text, sha256="", source="s")


def config(**tables: Any) -> dict[str, Any]:
    return {"release": {"name": "r"}, "sources": [{"name": "s", "paths": ["x"]}], **tables}


def mistakes(**tables: Any) -> list[str]:
    try:
        check_config(config(**tables), "c.toml")
    except ConfigError as error:
        return [line.removeprefix("config: c.toml: ") for line in str(error).splitlines()]
    return []


def test_nothing_is_imported_that_nobody_asks_for(site: Path, ask: Ask) -> None:
    assert ("good", "strange-mill", "1.0") in [
        (each.name, each.distribution, each.version) for each in offers("adapter")
    ]
    assert "good" in format_names()
    assert ask("plugins").code == 2  # some names are taken
    assert "strange_mill" not in sys.modules
    assert mistakes() == []
    assert "strange_mill" not in sys.modules
    adapter_of("good")
    assert "strange_mill" in sys.modules


def test_an_adapter_is_a_format(site: Path) -> None:
    assert [each.record["text"] for each in read(site, "good") if isinstance(each, Raw)] == [
        "one",
        "two",
    ]
    source = {"name": "s", "paths": ["x"], "format": "good", "options": {"wode": 1}}
    assert mistakes(sources=[source]) == [
        "sources.0.options.wode: unknown key; did you mean 'wide'?"
    ]


def test_of_two_with_one_name_ours_counts(site: Path) -> None:
    assert adapter_of("jsonl").takes_fields
    assert check_filter(PluginFilter(name="gopher")) == [
        "name: 'gopher' is a filter of gristmill's own: write it into quality.filters"
    ]
    hidden = {each.offer.name for each in installed(check=False) if "hidden" in each.problem}
    assert hidden == {"jsonl", "gopher"}


def test_two_packages_with_one_name_are_told(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = lay(tmp_path / "other", "other-mill", MODULE, {("filter", "length"): "Length"})
    monkeypatch.syspath_prepend(other)
    forget()
    assert mistakes(filters=[{"name": "length"}]) == [
        "filters.0.name: filter 'length': other-mill 1.0 and strange-mill 1.0 both offer it: uninstall one of them"
    ]
    assert mistakes(filters=[{"name": "needy", "options": {"wanted": 1}}]) == []


@pytest.mark.parametrize(
    ("name", "said"),
    [
        (
            "number",
            "strange_mill:number is no adapter: a pipeline.sources.adapter.Adapter is expected",
        ),
        ("absent", "strange_mill:absent is no adapter that can be loaded: AttributeError"),
    ],
)
def test_what_is_no_adapter_is_a_mistake_of_the_config(site: Path, name: str, said: str) -> None:
    (mistake,) = mistakes(sources=[{"name": "s", "paths": ["x"], "format": name}])
    assert mistake.startswith(f"sources.0.format: adapter {name!r} of strange-mill 1.0: {said}")


def test_an_import_that_fails_names_package_and_place(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points: dict[tuple[Kind, str], str] = {("filter", "torn"): "Torn", ("adapter", "torn"): "TORN"}
    broken = lay(tmp_path / "broken", "broken-mill", "import no_such_module_at_all", points)
    monkeypatch.syspath_prepend(broken)
    forget()
    (mistake,) = mistakes(filters=[{"name": "torn"}])
    assert mistake == (
        "filters.0.name: filter 'torn' of broken-mill 1.0: broken_mill:Torn is no filter that can be"
        " loaded: ModuleNotFoundError: No module named 'no_such_module_at_all':"
        " mend the package, or install what it needs"
    )
    (broken / "broken_mill.py").write_text("syntax error here")
    forget()
    (mistake,) = mistakes(sources=[{"name": "s", "paths": ["x"], "format": "torn"}])
    assert "SyntaxError" in mistake
    # who does not ask for it has no harm of it
    assert mistakes(filters=[{"name": "length"}]) == []


def test_entry_points_that_do_not_read_harm_nobody_but_who_asks(site: Path, ask: Ask) -> None:
    (site / "strange_mill-1.0.dist-info/entry_points.txt").write_text(
        "[gristmill.filters]\nnonsense\n"
    )
    forget()
    assert mistakes() == []
    (mistake,) = mistakes(filters=[{"name": "length"}])
    assert "filters.0.name: " in mistake
    assert ask("plugins").code == 2


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"leest": 1}, "filters.0.options.leest: unknown key; did you mean 'least'?"),
        ({"least": "x"}, "filters.0.options.least: expected `int`, got `string`"),
        ({"least": -1}, "filters.0.options: least: below 0"),
    ],
)
def test_options_are_checked(site: Path, options: dict[str, Any], said: str) -> None:
    assert mistakes(filters=[{"name": "length", "options": options}]) == [said]


def test_filters_are_refused_that_are_none(site: Path) -> None:
    assert mistakes(filters=[{"name": "needy"}]) == ["filters.0.options.wanted: is missing"]
    assert mistakes(filters=[{"name": "lenght"}])[0].endswith("did you mean 'length'?")
    assert "is no filter: a frozen class" in mistakes(filters=[{"name": "thawed"}])[0]
    assert "no installed package offers" in mistakes(filters=[{"name": "Loud"}])[0]
    assert mistakes(filters=[{"name": "length"}] * 2) == ["filters: 'length' is there twice"]


def test_a_filter_judges_under_its_name(site: Path) -> None:
    (opened,) = open_filters((PluginFilter(name="length", options={"least": 2}),))
    assert opened.judge(document("two")) == KEEP
    assert opened.judge(document("1")) == drop("length:short", figure=1)


def test_what_a_filter_raises_is_told_by_place_alone(site: Path) -> None:
    (opened,) = open_filters((PluginFilter(name="length"),))
    with pytest.raises(FaultError) as caught:
        opened.judge(document("raise a private text"))
    said = str(caught.value)
    assert said.startswith(
        "filter 'length' of strange-mill 1.0: unexpected KeyError at strange_mill.py:"
    )
    assert said.endswith("(judge)")
    assert caught.value.kind == "KeyError"
    assert caught.value.__suppress_context__


@pytest.mark.parametrize(
    "answer",
    [
        "None",
        "True",
        "drop('A whole sentence')",
        "drop('')",
        "drop(3)",
        "drop('word', quote=document.text)",
        "drop('word', spans=[1])",
        "drop('word', **{'a key': 1})",
        "drop('word', **{f'n{n}': n for n in range(17)})",
    ],
)
def test_a_verdict_says_no_more_than_a_ledger_may_hold(site: Path, answer: str) -> None:
    (opened,) = open_filters((PluginFilter(name="silent", options={"answer": answer}),))
    with pytest.raises(ConfigError, match="filter 'silent' of strange-mill") as caught:
        opened.judge(document("a private text"))
    assert "private" not in str(caught.value)


@pytest.mark.parametrize(
    "answer", ["drop('too-short:ko', share=0.5, word='x', sure=True)", "drop('no')", "KEEP"]
)
def test_a_verdict_may_say_a_word_and_figures(site: Path, answer: str) -> None:
    (opened,) = open_filters((PluginFilter(name="silent", options={"answer": answer}),))
    expected: Verdict = eval(answer, {"drop": drop, "KEEP": KEEP})  # noqa: S307  the words above
    named = expected if expected.keep else drop(f"silent:{expected.reason}", **expected.detail)
    assert opened.judge(document("text")) == named


@pytest.mark.parametrize("name", ["falling", "straying"])
def test_items_of_an_adapter_are_looked_at(site: Path, name: str) -> None:
    with pytest.raises(
        ConfigError, match=f"adapter '{name}' of strange-mill 1.0: it must yield Raw"
    ):
        list(read(site, name))


def test_what_an_adapter_raises_is_told_by_place_alone(site: Path) -> None:
    with pytest.raises(FaultError, match=r"unexpected KeyError at strange_mill.py:\d+ \(raises\)$"):
        list(read(site, "raising"))
    with pytest.raises(Exception, match="Permission denied"):
        list(read(site, "closed"))
    source = {"name": "s", "paths": ["x"], "format": "careless", "options": {"wide": 1}}
    with pytest.raises(ConfigError, match=r"adapter 'careless'.* unexpected KeyError"):
        check_config(config(sources=[source]), "c.toml")


def test_an_exporter_yields_bytes(site: Path, release: Path) -> None:
    with pytest.raises(
        ConfigError, match=r"exporter 'texts' of strange-mill .*: it must yield bytes"
    ):
        list(export_by_plugin(release, "texts"))
    with pytest.raises(
        FaultError, match=r"exporter 'fails' of strange-mill .*: unexpected KeyError"
    ):
        list(export_by_plugin(release, "fails"))
    with pytest.raises(ConfigError, match="is no exporter: a function"):
        export_by_plugin(release, "number")


def test_a_plugin_is_told_apart_by_version_and_by_code(
    site: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = identify("filter", "length")
    assert (first.distribution, first.version) == ("strange-mill", "1.0")
    assert missing((first,)) == []
    (site / "strange_mill.py").write_text(MODULE + "# more\n")
    forget()
    (problem,) = missing((first,))
    assert problem == (
        "filter 'length' has other code than then under one version: install strange-mill==1.0"
    )
    with pytest.raises(ConfigError, match="screen: on this machine filter 'length' has other code"):
        require((first,), "screen")
    later = lay(tmp_path / "later", "strange-mill", MODULE, POINTS, "2.0")
    monkeypatch.syspath_prepend(later)
    forget()
    (problem,) = missing((first,))
    assert problem == (
        "filter 'length' is of strange-mill 2.0, not of strange-mill 1.0: install strange-mill==1.0"
    )
    assert identify("filter", "length").sha256 == first.sha256


def test_the_code_is_all_files_of_the_package_and_nothing_compiled(
    site: Path, tmp_path: Path
) -> None:
    folder = site / "wide_mill"
    (folder / "deep").mkdir(parents=True)
    for name in ("__init__.py", "deep/__init__.py", "words.txt"):
        (folder / name).write_text("")

    def now() -> str:
        forget()
        return identify("recogniser", "wide_mill.deep:find").sha256

    seen = [now()]
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__/deep.cpython-311.pyc").write_bytes(b"x")
    assert now() == seen[0]
    for name in ("words.txt", "deep/__init__.py", "new.txt"):
        (folder / name).write_text("# changed")
        seen.append(now())
    assert len(set(seen)) == 4
    # below a folder that is no package of anybody, what is beside it is not its code
    (site / "shared_mill/mine").mkdir(parents=True)
    (site / "shared_mill/mine/__init__.py").write_text("")
    forget()
    before = identify("recogniser", "shared_mill.mine:find").sha256
    (site / "shared_mill/yours.py").write_text("")
    forget()
    assert identify("recogniser", "shared_mill.mine:find").sha256 == before


def test_what_is_not_installed_is_told(site: Path) -> None:
    gone = plugins.Plugin(
        kind="filter", name="gone", distribution="x", version="1", sha256="0" * 64
    )
    assert missing((gone,)) == ["filter 'gone' is not installed: install x==1"]
    assert find("filter", "gone") is None
    assert GROUPS["filter"] == "gristmill.filters"
    (site / "strange_mill.py").unlink()
    forget()
    with pytest.raises(ConfigError, match="the code of 'strange_mill' is not to be found"):
        identify("filter", "length")


def test_the_list_says_which_ones_cannot_be_used(site: Path, ask: Ask) -> None:
    said = ask("plugins", "--check", "--json")
    assert said.code == 2
    problems = {(each["kind"], each["name"]): each["problem"] for each in said.rows()}
    assert {key for key, problem in problems.items() if problem} == {
        ("adapter", "jsonl"),
        ("adapter", "number"),
        ("adapter", "absent"),
        ("filter", "thawed"),
        ("filter", "gopher"),
        ("filter", "Loud"),
        ("exporter", "number"),
    }
    table = ask("plugins", "--check").out
    assert "strange-mill 1.0" in table
