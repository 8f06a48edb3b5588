"""The config: every mistake at once, each with its path and a hint; one canonical form of what is right."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.config import Config, Near, check_config, load_config
from pipeline.errors import ConfigError
from pipeline.sources.formats import adapter_of, format_names

LEAST = '[release]\nname = "m"\n[[sources]]\nname = "s"\npaths = ["a.jsonl"]\n'


def config(tmp_path: Path, text: str, *overrides: str) -> Config:
    path = tmp_path / "m.toml"
    path.write_text(text)
    return load_config(path, overrides)


def mistakes(tmp_path: Path, text: str, *overrides: str) -> list[str]:
    """The lines of the error, without the place that all of them begin with."""
    with pytest.raises(ConfigError) as caught:
        config(tmp_path, text, *overrides)
    begin = f"config: {tmp_path / 'm.toml'}: "
    return [line.removeprefix(begin) for line in str(caught.value).splitlines()]


def test_a_name_and_one_source_are_enough(tmp_path: Path) -> None:
    made = config(tmp_path, LEAST)
    assert made.release.version == "1.0.0"
    assert made.license is None
    assert made.optout is None
    assert made.redact.level == "balanced"
    assert made.dedup.near_or_none == Near()
    assert made.quality.filters == ()


EVERYTHING_WRONG = """
[release]
name = "../out"
version = "1.0"
shards = 12
seed = -1
colour = "red"
[[sources]]
name = "s"
pathes = ["a"]
[[sources]]
name = "t"
paths = "a.jsonl"
format = "csv"
priority = "high"
[licence]
policy = "permissive"
[redact]
level = "medium"
[dedup]
near = { treshold = 0.8 }
[split]
validation = "a"
[limits]
bad_records = []
"""


def test_all_mistakes_of_form_come_at_once_with_their_paths(tmp_path: Path) -> None:
    found = mistakes(tmp_path, EVERYTHING_WRONG)
    places = {line.partition(":")[0] for line in found}
    assert places >= {
        "release.colour",
        "sources.0.pathes",
        "sources.1.paths",
        "sources.1.format",
        "sources.1.priority",
        "licence",
        "redact.level",
        "dedup.near.treshold",
        "split.validation",
        "limits.bad_records",
    }
    hints = {line.partition(":")[0]: line for line in found if "did you mean" in line}
    assert hints["sources.0.pathes"].endswith("did you mean 'paths'?")
    assert hints["licence"].endswith("did you mean 'license'?")
    assert hints["dedup.near.treshold"].endswith("did you mean 'threshold'?")


def test_all_mistakes_of_value_come_at_once(tmp_path: Path) -> None:
    text = """
