"""Near-duplicates, on arrays alone: tokens, shingles, signatures, candidates, survivors.

No file and no scheduler in here: the stages around these kernels own both. All but the spec stands
in the modules: the kernels pull in a compiler, and commands that never sign should not pay for it.
"""

from functools import cache

from pipeline.cache import made_alone
from pipeline.dedup.spec import SignatureSpec

__all__ = ["SignatureSpec", "warm"]


@cache
def warm() -> None:
    """Compile every kernel, or load it from the cache, so that worker processes find it there; once a process.

    Processes that compile into one empty cache at once read what another has half written.
    """
    from pipeline.dedup.warmup import warm_up  # noqa: PLC0415  see above: the compiler is heavy

    with made_alone("kernels"):
        warm_up()
