"""The main job: plan, screen, exact, near, place, emit, ledger, seal. `make` reads like the data flow."""

from __future__ import annotations

import time
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pipeline import release_tasks, tasks
from pipeline.account import Finished, origin_of, redactions, statistics
from pipeline.branches import grow_branches
from pipeline.config import Config, load_config
from pipeline.decide import decide, refuse_loss
from pipeline.engine.crew import LOCAL, Crew, open_executor
from pipeline.engine.recheck import rechecked
from pipeline.faults import without_poison
from pipeline.gate import open_gate, require_heads
from pipeline.job import DEFAULT_MEMORY, Job, run_one, run_tasks
from pipeline.known_inputs import KnownInputs
from pipeline.lineage import ParentRelease, find_parent
from pipeline.means import Means, Place, needs_of, out_of, work_of
from pipeline.outlet import bring_parent, publish
from pipeline.plan import freeze_inputs
from pipeline.poison import PoisonedError
from pipeline.policy_file import open_licenses
from pipeline.preflight import check_siblings
from pipeline.protected import find_protected, keep_protected
from pipeline.published import open_earlier
from pipeline.quarantine import told
from pipeline.redaction import key_id
from pipeline.residue import disown
from pipeline.screening import screen_inputs
from pipeline.seal import seal
from pipeline.stages.requests import save_decisions
from pipeline.storage import told_of_disks
from pipeline.stretched import cut_inputs
from pipeline.summary import Counts, count_documents
from pipeline.warmth import warm_all
from pipeline.watch.forecast import typical
from pipeline.watched import watched
from pipeline.work_folder import hold, keep_root, require_writable

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.dedup import SignatureSpec
    from pipeline.engine.work import Marker
    from pipeline.gate import Gate
    from pipeline.plan import Input
    from pipeline.policy_file import Licenses
    from pipeline.published import Published
    from pipeline.watch.reporter import Reporter

T = TypeVar("T")


class Outcome(NamedTuple):
    """A published release, and what the closing table says of it.

    `release` is where it was put together, on this machine, `place` where it is, as a path or URL.
    `licenses` is as in reports/stats.json, `aside` tells of the quarantine.
    """

    release: Path
    place: str
    counts: Counts
    redactions: dict[str, int]
    notes: tuple[str, ...]
    licenses: dict[str, dict[str, int]]
    seconds: float
    aside: str = ""


class Prepared(NamedTuple):
    """A config with all that it names opened and checked; nothing has been done yet."""

    config: Config
    root: Path
    gate: Gate | None
    licenses: Licenses
    inputs: tuple[Input, ...]
    earlier: tuple[Published, ...]
    key: str


def run_config(
    config_path: Path,
    *,
    overrides: tuple[str, ...] = (),
    out: Place = Path("out"),
    work: Place | None = None,
    crew: Crew = LOCAL,
    memory: int = DEFAULT_MEMORY,
    rehash: bool = False,
) -> Outcome:
    """Make a release from a config; with `rehash` every input is read and hashed, known or not.

    Raises:
        GristmillError: of the class whose exit code says whose move it is; nothing was published.
    """
    check_siblings()
    config = load_config(config_path, overrides)
    means = Means(out, work, crew, memory)
    kept = work_of(config, means)
    known = KnownInputs() if rehash else KnownInputs.load(kept)
    if means.crew.rank is not None:
        known.share(kept, means.crew.rank)
    prepared = prepare(config, config_path.resolve().parent, known)
    known.save(kept)
    return run_prepared(prepared, means)


def prepare(config: Config, root: Path, known: KnownInputs | None = None) -> Prepared:
    """Open what a config names, relative to its folder `root`; `known` as for `freeze_inputs`.

    Raises:
        GristmillError: something is missing or broken.
    """
    gate = open_gate(config, root)
    licenses = open_licenses(config, root)
    key = key_id(config.redact, root)
    inputs = freeze_inputs(config, root, known)
    find_protected(config, root)  # what is missing is told before any work
    return Prepared(config, root, gate, licenses, inputs, open_earlier(config, root), key)


def run_prepared(prepared: Prepared, means: Means) -> Outcome:
    """Make a release from what was prepared.

    Raises:
        GristmillError: as `run_config` does.
    """
    began = time.monotonic()
    outcome = conduct(prepared, means, curate)
    return outcome._replace(seconds=time.monotonic() - began)


