"""How many examples a law is tried on: few and always the same in the suite, many others under the profile `thorough`.

HYPOTHESIS_PROFILE=thorough python -m pytest tests/property/test_pipeline_laws.py
"""

from __future__ import annotations

import os
from typing import Final

from hypothesis import HealthCheck, settings

_FEW: Final = 100  # examples of a law that says nothing of their number
_MANY: Final = 20  # times as many


def load_profile() -> None:
    """Have laws tried as the environment says; before test modules are imported."""
    slow = [HealthCheck.too_slow]
    settings.register_profile(
        "ci", deadline=None, derandomize=True, max_examples=_FEW, suppress_health_check=slow
    )
    settings.register_profile(
        "thorough", deadline=None, max_examples=_FEW * _MANY, suppress_health_check=slow
    )
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


def examples(count: int) -> settings:
    """Try a law on so many examples in the suite, and on more under a profile that has more."""
    return settings(max_examples=count * settings().max_examples // _FEW)
