"""What a reader would see of a set of questions, counted without a model: windows, answers, unknown tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from pipeline.qa.windows import answer_tokens, is_exact, windows

if TYPE_CHECKING:
    from collections.abc import Iterable

    from filters.qa import Question
    from pipeline.qa.asked import Asked
    from pipeline.qa.windows import Shape, Span
    from pipeline.qa.wordpiece import WordPiece


class Tally(msgspec.Struct):
    """Counts over the questions of a source and split.

    `answers` are the different spans of the questions; of them `whole` fall into some window as a whole,
    `exact` begin and end at borders of tokens, `absent` touch no token. `long` contexts need more than
    one window, `capped` questions have more tokens than the cap; `unknown` of `tokens` are not in the
    vocabulary.
    """

    questions: int = 0
    impossible: int = 0
    windows: int = 0
    most_windows: int = 0
    long: int = 0
    capped: int = 0
    answers: int = 0
    whole: int = 0
    exact: int = 0
    absent: int = 0
    tokens: int = 0
    unknown: int = 0

    def told(self) -> dict[str, Any]:
        """Return the counts and their shares; a share of nothing is 1 for answers, else 0."""
        return msgspec.structs.asdict(self) | {
            "windows_mean": round(self.windows / max(self.questions, 1), 4),
            "whole_share": _share(self.whole, self.answers, empty=1.0),
            "exact_share": _share(self.exact, self.answers, empty=1.0),
            "unknown_share": _share(self.unknown, self.tokens, empty=0.0),
        }


def measure(
    asked: Iterable[Asked], tokenizer: WordPiece, shape: Shape
) -> dict[tuple[str, str], Tally]:
    """Count by source and split, in the order of their names.

    Raises:
        ValueError: the shape is no shape for windows.
    """
    found: dict[tuple[str, str], Tally] = {}
    for each in asked:
        _count(
            found.setdefault((each.source, each.split), Tally()), each.question, tokenizer, shape
        )
    return dict(sorted(found.items()))


def _count(tally: Tally, question: Question, tokenizer: WordPiece, shape: Shape) -> None:
    asked, passage = tokenizer.encode(question.question), tokenizer.encode(question.context)
    spans = sorted({(each.start, each.end) for each in question.answers})
    labels: list[Span | None] = [*spans] or [None]
    cut = [windows(asked, passage, tokenizer.marks, shape, span) for span in labels]
    tally.questions += 1
    tally.impossible += question.is_impossible
    tally.windows += len(cut[0])
    tally.most_windows = max(tally.most_windows, len(cut[0]))
    tally.long += len(cut[0]) > 1
    tally.capped += len(asked.ids) > shape.question
    tally.tokens += len(asked.ids) + len(passage.ids)
    tally.unknown += sum(ids.count(tokenizer.unknown) for ids in (asked.ids, passage.ids))
    tally.answers += len(spans)
    for span, made in zip(spans, cut, strict=False):
        place = answer_tokens(passage.offsets, span)
        tally.absent += place is None
        tally.whole += any(window.start > 0 for window in made)
        tally.exact += place is not None and is_exact(passage.offsets, place, span)


def _share(part: int, whole: int, *, empty: float) -> float:
    return round(part / whole, 6) if whole else empty
