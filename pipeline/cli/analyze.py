"""`gristmill analyze PATH…`: statistics of raw shards, or of all that a config's sources read, before any run.

With --scores, how the scores of quality filters are distributed and what each threshold would drop;
with --config and no PATH, the same of the scores that a run stored, at the thresholds of the config
as it is now and of --set: nothing is computed again.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.cli.options import add_json_option, place, print_json, print_table
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    import argparse

_BLOCKS: Final = " ▁▂▃▄▅▆▇█"
_SHOWN: Final = ("0%", "5%", "25%", "50%", "75%", "95%", "100%")


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser(
        "analyze", help="statistics of inputs, before any run", description=__doc__
    )
    parser.add_argument(
        "paths",
        nargs="*",
        type=Path,
        metavar="PATH",
        help="shards, folders of them, or a config (.toml)",
    )
    parser.add_argument("--scores", action="store_true", help="show quality scores")
    parser.add_argument(
        "--config", type=Path, metavar="CONFIG", help="take filters and thresholds from a config"
    )
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="a.b=v",
        dest="overrides",
        help="what if: override a key of the config, as in quality.gopher.min_words=20",
    )
    parser.add_argument(
        "--out", type=place, default=Path("out"), metavar="DIR", help="as of the run (default: out)"
    )
    parser.add_argument("--work", type=place, metavar="DIR", help="as of the run")
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print what is in the shards, or how quality scores lie."""
    if options.overrides and options.config is None:
        raise ConfigError("analyze: --set: there is no --config to override")
    if options.config is not None or options.scores:
        return _show_scores(options)
    if not options.paths:
        raise ConfigError("analyze: name a shard, a folder of them or a config")
    return _show_shards(options)


def _show_scores(options: argparse.Namespace) -> int:
    from pipeline.scored import score_paths, score_run  # noqa: PLC0415  the filters load only for who needs them

    overrides = tuple(options.overrides)
    if options.paths:
        found = score_paths(options.paths, options.config, overrides)
    elif options.config is not None:
        found = score_run(options.config, overrides, options.out, options.work)
    else:
        raise ConfigError("analyze: --scores: name shards, or the --config of a run")
    if options.json:
        print_json(found)
        return 0
    for source, each in found.items():
        _print_source(source, each)
    return 0


def _print_source(source: str, found: dict[str, Any]) -> None:
    rows = [
        (
            name,
            each["kind"],
            *(_figure(each["quantiles"][share]) for share in _SHOWN),
            _bars(each["histogram"]["counts"]),
        )
        for name, each in found["scores"].items()
    ]
    print_table(
        f"{source}: scores of {found['documents']:,} documents",
        ("score", "of", *_SHOWN, "from 0% to 99%"),
        rows,
    )
    drops = [
        (
            f"{name}.{rule['threshold']}",
            _figure(rule["at"]),
            rule["score"],
            f"{rule['drops']:,}",
            "",
        )
        for name, each in found["filters"].items()
        for rule in each["rules"]
        if rule["drops"]
    ]
    drops += [
        (name, "", "", f"{each['dropped']:,}", f"{each['judged']:,}")
        for name, each in found["filters"].items()
    ]
    drops.append(("all filters", "", "", f"{found['dropped']:,}", f"{found['documents']:,}"))
    print_table(
        f"{source}: what each rule, each filter and all of them drop",
        ("threshold", "at", "score", "drops", "of"),
        drops,
    )


def _figure(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.4g}"


def _bars(counts: list[int]) -> str:
    """Draw a histogram in one line; what is not empty is never blank."""
    most = max(counts)
    return "".join(_BLOCKS[-(-each * (len(_BLOCKS) - 1) // most)] for each in counts)


def _show_shards(options: argparse.Namespace) -> int:
    from pipeline.analyze import analyze_paths  # noqa: PLC0415  the filters load only for who needs them

    found = analyze_paths(options.paths)
    if options.json:
        print_json(found)
        return 0
    rows = [
        (
            name,
            *(
                f"{shard[key]:,}"
                for key in ("records", "bad", "dropped", "bytes", "text_bytes", "duplicates")
            ),
        )
        for name, shard in found["shards"].items()
    ]
    columns = ("input", "records", "bad", "dropped", "bytes", "text bytes", "exact copies")
    print_table("inputs", columns, rows)
    for title in ("keys", "licenses", "languages", "bad_reasons", "drop_reasons"):
        top = list(found[title].items())[:12]
        print_table(
            title.replace("_", " "),
            ("value", "records"),
            [(key, f"{count:,}") for key, count in top],
        )
    lengths = found["length"]
    print_table(
        "text length in code points",
        ("quantile", "length"),
        [(k, f"{v:,}") for k, v in lengths.items()],
    )
    return 0
