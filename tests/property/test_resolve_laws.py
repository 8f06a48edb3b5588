"""Laws of resolution: nearer evidence decides, boundaries hold; order, claims and doubt make no licence freer."""

from __future__ import annotations

import random
from typing import Final

from hypothesis import given, settings
from hypothesis import strategies as st

from filters.licenses.decisions import Decision
from filters.licenses.evidence import Evidence, Outcome
from filters.licenses.merge import class_of, stems_of
from filters.licenses.places import boundary
from filters.licenses.policy import LicenseFilter
from filters.licenses.resolve import Resolution, resolve
from filters.licenses.scan import NOTHING, Scan, conclude
from filters.licenses.spdx import NOASSERTION, classify
from filters.licenses.tree import Place, PlaceKind, Tree

FREE: Final = {"public-domain", "permissive"}
IDS: Final = st.sampled_from(
    ["MIT", "ISC", "BSD-3-Clause", "Apache-2.0", "CC0-1.0", "MPL-2.0", "LGPL-2.1-only", "GPL-2.0-or-later",
     "AGPL-3.0-only", "CC-BY-NC-4.0", "MIT OR GPL-2.0-only", "GPL-2.0-only WITH Classpath-exception-2.0"]
)  # fmt: skip
FOLDERS: Final = st.lists(
    st.sampled_from(["a", "b", "src", "vendor", "node_modules", "x"]), max_size=4
)
NAMES: Final = {"license": "LICENSE", "metadata": "package.json", "readme": "README.md"}
OUTCOMES: Final = st.sampled_from(["found", "found", "found", "unrecognised", "failed"])
STRICT: Final = LicenseFilter(policy="permissive")


def place(parts: list[str], kind: PlaceKind, outcome: Outcome, expression: str) -> Place:
    path = "/".join([*parts, NAMES[kind]])
    known = expression if outcome == "found" else NOASSERTION
    said = "metadata" if kind == "metadata" else "text"
    found = () if outcome == "failed" else (Evidence(kind=said, expression=known, path=path),)  # type: ignore[arg-type]  # a kind
    return Place(path=path, kind=kind, outcome=outcome, expression=known, findings=found)


PLACES: Final = st.lists(
    st.builds(place, FOLDERS, st.sampled_from(["license", "metadata", "readme"]), OUTCOMES, IDS),
    max_size=6,
    unique_by=lambda each: each.path,
)
PATHS: Final = st.builds(lambda parts: "/".join([*parts, "f.py"]), FOLDERS)
OWN: Final = st.just(NOTHING) | st.builds(
    lambda kind, expression: conclude([Evidence(kind=kind, expression=expression)]),
    st.sampled_from(["tag", "notice", "text"]),
    IDS | st.just(NOASSERTION),
)
CLAIMS: Final = st.just("") | IDS


def says(found: Resolution) -> tuple[str, str, str]:
    return found.outcome, found.expression, found.rule


@given(PLACES, PATHS, OWN, CLAIMS, st.randoms(use_true_random=False))
def test_the_order_of_places_does_not_matter(
    places: list[Place], path: str, own: Scan, claim: str, draw: random.Random
) -> None:
    shuffled = list(places)
    draw.shuffle(shuffled)
    assert resolve(Tree(shuffled), path, own, claim) == resolve(Tree(places), path, own, claim)


@given(PLACES, PATHS, OWN, CLAIMS, st.builds(place, FOLDERS, st.just("license"), OUTCOMES, IDS))
def test_evidence_farther_away_changes_nothing(
    places: list[Place], path: str, own: Scan, claim: str, more: Place
) -> None:
    before = resolve(Tree(places), path, own, claim)
    if before.rule not in {"directory", "header"}:
        return
    near = max((each for each in places if above(each, path)), key=depth, default=None)
    # a header that names no more than a family asks the nearest place; the others ask nobody
    if before.rule == "directory" and (near is None or depth(more) >= depth(near)):
        return
    if more.path in {each.path for each in places}:
        return
    assert says(resolve(Tree([*places, more]), path, own, claim)) == says(before)


def above(each: Place, path: str) -> bool:
    folder = each.path.rpartition("/")[0]
    return not folder or path.startswith(f"{folder}/")


def depth(each: Place) -> int:
    return each.path.count("/")


@given(PLACES, PATHS, CLAIMS)
def test_evidence_of_other_folders_changes_nothing(
    places: list[Place], path: str, claim: str
) -> None:
    inside = [each for each in places if above(each, path)]
    assert resolve(Tree(inside), path, NOTHING, claim) == resolve(
        Tree(places), path, NOTHING, claim
    )


@given(PLACES, PATHS, CLAIMS)
def test_a_boundary_stops_everything_above_it(places: list[Place], path: str, claim: str) -> None:
    wall = boundary(path)
    inside = [each for each in places if each.path.startswith(f"{wall}/")] if wall else places
    found = resolve(Tree(places), path, NOTHING, claim)
    assert says(found) == says(resolve(Tree(inside), path, NOTHING, claim))
    assert found.boundary == wall
    if wall and not inside:
        assert classify(found.expression) not in FREE


@given(PLACES, PATHS, OWN, IDS)
def test_a_claim_never_beats_evidence(
    places: list[Place], path: str, own: Scan, claim: str
) -> None:
    without = resolve(Tree(places), path, own, "")
    found = resolve(Tree(places), path, own, claim)
    if without.rule not in {"none", "vendored"} and not is_family(own):
        assert says(found) == says(without)


def is_family(own: Scan) -> bool:
    return bool(own.findings) and all(each.note in {"family", "partial"} for each in own.findings)


@given(PLACES, PATHS, OWN, CLAIMS, IDS)
def test_a_decision_overrides_all(
    places: list[Place], path: str, own: Scan, claim: str, expression: str
) -> None:
    made = Decision(
        expression=expression, by="legal", why="asked", when="2026-01-02", sha256="0" * 64
    )
    found = resolve(Tree(places), path, own, claim, made)
    assert says(found) == ("found", expression, "decision")


@given(PLACES, PATHS, OWN, CLAIMS)
def test_only_what_was_found_is_ever_kept_by_the_policy(
    places: list[Place], path: str, own: Scan, claim: str
) -> None:
    found = resolve(Tree(places), path, own, claim)
    assert (found.expression == NOASSERTION) == (found.outcome != "found")
    kept = STRICT.verdict(found.expression, found.outcome).keep
    assert not kept or (found.outcome == "found" and classify(found.expression) in FREE)


@given(st.lists(IDS, min_size=1, max_size=4, unique=True))
def test_what_one_place_says_counts_by_its_strictest_part(expressions: list[str]) -> None:
    names = ["LICENSE", "COPYING", "LICENSE.txt", "LICENCE.md"]
    places = [
        Place(path=name, kind="license", outcome="found", expression=each,
              findings=(Evidence(kind="text", expression=each, path=name),))
        for name, each in zip(names, expressions, strict=False)
    ]  # fmt: skip
    found = resolve(Tree(places), "a.py", NOTHING)
    # an exception's bare licence may be named by another, and of the GNU licences one supplements another
    alone = [each for each in expressions if "GPL" not in each]
    assert all(stems_of(each) <= stems_of(found.expression) for each in alone)
    assert class_of(found.expression) >= max([*map(class_of, alone), 1])


@settings(max_examples=60)
@given(PLACES, PATHS, OWN, CLAIMS)
def test_asking_twice_gives_the_same(places: list[Place], path: str, own: Scan, claim: str) -> None:
    tree = Tree(places)
    assert resolve(tree, path, own, claim) == resolve(tree, path, own, claim)
