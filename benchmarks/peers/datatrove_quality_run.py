"""datatrove 0.10's Gopher, C4 and FineWeb filters over documents: `python datatrove_quality_run.py DOCUMENTS`.

Runs in the environment of requirements-datatrove.txt. DOCUMENTS has one `{"id", "text"}` a line.
Prints one JSON object: `seconds` of the filters alone, after the tokenizer is loaded and without
reading, and `verdicts`, for each id what each filter says ("" keeps). Each filter gets a document of
its own, since C4's edits it; the words of a text are cut once for all four (datatrove keeps them).
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

from datatrove.data import Document
from datatrove.pipeline.filters import (
    C4QualityFilter,
    FineWebQualityFilter,
    GopherQualityFilter,
    GopherRepetitionFilter,
)

FILTERS = {
    "gopher": GopherQualityFilter(),
    "gopher-repetition": GopherRepetitionFilter(),
    "c4": C4QualityFilter(),
    "fineweb": FineWebQualityFilter(),
}


def verdict(name: str, text: str, number: str) -> str:
    """Return a filter's reason to drop a text, "" for none, or what it raises."""
    try:
        found = FILTERS[name].filter(Document(text=text, id=number))
    except Exception as error:  # noqa: BLE001  what a peer raises is a result here
        return f"raised {type(error).__name__}"
    return "" if found is True else found[1] if isinstance(found, tuple) else "dropped"


def main() -> None:
    """Judge every document by every filter."""
    documents = [json.loads(line) for line in Path(sys.argv[1]).read_bytes().splitlines()]
    for name in FILTERS:
        verdict(name, "The tokenizer is loaded now. It takes a while.", "0")
    began = time.perf_counter()
    verdicts = {
        each["id"]: {name: verdict(name, each["text"], each["id"]) for name in FILTERS}
        for each in documents
    }
    seconds = time.perf_counter() - began
    json.dump({"seconds": seconds, "verdicts": verdicts}, sys.stdout)


if __name__ == "__main__":
    main()
