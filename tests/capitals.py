"""Questions with a rule that a small network finds: what the capital of a made-up country is."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

_SYLLABLES = ("ba", "ko", "ri", "mu", "te", "la", "no", "si", "va", "du", "pe", "zo")
Paragraph = dict[str, Any]


def paragraphs(number: int, seed: int, towns: int = 3, silent: int = 0) -> list[Paragraph]:
    """Return paragraphs of SQuAD, each of which names so many capitals and asks for each of them.

    `silent` more questions of each are about countries that it does not name.
    """
    chance = random.Random(seed)
    found = [_paragraph(f"{seed}-{index}", towns, chance) for index in range(number)]
    for each in found:
        for index in range(silent):
            asked = {"question": f"What is the capital of {_name(chance)}?", "answers": []}
            name = f"{each['qas'][0]['id']}-silent-{index}"
            each["qas"].append(asked | {"id": name, "is_impossible": True})
    return found


def answers(asked: Sequence[Paragraph]) -> dict[str, str]:
    """Return the right answer by id, blank where there is none."""
    every = (one for each in asked for one in each["qas"])
    return {one["id"]: next((each["text"] for each in one["answers"]), "") for one in every}


def _paragraph(name: str, towns: int, chance: random.Random) -> Paragraph:
    pairs = [(_name(chance), _name(chance)) for _ in range(towns)]
    context = " ".join(f"The capital of {land} is {town}." for land, town in pairs)
    questions = [
        {
            "id": f"{name}-{index}",
            "question": f"What is the capital of {land}?",
            "answers": [
                {
                    "text": town,
                    "answer_start": context.index(f"of {land} is {town}.") + len(land) + 7,
                }
            ],
        }
        for index, (land, town) in enumerate(pairs)
    ]
    return {"context": context, "qas": questions}


def _name(chance: random.Random) -> str:
    return "".join(chance.choices(_SYLLABLES, k=3)).capitalize()


def write(path: Path, asked: Sequence[Paragraph]) -> Path:
    """Write a SQuAD file, each paragraph an article of its own."""
    data = [
        {"title": min(one["id"] for one in each["qas"]), "paragraphs": [each]} for each in asked
    ]
    path.write_text(json.dumps({"version": "1.1", "data": data}), encoding="utf-8")
    return path
