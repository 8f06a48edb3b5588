"""Redactors whose rules somebody has compiled already, which takes seconds for each level and process."""

from __future__ import annotations

from typing import Any

from filters.redact.redactor import Redactor
from pipeline.rule_cache import cached_scanner


def ready(level: Any = "balanced", *arguments: Any, **options: Any) -> Redactor:
    """Make a redactor of the rules in the cache."""
    scanner = None if level == "off" else cached_scanner(level)
    return Redactor(level, *arguments, scanner=scanner, **options)