def conduct(
    prepared: Prepared, means: Means, act: Callable[[Job], T], used: set[Path] | None = None
) -> T:
    """Do something with a job and all that it needs to run; `used` is filled as `Job.used` says.

    Raises:
        GristmillError: as `run_config` does.
    """
    config = prepared.config
    if isinstance(means.out, Path):
        require_writable(means.out.resolve())
    work = work_of(config, means)
    ids = prepared.key, "" if prepared.gate is None else prepared.gate.key
    needs = needs_of(config, prepared.root, prepared.inputs, ids)
    with (
        hold(work, shared=means.crew.rank is not None),
        told_of_disks(work.path),
        watched(work, config, means.crew, typical(config)) as reporter,
        rechecked(work),
        open_executor(means.crew, work, needs) as running,
    ):
        reporter.follow(running)
        job = Job(
            config=config,
            root=prepared.root,
            out=out_of(means, work),
            work=work,
            inputs=prepared.inputs,
            gate=prepared.gate,
            licenses=prepared.licenses,
            executor=running,
            reporter=reporter,
            memory=means.memory,
            earlier=prepared.earlier,
            key=prepared.key,
            used=used,
            timeout=means.crew.timeout,
            shelf=None if isinstance(means.out, Path) else means.out,
            warm=cache(lambda: _warm(config, reporter, here=means.crew.name == "sync")),
        )
        return act(job)


def _warm(config: Config, reporter: Reporter, *, here: bool) -> None:
    reporter.start("warm", (), ())
    warm_all(config.redact, here=here, quality=bool(config.quality.filters))


def curate(job: Job) -> Outcome:
    """Make the release and publish it."""
    done = make(job)
    place = job.executor.once("seal", lambda: _publish(job, done))
    release = job.out / Path(place).name
    licenses = statistics(done)["licenses"]
    notes = done.origin.notes
    emitted = redactions(done.emitted)
    return Outcome(release, place, done.counts, emitted, notes, licenses, 0.0, told(job))


def _publish(job: Job, done: Finished) -> str:
    """Seal the release, and send it on where releases lie in a store; return its path or URL."""
    release = seal(job, done)
    if job.shelf is None:
        return str(release)
    place = publish(job.shelf, release)
    job.reporter.published(place)
    return place


def make(job: Job) -> Finished:
    """Run every phase; once more from the start when a record is to be done without."""
    keep_root(job.work, job.root)
    job = job._replace(inputs=cut_inputs(job))
    while True:
        with suppress(PoisonedError):
            return _make(job._replace(inputs=without_poison(job)))


def _make(job: Job) -> Finished:
    """Each phase reads what the one before left in files."""
    if job.shelf is not None:
        bring_parent(job.shelf, job.config, job.out)
    parent = find_parent(job.config, job.root, job.out)
    honour_parent(job, parent)
    handed = hand_over(job)
    everything, placed, held_out = screen_and_decide(job, handed, parent)
    parts = everything[: len(job.inputs)]
    counts = count_documents(job, parts, placed)
    refuse_loss(job, counts)
    disown(job, everything, placed)
    shared = run_one(job, release_tasks.shares_task(job, parts, placed))
    emitted = run_tasks(job, "emit", release_tasks.emit_tasks(job, parts, placed, shared))
    rows = run_one(job, tasks.ledger_task(job, everything, placed))
    origin = origin_of(job, parts, counts, held_out)
    return Finished(origin, emitted, rows, counts, parent, grow_branches(job, emitted))


def hand_over(job: Job) -> release_tasks.Handed:
    """Leave for the tasks what people decided, and the protected sets."""
    save_decisions(job.work, job.licenses.decisions)
    keep_protected(find_protected(job.config, job.root), job.work)
    return handed_of(job)


def handed_of(job: Job) -> release_tasks.Handed:
    """Name what a job hands to its tasks; nothing is written."""
    protected = find_protected(job.config, job.root)
    return release_tasks.handed(job.licenses, job.key, protected.digest)


class Decided(NamedTuple):
    """The finished parts, those of the inputs first, the finished place task, and `Screened.held_out`."""

    parts: list[Marker]
    placed: Marker
    held_out: str


def screen_and_decide(
    job: Job, handed: release_tasks.Handed, parent: ParentRelease | None
) -> Decided:
    """Bring every document to its last word: what `run` does and `dedup sample` finds again."""
    signature = tasks.signature_of(job.config, job.inputs)
    sticky = "" if parent is None else parent.keep_splits(job.work)
    screened = screen_inputs(job, handed, signature, sticky)
    given = release_tasks.given_texts_task(job, signature)
    texts = [] if given is None else [run_one(job, given)]
    everything = [*screened.parts, *sign_earlier(job, signature), *texts]
    placed = decide(job, everything, tasks.Said(sticky, screened.related))
    return Decided(everything, placed, screened.held_out)


def sign_earlier(job: Job, signature: SignatureSpec) -> list[Marker]:
    """Make parts of the earlier releases that the config names; they come after those of the inputs."""
    if not job.earlier:
        return []
    for release in job.earlier:
        release.link(job.work)
    return run_tasks(job, "earlier", release_tasks.earlier_tasks(job, signature))


def honour_parent(job: Job, parent: ParentRelease | None) -> None:
    """See to it, before any work, that what the parent release honoured is honoured still.

    Raises:
        RegistryError: the registry is older than the parent, or another one.
    """
    if parent is None:
        return
    require_heads(job.gate, parent.registries)
    if job.gate is None and parent.registries:
        job.reporter.warn(
            f"optout: {parent.path.name} honoured an opt-out registry, this release honours none"
        )
