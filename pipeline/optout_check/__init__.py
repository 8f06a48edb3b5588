"""`optout check`: what a subject reaches in published releases, which requests cover it, and proofs."""

from pipeline.optout_check.answer import NO_AUTHORS, check
from pipeline.optout_check.asked import (
    Asked,
    ask_file,
    ask_text,
    find_releases,
    with_given_texts,
)
from pipeline.optout_check.covering import covering_requests
from pipeline.optout_check.untold import untold_requests

__all__ = [
    "NO_AUTHORS",
    "Asked",
    "ask_file",
    "ask_text",
    "check",
    "covering_requests",
    "find_releases",
    "untold_requests",
    "with_given_texts",
]