[release]
name = "../out"
version = "1.0"
shards = 12
seed = -1
[[sources]]
name = "s"
[[sources]]
name = "s"
paths = ["a"]
priority = 10000000
[[sources]]
name = "a/b"
paths = ["a"]
[quality]
filters = ["gophr"]
[dedup]
near = { threshold = 1.5, bands = 0 }
max_loss = 2.0
[split]
validation = 0.7
test = 0.6
[limits]
bad_records = 1.5
max_record_mib = 0
"""
    found = mistakes(tmp_path, text)
    for place in (
        "release.name",
        "release.version",
        "release.shards",
        "release.seed",
        "sources: the name 's' is used twice",
        "sources.0.paths",
        "sources.1.priority",
        "sources.2.name",
        "quality.filters",
        "dedup.near.threshold",
        "dedup.near.bands",
        "dedup.max_loss",
        "split.validation",
        "limits.bad_records",
        "limits.max_record_mib",
    ):
        assert any(line.startswith(place) for line in found), place


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("[limits]\ndamaged_shards = -1\n", "limits.damaged_shards"),
        ('[optout]\nregistry = "r"\nmax_age_days = -1\n', "optout.max_age_days"),
        ("[split]\ntest = nan\n", "split.test"),
        ("[split]\nvalidation = -0.1\n", "split.validation"),
        ("[dedup]\nnear = { threshold = inf }\n", "dedup.near.threshold"),
        ("[dedup]\nnear = { bands = 64, rows = 64 }\n", "dedup.near"),
        ('[license]\nallow = ["MITT"]\n', "license"),
        ('[release]\nname = "m"\n', "sources"),
    ],
)
def test_a_value_out_of_range_is_named(tmp_path: Path, table: str, place: str) -> None:
    text = table if table.startswith("[release]") else LEAST + table
    assert any(line.startswith(place) for line in mistakes(tmp_path, text))


def test_one_table_where_a_list_of_tables_is_due_is_a_mistake(tmp_path: Path) -> None:
    (line,) = mistakes(tmp_path, LEAST.replace("[[sources]]", "[sources]"))
    assert line.startswith("sources")


def test_a_field_that_no_record_has_is_a_mistake(tmp_path: Path) -> None:
    found = mistakes(tmp_path, LEAST + 'fields = { texte = "content" }\n')
    assert any(line.startswith("sources.0.fields") and "texte" in line for line in found)


@pytest.mark.parametrize("kind", ["squad", "mrqa", "questions", "stackexchange", "python-env"])
def test_a_format_with_names_of_its_own_takes_no_fields(tmp_path: Path, kind: str) -> None:
    found = mistakes(tmp_path, LEAST + f'format = "{kind}"\nfields = {{ text = "content" }}\n')
    assert any("names of their own" in line and kind in line for line in found)


def test_every_format_has_an_adapter_and_unknown_options_are_named(tmp_path: Path) -> None:
    for name in format_names():
        adapter = adapter_of(name)
        assert adapter.suffixes or adapter.unit != "file"
        found = mistakes(tmp_path, LEAST + f'format = "{name}"\noptions = {{ colour = "red" }}\n')
        assert any("options.colour: unknown key" in line for line in found)


def test_a_name_cannot_leave_its_folder(tmp_path: Path) -> None:
    for name in ("..", "a/b", "/abs", ".hidden", "", "a\\b", "a b", "ü", "x" * 101):
        for key in ("release.name", "sources.0.name"):
            found = mistakes(tmp_path, LEAST, f"{key}={json.dumps(name)}")
            assert any(line.startswith(key) for line in found), name


def test_a_file_that_is_no_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"missing\.toml: cannot be read"):
        load_config(tmp_path / "missing.toml")
    (tmp_path / "latin.toml").write_bytes('[release]\nname = "é"\n'.encode("latin-1"))
    with pytest.raises(ConfigError, match="UTF-8"):
        load_config(tmp_path / "latin.toml")
    assert "line 2" in mistakes(tmp_path, "[release]\nname = \n")[0]


@pytest.mark.parametrize(
    ("override", "read"),
    [
        ("release.version=2.1.0", lambda made: made.release.version == "2.1.0"),
        ('release.version="2.1.0"', lambda made: made.release.version == "2.1.0"),
        ("release.shards=4", lambda made: made.release.shards == 4),
        ("dedup.near.threshold=0.9", lambda made: made.dedup.near_or_none == Near(threshold=0.9)),
        ("dedup.near=false", lambda made: made.dedup.near_or_none is None),
        ("dedup.near=true", lambda made: made.dedup.near_or_none == Near()),
        ("license.policy=permissive", lambda made: made.license.policy == "permissive"),
        ("sources.0.priority=7", lambda made: made.sources[0].priority == 7),
        ('sources.0.paths=["x", "y"]', lambda made: made.sources[0].paths == ("x", "y")),
        ('quality={ filters = ["gopher"] }', lambda made: made.quality.filters == ("gopher",)),
    ],
)
def test_set_changes_one_value(tmp_path: Path, override: str, read: Any) -> None:
    assert read(config(tmp_path, LEAST, override))


@pytest.mark.parametrize(
    "override",
    [
        "",
        "release",
        "=1",
        ".=1",
        "release=5",
        "release.nme=x",
        "release.name.x=1",
        "sources.1.name=x",
        "sources.first.name=x",
        "sources.0=x",
        "dedup.near=5",
        "a.b.c=1",
    ],
)
def test_a_wrong_set_is_refused(tmp_path: Path, override: str) -> None:
    assert mistakes(tmp_path, LEAST, override)


def test_overrides_apply_in_their_order(tmp_path: Path) -> None:
    made = config(tmp_path, LEAST, "release.seed=1", "release.seed=2")
    assert made.release.seed == 2


RICH = """
[split]
test = 0.2
validation = 0.1
[dedup]
near = { rows = 4, threshold = 0.9 }
[optout]
registry = "optout/events.jsonl"
[[sources]]
paths = ["b.jsonl", "./a.jsonl"]
name = "z"
fields = { text = "content", id = "key" }
[[sources]]
name = "a"
paths = ["c"]
[release]
version = "1.0.0"
name = "m"
"""
RICH_IN_ANOTHER_ORDER = """
[release]
name = "m"
version = "1.0.0"
[[sources]]
paths = ["./c"]
name = "a"
[[sources]]
name = "z"
fields = { id = "key", text = "content" }
paths = ["a.jsonl", "sub/../b.jsonl"]
[optout]
registry = "./optout/events.jsonl"
[dedup]
near = { threshold = 0.9, rows = 4 }
[split]
validation = 0.1
test = 0.2
"""


def test_the_canonical_form_ignores_order_spelling_and_place(tmp_path: Path) -> None:
    forms = set()
    for number, text in enumerate((RICH, RICH_IN_ANOTHER_ORDER)):
        folder = tmp_path / f"folder-{number}"
        folder.mkdir()
        forms.add(config(folder, text).canonical(folder))
        absolute = text.replace('"c"', f'"{folder}/c"').replace('"./c"', f'"{folder}/c"')
        forms.add(config(folder, absolute).canonical(folder))
    assert len(forms) == 1
    assert str(tmp_path).encode() not in forms.pop()


def test_no_absolute_path_gets_into_the_canonical_form(tmp_path: Path) -> None:
    form = config(tmp_path, LEAST.replace("a.jsonl", f"file://{tmp_path}/a.jsonl")).canonical(
        tmp_path
    )
    assert str(tmp_path).encode() not in form
    assert form == config(tmp_path, LEAST).canonical(tmp_path)


def test_the_canonical_form_shows_every_setting_that_matters(tmp_path: Path) -> None:
    base = config(tmp_path, LEAST).canonical(tmp_path)
    for override in (
        "release.seed=1",
        "release.shards=2",
        "split.test=0.2",
        "dedup.near.threshold=0.9",
        "dedup.exact=false",
        "redact.level=strict",
        "license.policy=permissive",
        "limits.bad_records=0.5",
        "sources.0.license=MIT",
        "sources.0.priority=2",
        "sources.0.id_prefix=x",
        'quality.filters=["gopher"]',
    ):
        assert config(tmp_path, LEAST, override).canonical(tmp_path) != base, override
    assert config(tmp_path, LEAST, "release.parent=out/m-0.9.0").canonical(tmp_path) == base


def test_messages_and_canonical_form_do_not_depend_on_the_hash_seed(tmp_path: Path) -> None:
    wrong = EVERYTHING_WRONG + "[zeta]\n[alpha]\n[omega]\n[beta]\n"
    (tmp_path / "wrong.toml").write_text(wrong)
    (tmp_path / "right.toml").write_text(RICH)
    script = """
