"""`gristmill qa export-model MODEL`: a reader for other runtimes, each read again and held against the original."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.cli.options import add_json_option, positive, print_json, print_table
from pipeline.cli.qa.train import refuse_taken

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.qa.reader.export.comparison import Compared
    from pipeline.qa.reader.forms import FormName
    from pipeline.qa.reader.model_file import Opened

    Rows = dict[FormName, Compared]

_FORMS: Final = ("safetensors", "onnx", "onnx-int8", "openvino", "tflite")
_HEADER: Final = ("form", "bytes", "agree", "difference", "exact", "of", "F1", "of", "drop")
_CHECKS: Final = "checks.json"


def add_part(parts: Any) -> None:
    """Describe the part."""
    part = parts.add_parser(
        "export-model", help="write a reader for other runtimes", description=__doc__
    )
    part.add_argument("model", type=Path, metavar="MODEL", help="what `train` or `distil` wrote")
    part.add_argument(
        "--to", type=_forms, action="extend", required=True, metavar="FORM", dest="forms",
        help=f"one of {', '.join(_FORMS)}, or several with commas (may be given several times)",
    )  # fmt: skip
    part.add_argument(
        "--out", type=Path, required=True, metavar="FOLDER",
        help="a folder to write, its name is free: one reader for each form",
    )  # fmt: skip
    part.add_argument(
        "--check", type=Path, nargs="+", default=[], metavar="QUESTIONS",
        help="hold all forms against MODEL on these: releases, or files of any format that asks",
    )  # fmt: skip
    part.add_argument("--split", metavar="NAME", help="of releases to check with (default: all)")
    part.add_argument(
        "--questions", type=positive, metavar="N",
        help="check with at most so many questions, taken by chance (default: all)",
    )  # fmt: skip
    part.add_argument(
        "--least-agreement", type=_share, default=0.995, metavar="S",
        help="of the questions, for all forms but onnx-int8; below it nothing is written (default: 0.995)",
    )  # fmt: skip
    part.add_argument(
        "--most-drop", type=float, default=1.0, metavar="F1",
        help="points of F1 that may be lost; above it nothing is written (default: 1.0)",
    )  # fmt: skip
    part.add_argument(
        "--threads", type=positive, default=1, metavar="N", help="of a CPU (default: 1)"
    )
    add_json_option(part)
    part.set_defaults(handler=handle)


def _forms(text: str) -> list[str]:
    found = [each.strip() for each in text.split(",")]
    unknown = next((each for each in found if each not in _FORMS), None)
    if unknown is not None:
        raise argparse.ArgumentTypeError(f"{unknown!r} is none of {', '.join(_FORMS)}")
    return found


def _share(text: str) -> float:
    """Read a share from 0 to 1."""
    try:
        share = float(text)
    except ValueError:
        share = -1.0
    if not 0.0 <= share <= 1.0:
        raise argparse.ArgumentTypeError(f"{text!r} is no share from 0 to 1")
    return share


def handle(options: argparse.Namespace) -> int:
    """Write the forms that hold.

    Raises:
        ConfigError: a package is missing, or MODEL is itself an export.
        InputError: a file does not read.
        IntegrityError: a form is not good enough; none is written.
    """
    from pipeline.qa.reader.export.comparison import Limits, refuse  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.reader.export.making import Maker, find_packages  # noqa: PLC0415  likewise
    from pipeline.qa.reader.export.writing import size_of, write_form  # noqa: PLC0415  likewise
    from pipeline.qa.reader.model_file import read_reader  # noqa: PLC0415  likewise
    from pipeline.release import whole_folder, write_bytes  # noqa: PLC0415  likewise

    refuse_taken(options.out)
    forms: Sequence[FormName] = [each for each in _FORMS if each in options.forms]
    find_packages(forms)
    opened = read_reader(options.model, "cpu", options.threads)
    maker = Maker(opened.network)
    with whole_folder(options.out) as staging:
        for name in forms:
            write_form(maker, opened.head, options.model, name, staging / name)
        sizes = {name: size_of(name, staging / name) for name in forms}
        found = _check(options, opened, {name: staging / name for name in forms})
        told = {name: _told(sizes[name], found.get(name)) for name in forms}
        _tell(options, told)
        refuse(found, Limits(options.least_agreement, options.most_drop))
        write_bytes(
            staging / _CHECKS, msgspec.json.format(msgspec.json.encode(told), indent=1) + b"\n"
        )
    if not options.json:
        print(options.out)
    return 0


def _check(options: argparse.Namespace, opened: Opened, folders: dict[FormName, Path]) -> Rows:
    """Read all forms again, and compare them with the original where there are questions to do it with."""
    from pipeline.qa.baseline.asked_sets import read_set  # noqa: PLC0415  loads only for who needs it
    from pipeline.qa.baseline.chance import taken  # noqa: PLC0415  likewise
    from pipeline.qa.reader.export.comparison import compare, hear  # noqa: PLC0415  likewise
    from pipeline.qa.reader.model_file import read_reader  # noqa: PLC0415  likewise
    from pipeline.watch.progress import open_display  # noqa: PLC0415  likewise

    again = {name: read_reader(folder, "cpu", options.threads) for name, folder in folders.items()}
    if not options.check:
        return {}
    asked = read_set(options.check, {options.split} if options.split else ()).questions
    asked = taken(asked, 0, options.questions)
    inputs = opened.reader.preparer.inputs
    sizes = [len(inputs(each.context, each.question)) for each in asked]
    with open_display() as display:
        original = hear("original", opened, asked, display)
        return {
            name: compare(asked, sizes, original, hear(name, each, asked, display))
            for name, each in again.items()
        }


def _told(size: int, found: Compared | None) -> dict[str, Any]:
    """Spell what there is to say of a form; what was not compared has no figures."""
    told: dict[str, Any] = {"bytes": size}
    if found is None:
        return told
    return told | {
        "questions": found.questions,
        "agreement": round(found.agreement, 6),
        "difference": round(found.difference, 6),
        "exact": round(found.exact[1], 4),
        "f1": round(found.f1[1], 4),
        "original_exact": round(found.exact[0], 4),
        "original_f1": round(found.f1[0], 4),
        "drop": round(found.drop, 4),
    }


def _tell(options: argparse.Namespace, told: dict[FormName, dict[str, Any]]) -> None:
    if options.json:
        print_json({"out": str(options.out), "forms": told})
        return
    rows = [(name, f"{each['bytes']:,}", *_figures(each)) for name, each in told.items()]
    questions = max((each.get("questions", 0) for each in told.values()), default=0)
    title = f"compared on {questions:,} questions" if questions else "not compared: no --check"
    print_table(title, _HEADER if questions else _HEADER[:2], rows)


def _figures(told: dict[str, Any]) -> tuple[str, ...]:
    if "agreement" not in told:
        return ()
    pairs = (f"{told[key]:.2f}" for key in ("exact", "original_exact", "f1", "original_f1", "drop"))
    return (f"{told['agreement']:.2%}", f"{told['difference']:.2e}", *pairs)
