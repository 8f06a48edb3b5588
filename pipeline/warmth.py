"""What every task loads before its first record: kernels, redaction rules, the licence detector.

Made once a machine and kept in the cache, loaded once a process. Who runs tasks in other processes needs
none of it, only to know that it is there: else all of them would make it at once.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from filters import _second_opinion
from filters.quality import Measures, measure
from pipeline.cache import keep, keeps_all
from pipeline.dedup import warm
from pipeline.detector import index_name, open_matcher
from pipeline.preflight import environment_digest
from pipeline.redaction import warm_rules
from pipeline.tagging import model_name, read_kept_model

if TYPE_CHECKING:
    from pipeline.redaction import Redact

_SHORT: Final = 16


def warm_all(redact: Redact, *, here: bool, quality: bool = False) -> None:
    """Make what is not in the cache, which takes a while the first time; load it if tasks run `here`.

    With `quality`, figures are taken too.
    """
    level = f"{redact.level}-quality" if quality else redact.level
    note = f"warm-{level}-{environment_digest()[:_SHORT]}"
    if not here and keeps_all(note):
        return
    warm()
    _second_opinion.warm()
    open_matcher()
    read_kept_model()
    if quality:
        measure("A word, and 0x4d.", Measures())
    keep(note, "\n".join([*warm_rules(redact), index_name(), model_name()]).encode())
