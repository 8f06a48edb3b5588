"""`optout check`: what a subject reaches in published releases, which requests cover it, and proofs."""

from pipeline.optout_check.answer import NO_AUTHORS, check
from pipeline.optout_check.asked import Asked, ask_file, find_releases
from pipeline.optout_check.covering import covering_requests

__all__ = ["NO_AUTHORS", "Asked", "ask_file", "check", "covering_requests", "find_releases"]
