"""What the baselines of `gristmill qa baseline` score on published sets, and what they cost.

    python benchmarks/qa_baselines.py [--questions N] [--threads N] [--only english|korean]

The ranker learns from SQuADShifts (three files, 27,626 questions) and is scored on the whole development sets of
SQuAD 1.1 and 2.0, of which nothing was learned and by which nothing was chosen. For Korean there is one set:
it is cut in two by article, and the ranker learns from one half and is scored on the other. CPU seconds are of
this process; kernels are compiled before the clock starts.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from pipeline.cli.options import print_table
from pipeline.qa.asked import read_asked
from pipeline.qa.baseline.decoding import rules_for
from pipeline.qa.baseline.ranker import Library, answers
from pipeline.qa.baseline.training import Trained, train
from pipeline.qa.baseline.trial import trial
from pipeline.watch.progress import Display, open_display

if TYPE_CHECKING:
    from collections.abc import Sequence

    from filters.qa import Question
    from pipeline.qa.baseline.lexicon import Lexicon

ROOT: Final = Path(__file__).resolve().parents[1]
SHARED: Final = (
    Path(os.environ.get("GRISTMILL_SHARED_DATA", ROOT.parent / "shared" / "data")) / "qa"
)
TRAINING: Final = ("amazon_reviews", "new_wiki", "reddit")
WARM: Final = 300  # questions that compile the kernels


def main() -> int:
    """Print two tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--questions", type=int, help="learn from so many (default: all)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--only", choices=("english", "korean"))
    options = parser.parse_args()
    learning = [each for name in TRAINING for each in questions(f"squadshifts/{name}.json")]
    with open_display() as display:
        warm(learning[:WARM], display)
        if options.only != "korean":
            trained = timed(learning, options, display)
            for name in ("squad/dev-v1.1.json", "squad/dev-v2.0.json"):
                report(name, trained, questions(name), display)
        if options.only != "english":
            korean = questions("korquad/dev-v1.0.json")
            halves = [[each for each in korean if half(each) == number] for number in (0, 1)]
            report(
                "korquad/dev-v1.0.json, half",
                timed(halves[0], options, display),
                halves[1],
                display,
            )
            report("korquad/dev-v1.0.json", None, korean, display)
    return 0


def questions(name: str) -> list[Question]:
    """Read a set."""
    return [each.question for each in read_asked(SHARED / name)]


def half(question: Question) -> int:
    """Cut by article."""
    return hashlib.sha256(question.group.encode()).digest()[0] % 2


def warm(some: Sequence[Question], display: Display) -> None:
    """Run everything once."""
    trial(train(some, 0, 1, display).ranker, some[:20], display)


def timed(learning: Sequence[Question], options: argparse.Namespace, display: Display) -> Trained:
    """Train, and say what it took."""
    began = time.process_time()
    trained = train(learning, 0, options.threads, display, options.questions)
    spent = time.process_time() - began
    told = (
        f"{trained.questions:,} questions and {trained.held_out:,} held out, {trained.rows:,} spans"
    )
    print(f"trained on {told}: {spent:.0f} CPU s", flush=True)
    return trained


def report(name: str, trained: Trained | None, asked: Sequence[Question], display: Display) -> None:
    """Print what each method scores."""
    rows = trial(trained and trained.ranker, asked, display)
    header = ("method", "questions", "exact", "F1", "best F1", "questions a CPU s")
    cells = [
        (
            row.method,
            f"{row.questions:,}",
            *(f"{score:.2f}" for score in (row.exact, row.f1, row.best_f1)),
            f"{row.speed:,.0f}",
        )
        for row in rows
    ]
    print_table(name, header, cells)
    if trained is not None:
        share = coverage(trained.ranker.lexicon, [each for each in asked if each.answers])
        print(f"  {share:.1%} of the questions with an answer have it among their spans")
        print(
            f"  mean |confidence - exact| over tenths: {calibration_error(trained, asked):.3f}",
            flush=True,
        )


def coverage(lexicon: Lexicon, asked: Sequence[Question]) -> float:
    """Return the share of questions with a right answer among the spans that are ranked."""
    library, found = Library(lexicon), 0
    for question in asked:
        rules = rules_for(question.question)
        page, spans = library.spans(question.context, question.question)
        texts = {
            rules.plain(page.text[slice(*page.span(index))]) for index in spans.indexes.tolist()
        }
        found += any(rules.plain(answer.text) in texts for answer in question.answers)
    return found / max(len(asked), 1)


def calibration_error(trained: Trained, asked: Sequence[Question]) -> float:
    """Return the expected calibration error of the confidence (Naeini et al. 2015) where there is an answer."""
    given = [each for each in asked if each.answers]
    bins: dict[int, list[float]] = {}
    for question, told in zip(given, answers(trained.ranker, given), strict=True):
        rules = rules_for(question.question)
        right = max(rules.exact(told.answer, each.text) for each in question.answers)
        bins.setdefault(min(int(10 * told.confidence), 9), []).append(told.confidence - right)
    return sum(abs(sum(each)) for each in bins.values()) / max(len(given), 1)


if __name__ == "__main__":
    raise SystemExit(main())
