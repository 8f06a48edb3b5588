"""Rules are compiled by one process, and loaded by those who wanted them at the same time."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NoReturn

import pytest

from filters.redact.database import BEST
from pipeline import rule_cache
from pipeline.cache import keep, made_alone, read_cached
from pipeline.rule_cache import cached_names, cached_scanner


@pytest.mark.skipif(BEST == "re", reason="nothing is compiled here")
def test_rules_that_somebody_compiled_meanwhile_are_loaded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cached_scanner("permissive")
    (name,) = cached_names("permissive")
    compiled = bytes(read_cached(name))

    def compile_again(_: object) -> NoReturn:
        raise AssertionError("they are compiled already")

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(rule_cache, "build", compile_again)
    with ThreadPoolExecutor(1) as pool:
        with made_alone("rules-permissive"):
            other = pool.submit(cached_scanner.__wrapped__, "permissive")
            time.sleep(0.3)  # it finds nothing, and waits
            keep(name, compiled)
        assert len(other.result().rules) == len(cached_scanner("permissive").rules)
