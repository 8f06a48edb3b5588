"""The tasks of near-deduplication, each phase from the markers of the one before."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

from pipeline.engine.task import Marker, Task
from pipeline.stages import near
from pipeline.stages.part import BAND_KEYS
from pipeline.tasks import fingerprints, output_bytes, ranges, signature_of

if TYPE_CHECKING:
    from pipeline.dedup import SignatureSpec
    from pipeline.job import Job

_PAIRS_PER_TASK = 50_000
_OPTOUT_THRESHOLD = "0.8"  # for near copies of opted-out documents where near-dedup is off


class NearPlan(NamedTuple):
    """What all phases share. Pairs are verified from `threshold` on, living documents go from `remove_from` on.

    With `ghosts_only`, only copies of opted-out documents are sought.
    """

    job: Job
    parts: list[Marker]
    order: str
    signature: SignatureSpec
    threshold: str
    remove_from: str
    ghosts_only: bool

    def candidates(self) -> list[Task]:
        """One task for each range of prefixes of the band keys."""
        return [
            Task(
                "candidates",
                f"{first}-{end}",
                near.candidates,
                near.CandidatesSpec(
                    parts=fingerprints(self.parts),
                    order=self.order,
                    first=first,
                    end=end,
                    minima=self.signature.minima,
                    threshold=self.threshold,
                    ghosts_only=self.ghosts_only,
                ),
            )
            for first, end in ranges(output_bytes(self.parts, BAND_KEYS))
        ]

    def pairs(self, found: list[Marker]) -> Task:
        """Unite the pairs of all ranges."""
        spec = near.PairsSpec(order=self.order, candidates=fingerprints(found))
        return Task("pairs", "all", near.unite_pairs, spec)

    def shingles(self, pairs: Marker) -> list[Task]:
        """One task for each part that has a document in a pair."""
        return [
            Task(
                "shingles",
                self.job.inputs[ordinal].path,
                near.shingles,
                near.ShinglesSpec(
                    part=self.parts[ordinal].fingerprint,
                    ordinal=ordinal,
                    order=self.order,
                    pairs=pairs.fingerprint,
                    signature=self.signature,
                ),
            )
            for ordinal in pairs.record["ordinals"]
        ]

    def verify(self, pairs: Marker, sets: list[Marker]) -> list[Task]:
        """One task for each slice of the pairs."""
        return [
            Task(
                "verify",
                f"{first}",
                near.verify,
                near.VerifySpec(
                    pairs=pairs.fingerprint,
                    shingles=fingerprints(sets),
                    first=first,
                    end=first + _PAIRS_PER_TASK,
                    threshold=self.threshold,
                ),
            )
            for first in range(0, pairs.record["pairs"], _PAIRS_PER_TASK)
        ]

    def resolve(self, verified: list[Marker]) -> Task:
        """Decide who loses to whom."""
        spec = near.ResolveSpec(
            order=self.order,
            verify=fingerprints(verified),
            threshold=self.remove_from,
            remove=not self.ghosts_only,
        )
        return Task("resolve", "all", near.resolve, spec)


def plan_near(job: Job, parts: list[Marker], ordered: Marker) -> NearPlan | None:
    """Plan the phases; without near-dedup and without ghosts there is nothing to do."""
    config = job.config.dedup.near_or_none
    if config is None and not any(part.record["ghosts"] for part in parts):
        return None
    threshold = _OPTOUT_THRESHOLD if config is None else str(config.threshold)
    haunted = any(part.record["ghosts"] for part in parts)
    # a strict threshold for duplicates must not let near copies of opted-out documents through
    verified = min(threshold, _OPTOUT_THRESHOLD, key=Fraction) if haunted else threshold
    signature = signature_of(job.config)
    return NearPlan(job, parts, ordered.fingerprint, signature, verified, threshold, config is None)
