"""The commands, in the order in which help lists them."""

from __future__ import annotations

from pipeline.cli import (
    analyze,
    changelog,
    dedup,
    demo,
    diff,
    explain,
    export,
    fetch,
    inspect,
    mix,
    optout,
    plan,
    prove,
    qa,
    query,
    report,
    reproduce,
    run,
    sign,
    status,
    verify,
)
from pipeline.cli import license as licenses

COMMANDS = (
    run,
    status,
    plan,
    demo,
    dedup,
    analyze,
    inspect,
    verify,
    fetch,
    explain,
    prove,
    sign,
    reproduce,
    diff,
    changelog,
    query,
    mix,
    report,
    export,
    qa,
    licenses,
    optout,
)
