"""Ask ahead: several answers are waited for at once, and come in the order of the questions."""

from __future__ import annotations

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")

_HELD: Final = 64 << 20  # bytes that answers may have which nobody has taken yet
_WAITING: Final = 1024  # questions, those among them that need no answer


def ask_ahead(
    asked: Iterable[tuple[Asked, int]], answer: Callable[[Asked], Answer], *, at_once: int
) -> Iterator[tuple[Asked, Answer]]:
    """Yield each question with its answer, in order; so many are worked on at once, each in a thread.

    With each question comes how many bytes its answer may have; what answers hold together is bounded by
    64 MiB and one answer. What `answer` raises is raised where its answer would have come.
    """
    if at_once == 1:
        yield from ((each, answer(each)) for each, _ in asked)
        return
    waiting: deque[tuple[Asked, int, Future[Answer]]] = deque()
    held = 0
    pool = ThreadPoolExecutor(at_once)
    try:
        for each, size in asked:
            while waiting and (held + size > _HELD or len(waiting) >= _WAITING):
                first, spent, future = waiting.popleft()
                held -= spent
                yield first, future.result()
            waiting.append((each, size, pool.submit(answer, each)))
            held += size
        while waiting:
            first, _, future = waiting.popleft()
            yield first, future.result()
    finally:
        pool.shutdown(cancel_futures=True)
