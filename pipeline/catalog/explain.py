"""What became of an input record: its rows in the ledger, and where it or its survivor lies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pyarrow.parquet as pq

from pipeline.catalog.open import open_catalog
from pipeline.release import ledger_parts

if TYPE_CHECKING:
    from pathlib import Path


def explain(release: Path, name: str) -> list[dict[str, Any]]:
    """Tell what became of every input record with this id; `place` is where it, or its survivor, lies.

    A survivor in an earlier release has that release's name as its place, and nothing else is known.
    """
    stories = []
    for path in ledger_parts(release / "ledger"):
        table = pq.read_table(path, filters=[("id", "=", name)])
        stories += table.to_pylist()
    with open_catalog(release) as catalog:
        for story in stories:
            story["detail"] = orjson.loads(story["detail"])
            kept = name if story["verdict"] == "keep" else story["survivor"]
            story["place"] = catalog.row(kept) if kept else None
            if story["stage"] in {"exact", "near"} and "release" in story["detail"]:
                story["place"] = {"release": story["detail"]["release"], "id": kept}
    return stories
