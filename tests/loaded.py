"""What forks of the tests have loaded when they are born: importing this module loads it.

It is what a run in one process loads before its first record, and what its workers do (`pipeline.preloaded`):
commands, kernels, rules of the level that configs have, the detector of licences, the scheduler.
"""

from __future__ import annotations

import distributed  # noqa: F401  a run with workers loads it

import pipeline.cli.closing
import pipeline.cli.commands
from pipeline.redaction import Redact
from pipeline.warmth import warm_all

warm_all(Redact(), here=True)  # before all looks whether these are in the cache
import pipeline.preloaded  # noqa: E402, F401  as said above
