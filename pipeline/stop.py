"""Stop: an interrupt or a request to end is taken once, quickly and quietly; what is done is kept."""

from __future__ import annotations

import logging
import os
import signal
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_STOPPED: Final = b"stopped: run the same command again to go on from here\n"
_PATIENCE: Final = 3.0  # seconds to tidy up in
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class Stop(KeyboardInterrupt):
    """The process was asked to end by a signal."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.exit_code = 128 + number  # as shells count it


@contextmanager
def stopping(*, last: bool) -> Iterator[None]:
    """Say so and raise `Stop` in the block at the first signal; from then on take no notice of others.

    A block that does not end soon is cut short: worker processes end with this one, and the next run
    sweeps up after them. Where it is the `last` that the process does, a signal after it comes too late:
    all is done, and the exit code says so.
    """
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are the main thread's business
        return
    before = [signal.signal(number, _stop) for number in _SIGNALS]
    try:
        yield
    finally:
        for number, handler in zip(_SIGNALS, before, strict=True):
            signal.signal(number, signal.SIG_IGN if last else handler)


def _stop(number: int, _frame: Any) -> None:
    for each in _SIGNALS:
        signal.signal(each, signal.SIG_IGN)
    os.write(2, _STOPPED)
    logging.disable()  # what breaks off from here on is meant to
    timer = threading.Timer(_PATIENCE, os._exit, [128 + number])
    timer.daemon = True
    timer.start()
    raise Stop(number)
