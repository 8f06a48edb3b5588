"""`gristmill status WORKDIR`: how a run stands, wherever it goes on and whatever became of it; writes nothing."""

from __future__ import annotations

import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pipeline.cli.options import add_json_option, print_json, print_table
from pipeline.store import Store, is_url
from pipeline.terminal import say

if TYPE_CHECKING:
    import argparse

    from pipeline.watch.run_log import Worker
    from pipeline.watch.status import Status

_INTERVAL: Final = 2.0  # seconds between two looks
_SHOWN: Final = 16  # workers, beyond which hosts are shown
_FAILURES: Final = 10
_CLEAR: Final = "\x1b[H\x1b[2J"


def add_parser(commands: Any) -> None:
    """Describe the command."""
    parser = commands.add_parser("status", help="show how a run stands", description=__doc__)
    parser.add_argument(
        "work",
        metavar="WORKDIR",
        help="the work folder of the run, or its URL: what --work named, or OUT/.work/NAME",
    )
    parser.add_argument("--watch", action="store_true", help="go on until the run has ended")
    add_json_option(parser)
    parser.set_defaults(handler=handle)


def handle(options: argparse.Namespace) -> int:
    """Print how it stands, with `--watch` again and again."""
    from pipeline.watch.status import as_json, read_status  # noqa: PLC0415  arrow loads only for who needs it

    place = Store(options.work) if is_url(options.work) else Path(options.work).resolve()
    while True:
        looked = time.monotonic()
        status = read_status(place)
        if options.json:
            print_json(as_json(status))
        else:
            if options.watch and sys.stdout.isatty():
                print(_CLEAR, end="")
            print_status(status)
        if not options.watch or status.state != "running":
            return 0
        sys.stdout.flush()
        taken = time.monotonic() - looked
        time.sleep(max(_INTERVAL, 5 * taken))  # a long log is not read all the time


def print_status(status: Status) -> None:
    """Print what a person wants to know, the most important first."""
    if status.state == "unknown":
        say(f"{status.place}: no run has left a log here")
        return
    _print_head(status)
    _print_phases(status)
    _print_workers(status)
    _print_ranks(status)
    slowest = sorted(status.log.slowest, reverse=True)[:5]
    if slowest:
        rows = [
            (f"{each.phase} {each.name}", f"{each.seconds:.1f}", *_at(each)) for each in slowest
        ]
        print_table("slowest tasks", ("task", "seconds", "host", "pid"), rows)
    _print_trouble(status)


def _at(each: Any) -> tuple[str, str]:
    host, pid = each.worker
    return host, str(pid)


def _print_head(status: Status) -> None:
    from pipeline.watch.forecast import Outlook  # noqa: PLC0415  as above
    from pipeline.watch.progress import outlook, spell  # noqa: PLC0415
    from pipeline.watch.status import outlook_of, seconds_of  # noqa: PLC0415

    log, end = status.log, status.log.end or {}
    about = log.about
    began = datetime.fromtimestamp(log.began, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    say(
        f"{about.get('name')} {about.get('version')}: {status.state},"
        f" {spell(seconds_of(status))} since {began}"
    )
    say(
        f"  {about.get('executor')}, {about.get('workers')} workers,"
        f" started on {about.get('host')} (process {about.get('pid')})"
    )
    if status.state != "finished":
        say(f"  all: {outlook(Outlook(*outlook_of(status)))}")
    if status.state == "stopped":
        say(
            f"  it said nothing for {spell(status.idle)}: run the same command again to go on from here"
        )
    if end.get("message"):
        say(*(f"  {line}" for line in end["message"].split("\n")))
    for title, told in (
        ("dashboard", log.link if status.state == "running" else ""),
        ("release", log.release),
        ("page", status.page),
    ):
        if told:
            say(f"  {title}: {told}")


def _print_phases(status: Status) -> None:
    from pipeline.watch.status import done_of  # noqa: PLC0415  as above

    rows = []
    for span in status.log.spans:
        if not span.total:
            continue
        seconds = (span.ended or status.now) - span.began
        rows.append(
            (
                span.phase if span.turn == 1 else f"{span.phase} ({span.turn})",
                f"{done_of(span.found, span.done, span.total):,} of {span.total:,}",
                f"{span.found:,}" if span.found else "",
                f"{seconds:,.1f}",
                f"{span.rate / 1e6:,.1f}" if span.done_weight else "",
                f"{span.cpu_seconds:,.1f}",
                f"{span.peak_mib:,}" if span.peak_mib else "",
            )
        )
    if rows:
        header = ("phase", "tasks", "before", "seconds", "MB/s", "CPU s", "peak MiB")
        print_table("phases", header, rows)


def _print_workers(status: Status) -> None:
    workers = sorted(status.log.workers.values(), key=lambda each: (each.host, each.pid))
    if not workers:
        return
    if len(workers) <= _SHOWN:
        rows = [(each.host, str(each.pid), *_work(each)) for each in workers]
        print_table("workers", ("host", "pid", "tasks", "MB/s", "peak MiB"), rows)
        return
    hosts: dict[str, list[Worker]] = {}
    for each in workers:
        hosts.setdefault(each.host, []).append(each)
    table = [
        (
            host,
            f"{len(mine):,}",
            f"{sum(each.tasks for each in mine):,}",
            f"{sum(each.rate for each in mine) / 1e6:,.1f}",
            f"{max(each.peak_mib for each in mine):,}",
        )
        for host, mine in hosts.items()
    ]
    print_table("hosts", ("host", "workers", "tasks", "MB/s", "peak MiB"), table)


def _work(worker: Worker) -> tuple[str, str, str]:
    return f"{worker.tasks:,}", f"{worker.rate / 1e6:,.1f}", f"{worker.peak_mib:,}"


def _print_ranks(status: Status) -> None:
    if not status.log.about.get("rank"):
        return
    rows = [
        (
            str(note.rank),
            note.host,
            "ended" if note.ended else note.phase,
            f"{note.done:,}",
            f"{len(note.failed):,}",
        )
        for note in status.ranks
    ]
    if rows:
        print_table(
            f"ranks, of {status.ranks[0].world}", ("rank", "host", "phase", "done", "failed"), rows
        )


def _print_trouble(status: Status) -> None:
    """Print what failed and what was put aside."""
    log = status.log
    for event in log.failures[:_FAILURES]:
        say(*(f"failed: {line}" for line in event["message"].split("\n")))
    if len(log.failures) > _FAILURES:
        say(f"failed: {len(log.failures) - _FAILURES:,} more tasks")
    for event in log.warnings[-_FAILURES:]:
        say(f"warning: {event['message']}")
    if log.bad:
        say(f"put aside: {log.bad:,} bad records, which lie in the quarantine files")
    for found in status.poison:
        for each in found.poison:
            say(f"put aside: {found.path}: row {each.first}: {each.reason}")
