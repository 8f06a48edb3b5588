"""What the scores are called, what that means, and how a figure is spelt."""

from __future__ import annotations

from typing import Final

_MEANINGS: Final = {
    "exact_match": "% of them that are answered exactly right",
    "exact": "% of them that are answered exactly right",
    "f1": "% likeness with the nearest right answer",
    "total": "questions",
    "missing": "questions that are not predicted",
    "best_exact": "% exact at its best threshold, found on these questions",
    "best_f1": "% F1 at its best threshold, found on these questions",
    "best_exact_thresh": "the best threshold by exact",
    "best_f1_thresh": "the best threshold by F1",
    "pr_exact_ap": "% area below precision by recall, by exact",
    "pr_f1_ap": "% area below precision by recall, by F1",
    "ece": "expected calibration error, bins of like size, 0 to 1",
    "ece_by_chance": "what it would be if every confidence were true",
    "brier": "Brier score, 0 to 1: 0 is best",
    "pc_exact_area": "% precision by exact, mean over all coverages",
    "pc_f1_area": "% precision by F1, mean over all coverages",
}
_PARTS: Final = (("HasAns_", "of what has an answer: "), ("NoAns_", "of what has no answer: "))
_AT: Final = "coverage_at_"
_SHARES: Final = frozenset(("ece", "ece_by_chance", "brier"))  # from 0 to 1, and small


def spelled(key: str, value: float) -> str:
    """Spell a figure: counts whole, what is from 0 to 1 by nature with more digits."""
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.4f}" if key in _SHARES else f"{value:.2f}"


def meaning(key: str) -> str:
    """Say what a score is."""
    for part, words in _PARTS:
        if key.startswith(part):
            return words + _MEANINGS[key.removeprefix(part)]
    if key.startswith(_AT):
        return f"% coverage up to which {key.removeprefix(_AT)} % of the answers are exact"
    return _MEANINGS[key]