from pathlib import Path
from pipeline.config import load_config
from pipeline.errors import ConfigError
print(load_config(Path("right.toml")).canonical(Path.cwd()))
try:
    load_config(Path("wrong.toml"))
except ConfigError as error:
    print(error)
"""
    printed = {
        subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2", "3")
    }
    assert len(printed) == 1


NAMES = (
    "release sources license optout redact quality dedup split limits name version shards seed parent paths "
    "format priority fields id_prefix include registry max_age_days exact near max_loss threshold bands rows "
    "validation test filters bad_records damaged_shards max_record_mib policy allow deny unknown level other"
)
KEYS = NAMES.split()
scalars = (
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(("permissive", "1.0.0", "squad", "MIT", "gopher", "strict"))
)
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=5),
    max_leaves=20,
)  # fmt: skip
tables = st.fixed_dictionaries(
    {},
    optional={
        key: trees | st.dictionaries(st.sampled_from(KEYS), trees, max_size=4) for key in KEYS[:9]
    },
)


@settings(max_examples=300)
@given(tables)
def test_whatever_a_config_says_it_is_taken_or_refused_with_a_reason(table: dict[str, Any]) -> None:
    try:
        made = check_config(table, "m.toml")
    except ConfigError as error:
        lines = str(error).splitlines()
        assert lines
        assert all(line.startswith("config: m.toml: ") for line in lines)
    else:
        assert made.canonical(Path("/somewhere"))


def test_sources_have_names_that_any_file_system_keeps_apart(tmp_path: Path) -> None:
    def named(*names: str) -> list[str]:
        sources = "".join(f'[[sources]]\nname = "{n}"\npaths = ["x"]\n' for n in names)
        return mistakes(tmp_path, '[release]\nname = "m"\n' + sources)

    (found,) = named("web", "Web", "code")
    assert "'Web' and 'web' differ in case alone" in found
    for device in ("con", "NUL", "Com1", "lpt9", "aux.txt"):
        (found,) = named(device)
        assert "is the name of a device on Windows" in found
    (found,) = named("web.")
    assert "ends in '.'" in found
