"""What worker processes of this machine have loaded when they are born: importing this module loads it.

They are forked from one process that did (`pipeline.engine.local_cluster`), so it is loaded once,
however many there are and however often one is started anew. What the config decides on, such as the
level of the rules, each of them loads by itself.
"""

from __future__ import annotations

from contextlib import suppress

import pyarrow as pa

import pipeline.run  # noqa: F401  all stages come with it
from filters import _second_opinion
from filters.prose import natural_language
from filters.redact.rules import every_rule
from pipeline.cache import is_kept
from pipeline.dedup import warm
from pipeline.detector import index_name, open_matcher
from pipeline.errors import GristmillError
from pipeline.tagging import model_name, read_kept_model

warm()
every_rule()
_second_opinion.warm()
natural_language("What is said of this is of no account: the first model is loaded.", second=False)
pa.array([0])  # the first array loads pandas, where it is installed
if is_kept(index_name()):  # else nobody looks for licences, or the driver had made it
    with suppress(GristmillError):  # each task that needs it says what is wrong
        open_matcher()
if is_kept(model_name()):
    read_kept_model()
