"""A release of questions says which languages they are in, on its card and in Croissant."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import yaml  # type: ignore[import-untyped]  # no stubs installed; used to read a card back

from manifests.figures import Figures, Share
from manifests.metadata.croissant import CROISSANT, read_figures
from pipeline.engine.crew import SYNC
from pipeline.release import STATISTICS_PATH
from pipeline.run import run_config
from pipeline.verify import verify


def test_a_release_of_questions_alone_names_their_language(tmp_path: Path) -> None:
    context = "The wheel of the old mill is fed from above, by the water of the upper race."
    start = context.index("from above")
    qas = [
        {
            "id": f"q{n}",
            "question": f"From where is wheel number {n} fed?",
            "answers": [{"text": "from above", "answer_start": start}],
        }
        for n in range(3)
    ]
    data = {
        "version": "1.1",
        "data": [{"title": "t", "paragraphs": [{"context": context, "qas": qas}]}],
    }
    (tmp_path / "q.json").write_text(json.dumps(data))
    (tmp_path / "c.toml").write_text(
        '[release]\nname = "q"\nshards = 1\n[[sources]]\nname = "quiz"\nformat = "squad"\n'
        'license = "CC0-1.0"\npaths = ["q.json"]\n'
    )
    release = run_config(tmp_path / "c.toml", out=tmp_path / "out", crew=SYNC).release
    assert json.loads((release / STATISTICS_PATH).read_bytes())["question_languages"] == {"en": 3}
    card = yaml.safe_load((release / "README.md").read_text(encoding="utf-8").split("---\n")[1])
    assert card["language"] == ["en"]
    assert json.loads((release / CROISSANT).read_bytes())["inLanguage"] == ["en"]
    assert verify(release, deep=True).ok


def test_documents_keep_their_figures_beside_the_languages_of_questions(figures: Figures) -> None:
    told = msgspec.json.encode({"content": figures, "question_languages": {"fr": 2, "en": 1}})
    read = read_figures(told)
    assert read is not None
    assert read.natural_languages == figures.natural_languages | {"fr": Share(0, 0)}
    assert msgspec.structs.replace(read, natural_languages=figures.natural_languages) == figures
    assert read_figures(b'{"question_languages": {"en": 1}}') is None
