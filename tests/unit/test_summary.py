"""The account of a run: sums by source, limits that are kept to the record, losses that are named."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from manifests.manifest import STAGES
from pipeline.engine.crew import SYNC
from pipeline.errors import GristmillError, InputError
from pipeline.run import Outcome, run_config
from pipeline.summary import Counts, SourceCounts, as_json

GOOD = [{"id": f"d{n}", "text": f"Number {n} of the documents."} for n in range(18)]
BAD = ["{broken", '{"text": 5}']


def run(root: Path, lines: list[Any], toml: str = "") -> Outcome:
    text = "".join((each if type(each) is str else json.dumps(each)) + "\n" for each in lines)
    (root / "in.jsonl").write_text(text)
    source = '[release]\nname = "m"\nshards = 1\n[[sources]]\nname = "s"\npaths = ["in.jsonl"]\n'
    (root / "m.toml").write_text(source + toml)
    return run_config(root / "m.toml", out=root / "out", crew=SYNC)


def test_bad_records_up_to_the_limit_are_counted_and_beyond_it_stop_the_run(tmp_path: Path) -> None:
    lines = [*GOOD, *BAD]  # 2 of 20
    counts = run(tmp_path, lines, "[limits]\nbad_records = 0.1\n").counts
    (source,) = counts.sources
    assert (source.read, source.kept, source.quarantined, source.lost) == (20, 18, 2, 2)
    assert source.dropped == {"read": {"json": 1, "text-type": 1}}
    with pytest.raises(InputError) as caught:
        run(tmp_path, lines, "[limits]\nbad_records = 0.0999\n")
    said = str(caught.value).splitlines()
    assert said[0].startswith("read: source 's': 2 of 20 records are bad")
    assert said[1:] == ["read: in.jsonl:19: json", "read: in.jsonl:20: text-type"]


def test_nothing_of_a_bad_line_is_quoted(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        run(tmp_path, [*GOOD, '{"text": "my private diary'])
    assert "diary" not in str(caught.value)
    for path in (tmp_path / "out").rglob("*"):
        assert not path.is_file() or b"diary" not in path.read_bytes()


def test_a_damaged_shard_stops_the_run_unless_it_is_allowed(tmp_path: Path) -> None:
    import zstandard

    whole = zstandard.compress(b"".join(json.dumps(each).encode() + b"\n" for each in GOOD))
    (tmp_path / "in.jsonl.zst").write_bytes(whole[:-9])
    (tmp_path / "m.toml").write_text(
        '[release]\nname = "m"\n[[sources]]\nname = "s"\npaths = ["in.jsonl.zst"]\n'
    )
    with pytest.raises(InputError, match=r"1 damaged shards(.|\n)*read: in\.jsonl\.zst: "):
        run_config(tmp_path / "m.toml", out=tmp_path / "out", crew=SYNC)
    made = run_config(
        tmp_path / "m.toml", overrides=("limits.damaged_shards=1",), out=tmp_path / "out", crew=SYNC,
    )  # fmt: skip
    (source,) = made.counts.sources
    assert source.read == source.kept + source.lost
    assert sum(source.dropped["read"].values()) == 1


def copies(count: int) -> list[dict[str, str]]:
    return [{"id": f"c{n}", "text": "The same words in each of them."} for n in range(count)]


def test_a_source_that_loses_more_than_half_is_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run(tmp_path, copies(3))
    assert "'s' loses 2 of 3 documents as duplicates" in capsys.readouterr().err


def test_losing_exactly_half_is_none(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    run(tmp_path, copies(2))
    assert "duplicates" not in capsys.readouterr().err


@pytest.mark.parametrize(("allowed", "stops"), [("0.66", True), ("0.67", False)])
def test_a_configured_loss_stops_the_run(tmp_path: Path, allowed: str, stops: bool) -> None:
    toml = f"[dedup]\nmax_loss = {allowed}\n"
    if not stops:
        assert run(tmp_path, copies(3), toml).counts.sources[0].kept == 1
        return
    with pytest.raises(GristmillError, match="loses 2 of 3"):
        run(tmp_path, copies(3), toml)
    assert not (tmp_path / "out/m-1.0.0").exists()


def test_a_share_is_compared_as_it_is_written(tmp_path: Path) -> None:
    """As a float, 0.29 of 100 is less than 29."""
    lines = [*copies(30), *({"id": f"d{n}", "text": f"Number {n} of these."} for n in range(70))]
    assert run(tmp_path, lines, "[dedup]\nmax_loss = 0.29\n").counts.sources[0].kept == 71
    with pytest.raises(InputError, match=r"29 of 100 .*: 29\.0%, more than 28\.9%"):
        run(tmp_path, lines, "[dedup]\nmax_loss = 0.289\n")


def test_an_accepted_loss_neither_stops_nor_warns_and_is_noted(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for limit in ("", "max_loss = 0\n"):
        made = run(tmp_path, copies(3), f'[dedup]\naccepted = ["s"]\n{limit}')
        assert "warning" not in capsys.readouterr().err
        note = "loss of source 's' accepted: 66.7% of its documents are duplicates"
        assert note in made.notes
        manifest = json.loads((made.release / "manifest.json").read_bytes())
        assert note in manifest["notes"]
        shutil.rmtree(made.release)
    made = run(tmp_path, GOOD, '[dedup]\naccepted = ["s"]\n')
    assert not any("accepted" in note for note in made.notes)


def test_every_source_that_loses_too_much_is_told_what_to_look_at_and_what_to_write(
    tmp_path: Path,
) -> None:
    toml = '[release]\nname = "m"\nshards = 1\n[dedup]\nmax_loss = 0.5\naccepted = ["z"]\n'
    for name in "xyz":
        text = "".join(json.dumps({"text": f"All {name}.", "id": f"{name}{n}"}) + "\n" for n in range(4))  # fmt: skip
        (tmp_path / f"{name}.jsonl").write_text(text)
        toml += f'[[sources]]\nname = "{name}"\npaths = ["{name}.jsonl"]\n'
    (tmp_path / "m.toml").write_text(toml)
    with pytest.raises(InputError) as caught:
        run_config(tmp_path / "m.toml", out=tmp_path / "out", crew=SYNC)
    said = str(caught.value).splitlines()
    assert [line.partition(" as ")[0] for line in said] == [
        f"dedup: source '{name}' loses 3 of 4 documents" for name in "xy"
    ]
    for name, line in zip("xy", said, strict=True):
        assert f"`gristmill dedup sample CONFIG --source {name}`" in line
        assert f'`[dedup] accepted = ["z", "{name}"]`' in line


def counts() -> Counts:
    near = {"near": Counter(jaccard=1), "read": Counter(json=2, nul=1)}
    exact = {"read": Counter(json=1), "exact": Counter(sha256=1)}
    one = SourceCounts(name="a", kind="document", read=9, kept=5, text_bytes=7, dropped=near)
    two = SourceCounts(name="b", kind="question", read=3, kept=1, dropped=exact)
    return Counts((one, two))


def test_drops_add_up_over_sources_in_the_order_of_the_stages() -> None:
    made = counts()
    assert made.dropped == {
        "read": {"json": 3, "nul": 1},
        "exact": {"sha256": 1},
        "near": {"jaccard": 1},
    }
    assert list(made.dropped) == [stage for stage in STAGES if stage in made.dropped]
    assert [source.lost for source in made.sources] == [4, 2]


def test_the_json_form_holds_every_count() -> None:
    made = as_json(counts())
    assert (made["read"], made["kept"]) == (12, 6)
    assert made["read"] == made["kept"] + sum(
        sum(each.values()) for each in made["dropped"].values()
    )
    assert [source["name"] for source in made["sources"]] == ["a", "b"]
    assert json.loads(json.dumps(made)) == made
    for source in made["sources"]:
        lost = sum(sum(reasons.values()) for reasons in source["dropped"].values())
        assert source["read"] == source["kept"] + lost


def test_every_stage_that_drops_is_known_to_the_account(tmp_path: Path) -> None:
    """A stage missing from the list would vanish from the manifest's sums."""
    lines = [*GOOD, *copies(2), {"id": "g", "text": "GPL.", "license": "GPL-3.0-only"}, *BAD]
    toml = '[license]\ndeny = ["GPL-3.0-only"]\n[limits]\nbad_records = 0.5\n'
    toml += '[quality]\nfilters = ["gopher"]\n'
    made = run(tmp_path, lines, toml)
    (source,) = made.counts.sources
    assert source.dropped.keys() <= set(STAGES)
    assert made.counts.dropped.keys() == source.dropped.keys()
    assert source.read == source.kept + source.lost
