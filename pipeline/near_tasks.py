"""The tasks of near-deduplication, each phase from the markers of the one before."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from pipeline.dedup.anchors import AnchorSpec
from pipeline.dedup.copies import COPY_THRESHOLD
from pipeline.engine.task import Task
from pipeline.stages import candidates, contain, crowds, forks, resolve, similarity
from pipeline.stages.candidates import CandidatesSpec
from pipeline.stages.crowds import JoinSpec
from pipeline.stages.part import ANCHOR_KEYS, BAND_KEYS, bases, save_parts
from pipeline.tasks import (
    draws_splits,
    fingerprints,
    output_bytes,
    ranges,
    refs,
    signature_of,
)

if TYPE_CHECKING:
    from pipeline.dedup import SignatureSpec
    from pipeline.engine.work import Marker
    from pipeline.job import Job

_PAIRS_PER_TASK = 100_000
_JOINS = 16


class NearPlan(NamedTuple):
    """What all phases share. Pairs are verified from `threshold` on, living documents go from `remove_from` on.

    `copies` is the same for copies of opted-out documents; with `ghosts_only`, only these are sought.
    Without `remove` the living stay, and are compared for their families alone: from `family` on two
    documents must not stand in different splits.
    """

    job: Job
    parts: list[Marker]
    order: str
    signature: SignatureSpec
    threshold: str
    remove_from: str
    family: str
    containment: str
    copies: str
    ghosts_only: bool
    remove: bool

    def candidates(self) -> list[Task]:
        """One task for each range of prefixes of the band keys."""
        cut = ranges(output_bytes(self.parts, BAND_KEYS), self.job.memory)
        left = save_parts(self.job.work, refs(self.parts))
        return [
            Task(
                "candidates", f"{first}-{end}", candidates.candidates, self._range(left, first, end)
            )
            for first, end in cut
        ]

    def anchored(self) -> list[Task]:
        """Where containment is sought, one task for each range of prefixes of the anchors."""
        cut = ranges(output_bytes(self.parts, ANCHOR_KEYS), self.job.memory)
        left = save_parts(self.job.work, refs(self.parts))
        return [
            Task(
                "anchored",
                f"{first}-{end}",
                contain.anchored,
                contain.AnchoredSpec(
                    parts=left,
                    order=self.order,
                    first=first,
                    end=end,
                    containment=self.containment,
                ),
            )
            for first, end in (cut if self.containment else ())
        ]

    def contain(self, anchored: list[Marker]) -> Task:
        """Add up who met whom over all anchors."""
        spec = contain.UniteSpec(
            order=self.order,
            anchored=fingerprints(anchored),
            anchors=AnchorSpec(),
            containment=self.containment,
        )
        return Task("contain", "all", contain.unite, spec)

    def forks(self, verified: list[Marker]) -> Task | None:
        """Where repositories go as a whole, find those that are mostly another's."""
        rule = self.job.config.dedup.repositories
        if rule is None:
            return None
        spec = forks.ForksSpec(
            parts=refs(self.parts),
            order=self.order,
            verify=fingerprints(verified),
            threshold=self.remove_from,
            containment=self.containment,
            copies=self.copies,
            share=str(rule.share),
            least=rule.least,
        )
        return Task("forks", f"{len(verified)} slices", forks.forks, spec)

    def crowds(self, found: list[Marker]) -> Task | None:
        """Gather the members of runs that were given up, if there are any."""
        if not any(marker.record["crowds"] for marker in found):
            return None
        spec = crowds.CrowdsSpec(parts=refs(self.parts), candidates=fingerprints(found))
        return Task("pairs", "crowds", crowds.unite_crowds, spec)

    def joins(self, gathered: Marker, sets: list[Marker]) -> list[Task]:
        """Share the crowds out over a few tasks."""
        step = min(gathered.record["crowds"], _JOINS)
        return [
            self._join(
                JoinSpec(
                    crowds=gathered.fingerprint,
                    shingles=fingerprints(sets),
                    order=self.order,
                    first=first,
                    step=step,
                    threshold=self.threshold,
                    ghosts_only=self.ghosts_only,
                    memory=self.job.memory,
                    resolve=None,
                    join=None,
                )
            )
            for first in range(step)
        ]

    def rejoin(self, joins: list[Task], resolved: Marker) -> list[Task]:
        """Those joins again that left a struck document that stays."""
        return [
            self._join(
                msgspec.structs.replace(
                    task.spec,  # type: ignore[arg-type]  # of that phase
                    resolve=resolved.fingerprint,
                    join=task.fingerprint,
                )
            )
            for task in joins
            if task.fingerprint in resolved.record["restless"]
        ]

    def _join(self, spec: JoinSpec) -> Task:
        return Task("join", f"{spec.first} of {spec.step}", crowds.join_crowds, spec)

    def revisit(self, found: list[Marker], resolved: Marker) -> list[Task]:
        """One task for each range whose long runs hold a struck document that stays."""
        specs = {task.fingerprint: task for task in self.candidates()}
        return [
            Task(
                "revisit",
                marker.name,
                candidates.revisit,
                candidates.RevisitSpec(
                    candidates=specs[marker.fingerprint].spec,  # type: ignore[arg-type]  # of that phase
                    task=marker.fingerprint,
                    resolve=resolved.fingerprint,
                ),
            )
            for marker in found
            if marker.fingerprint in resolved.record["restless"]
        ]

    def pairs(self, found: list[Marker], known: list[Marker]) -> Task:
        """Unite the pairs of one round, without those of the rounds before."""
        spec = candidates.PairsSpec(
            parts=refs(self.parts),
            found=tuple((marker.phase, marker.fingerprint) for marker in found),
            known=fingerprints(known),
            memory=self.job.memory,
        )
        return Task("pairs", f"round {len(known) + 1}", candidates.unite_pairs, spec)

    def shingles(self, pairs: Marker) -> list[Task]:
        """One task for each part that has a document in a pair."""
        based = list(zip(refs(self.parts), bases(refs(self.parts)).tolist(), strict=False))
        ordinals: list[int] = pairs.record["ordinals"]
        specs = [
            similarity.ShinglesSpec(
                part=based[ordinal][0],
                base=based[ordinal][1],
                pairs=pairs.fingerprint,
                signature=self.signature,
            )
            for ordinal in ordinals
        ]
        folder = self.job.work.folder(pairs)
        named = zip(ordinals, specs, similarity.identities(specs, folder), strict=True)
        return [
            Task(
                "shingles",
                self.parts[ordinal].name,
                similarity.shingles,
                spec,
                identity=identity,
            )
            for ordinal, spec, identity in named
        ]

    def verify(self, pairs: Marker, sets: list[Marker]) -> list[Task]:
        """One task for each slice of the pairs."""
        return [
            Task(
                "verify",
                f"{first}",
                similarity.verify,
                similarity.VerifySpec(
                    pairs=pairs.fingerprint,
                    shingles=fingerprints(sets),
                    first=first,
                    end=first + _PAIRS_PER_TASK,
                    threshold=self.threshold,
                    containment=self.containment,
                    memory=self.job.memory,
                ),
            )
            for first in range(0, pairs.record["pairs"], _PAIRS_PER_TASK)
        ]

    def resolve(self, found: list[Marker], verified: list[Marker], forked: Marker | None) -> Task:
        """Decide who loses to whom."""
        spec = resolve.ResolveSpec(
            order=self.order,
            verify=fingerprints(verified),
            candidates=tuple((marker.phase, marker.fingerprint) for marker in found),
            forks=None if forked is None else forked.fingerprint,
            threshold=self.remove_from,
            family=self.family,
            containment=self.containment,
            copies=self.copies,
            remove=self.remove,
            memory=self.job.memory,
        )
        return Task("resolve", f"{len(verified)} slices", resolve.resolve, spec)

    def _range(self, left: str, first: int, end: int) -> CandidatesSpec:
        return CandidatesSpec(
            parts=left,
            order=self.order,
            first=first,
            end=end,
            minima=self.signature.minima,
            threshold=self.threshold,
            ghosts_only=self.ghosts_only,
            memory=self.job.memory,
        )


def plan_near(job: Job, parts: list[Marker], ordered: Marker) -> NearPlan | None:
    """Plan the phases.

    Without near-dedup near-duplicates are sought all the same where splits are drawn: two of a family
    must not stand in train and test. Without splits and opted-out texts there is nothing to do.
    """
    near = job.config.dedup.near_or_none
    haunted = any(part.record["ghosts"] for part in parts)
    drawn = draws_splits(job.config)
    if near is None and not haunted and not drawn:
        return None
    threshold = COPY_THRESHOLD if near is None else str(near.threshold)
    # a strict threshold for duplicates must not let near copies of opted-out documents through
    copies = min(threshold, COPY_THRESHOLD, key=Fraction)
    family = copies if drawn else threshold
    return NearPlan(
        job=job,
        parts=parts,
        order=ordered.fingerprint,
        signature=signature_of(job.config, job.inputs),
        threshold=copies if haunted or drawn else threshold,
        remove_from=threshold,
        family=family,
        containment="" if near is None or near.containment is None else str(near.containment),
        copies=copies,
        ghosts_only=near is None and not drawn,
        remove=near is not None,
    )
