"""The same curation with datatrove 0.10: its own blocks and defaults, as few passes as it can.

`python datatrove_run.py INPUTS OUTPUT` runs in the environment of requirements-datatrove.txt and
reads every `*.jsonl.zst` of INPUTS: licence allow-list -> e-mail and IP replacement -> exact
dedup -> MinHash dedup (four stages) -> `jsonl.zst` in OUTPUT. datatrove has no step that finds
secrets, so secrets stay in the text. One task a shard, one worker, no network.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    ExactDedupConfig,
    ExactDedupFilter,
    ExactDedupSignature,
    ExactFindDedups,
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.filters import LambdaFilter
from datatrove.pipeline.formatters import PIIFormatter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter
from datatrove.utils.typeshelper import Languages

if TYPE_CHECKING:
    from datatrove.data import Document
    from datatrove.pipeline.base import PipelineStep

ALLOWED = {"MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "ISC", "Unlicense", "Zlib"}
ALLOWED |= {"PSF-2.0", "LicenseRef-public-domain"}
OPERATOR = re.compile(r" (?:AND|OR) ")


def allowed(document: Document) -> bool:
    """Say whether every licence in the document's expression is on the list."""
    return ALLOWED.issuperset(OPERATOR.split(document.metadata["license"]))


def text_of(document: Document) -> str:
    """Return what exact dedup hashes; it reads the return annotation."""
    return document.text


# The annotation must be the class, not a string, for datatrove to choose its hash function.
text_of.__annotations__["return"] = str


def jsonl(folder: Path) -> JsonlReader:
    """Read the shards of a folder, nothing below it."""
    return JsonlReader(str(folder), glob_pattern="*.jsonl.zst", recursive=False)


def writer(folder: Path) -> JsonlWriter:
    """Write one shard a task."""
    return JsonlWriter(str(folder), output_filename="${rank}.jsonl.zst", compression="zstd")


def stages(inputs: Path, output: Path) -> list[tuple[str, int | None, list[PipelineStep]]]:
    """List (name, number of tasks or None for one a shard, blocks) in the order of running.

    A dedup stage ends in signatures, so each is hung behind the writer of the stage before
    where datatrove's own examples read the files once more: to its advantage.
    """
    work = output.with_name(output.name + "-work")
    clean, exact = work / "clean", work / "exact"
    hashes, found = str(work / "hashes"), str(work / "found")
    signs, buckets, remove = str(work / "signs"), str(work / "buckets"), str(work / "remove")
    exactly = ExactDedupConfig(content_getter=text_of)
    near = MinhashConfig()  # 5 words, 14 buckets of 8: finds 92 % of the pairs at 0.8
    english = Languages.english
    return [
        (
            "screen",
            None,
            [
                jsonl(inputs),
                LambdaFilter(allowed),
                PIIFormatter(),
                writer(clean),
                ExactDedupSignature(hashes, config=exactly),
            ],
        ),
        ("exact", 1, [ExactFindDedups(hashes, found, config=exactly)]),
        (
            "sign",
            None,
            [
                jsonl(clean),
                ExactDedupFilter(found, config=exactly),
                writer(exact),
                MinhashDedupSignature(signs, config=near, language=english),
            ],
        ),
        ("buckets", near.num_buckets, [MinhashDedupBuckets(signs, buckets, config=near)]),
        ("cluster", 1, [MinhashDedupCluster(buckets, remove, config=near)]),
        ("filter", None, [jsonl(exact), MinhashDedupFilter(remove), writer(output)]),
    ]


def main() -> None:
    """Run every stage, one after the other, in this process."""
    inputs, output = (Path(argument).resolve() for argument in sys.argv[1:3])
    shards = len(list(inputs.glob("*.jsonl.zst")))
    logs = output.with_name(output.name + "-logs")
    for name, tasks, blocks in stages(inputs, output):
        LocalPipelineExecutor(
            pipeline=blocks,
            tasks=shards if tasks is None else tasks,
            workers=1,
            logging_dir=str(logs / name),
        ).run()


if __name__ == "__main__":
    main()
