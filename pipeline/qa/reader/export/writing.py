"""Exports on disk: a folder with one reader for each form, whole folders that `gristmill qa predict` takes."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import msgspec

from pipeline.engine.commit import sync
from pipeline.qa.reader.card import card_of
from pipeline.qa.reader.export.making import versions_of
from pipeline.qa.reader.forms import FILES, ORIGINAL, Form
from pipeline.qa.reader.model_file import WEIGHTS, seal_reader

if TYPE_CHECKING:
    from pathlib import Path

    from pipeline.qa.reader.export.making import Maker
    from pipeline.qa.reader.forms import FormName
    from pipeline.qa.reader.model_file import Head


def write_form(maker: Maker, head: Head, original: Path, name: FormName, folder: Path) -> None:
    """Write a reader in a form: all files but the weights are those of the original.

    Raises:
        ConfigError: a package is missing.
    """
    folder.mkdir()
    for file in sorted(set(head.files) - {WEIGHTS}):
        shutil.copyfile(original / file, folder / file)
    length = head.plan.reading.length if name == "tflite" else 0
    maker.write(name, folder, length)
    for path in sorted(folder.iterdir()):
        sync(path)
    form = Form(name, length, head.weights, versions_of(name))
    whole = msgspec.structs.replace(head, form=Form() if name == ORIGINAL else form)
    seal_reader(folder, whole, card_of(whole))


def size_of(name: FormName, folder: Path) -> int:
    """Return the bytes of a form's weights."""
    return sum((folder / file).stat().st_size for file in FILES[name])
