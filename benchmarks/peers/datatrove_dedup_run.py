"""Near-duplicates with datatrove 0.10: the four MinHash stages with its defaults, one worker.

`--tasks N` cuts the reading stages into N tasks; the default is one a shard. 14 bands of 8 and no
verification, its defaults: bands alone decide, so `--threshold` changes nothing. The tokenizer is the
default for English, spaCy's rules without a model. The kept ids are written instead of the documents.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import (
    MinhashDedupBuckets,
    MinhashDedupCluster,
    MinhashDedupFilter,
    MinhashDedupSignature,
)
from datatrove.pipeline.dedup.minhash import MinhashConfig
from datatrove.pipeline.readers import JsonlReader
from datatrove.utils.typeshelper import Languages
from interface import parser, write_ids

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from datatrove.data import DocumentsPipeline
    from datatrove.pipeline.base import PipelineStep

    Block = PipelineStep | Callable[[DocumentsPipeline, int, int], DocumentsPipeline]


def ids_into(folder: Path) -> Callable[[DocumentsPipeline, int, int], DocumentsPipeline]:
    """Make a last block that writes the ids of the documents that reach it, a file a task."""
    folder.mkdir(parents=True)

    def write(documents: DocumentsPipeline, rank: int, world_size: int) -> DocumentsPipeline:
        del world_size
        write_ids(folder / f"{rank:05d}", (document.id for document in documents))
        yield from ()

    return write


def stages(inputs: Path, work: Path, tasks: int) -> Iterator[tuple[str, int, list[Block]]]:
    """Yield (name, number of tasks, blocks) in the order of running."""
    signs, buckets, remove = str(work / "signs"), str(work / "buckets"), str(work / "remove")
    config = MinhashConfig()
    jsonl = JsonlReader(str(inputs), glob_pattern="*.jsonl.zst", recursive=False)
    sign = MinhashDedupSignature(signs, config=config, language=Languages.english)
    yield "sign", tasks, [jsonl, sign]
    yield "buckets", config.num_buckets, [MinhashDedupBuckets(signs, buckets, config=config)]
    yield "cluster", 1, [MinhashDedupCluster(buckets, remove, config=config)]
    yield "filter", tasks, [jsonl, MinhashDedupFilter(remove), ids_into(work / "ids")]


def main() -> None:
    """Run the stages one after the other in this process."""
    command = parser(__doc__)
    command.add_argument("--tasks", type=int, help="for the stages that read; one a shard")
    args = command.parse_args()
    inputs, work = args.inputs.resolve(), args.output.resolve().with_suffix(".work")
    tasks = args.tasks or len(list(inputs.glob("*.jsonl.zst")))
    for name, count, blocks in stages(inputs, work, tasks):
        logs = str(work / "logs" / name)
        LocalPipelineExecutor(pipeline=blocks, tasks=count, workers=1, logging_dir=logs).run()
    parts = sorted((work / "ids").iterdir())
    write_ids(args.output, (line for part in parts for line in part.read_text().splitlines()))


if __name__ == "__main__":
    main()
