"""How fast documents are matched against an opt-out registry, and how fast their keys are made.

Makes documents as code and web corpora have them (repository, path, URL; one repository or site after
the other, some often) and subjects of mixed kinds, of which a given share of the documents is named by
one. Prints JSON: documents a CPU second for subjects that look at metadata alone, for those that look
at the text as well, and for `document_keys`.

    python benchmarks/optout.py --documents 100000 --subjects 100000
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
import time
from typing import TYPE_CHECKING, Any, Required, TypedDict

from common import machine

from filters.document import Document
from filters.optout import Request, optout_filter
from filters.subject_keys import document_keys
from filters.subjects import Subject, content_swhid, normalised_subject, subject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

METADATA_GOAL, KEYS_GOAL = 200_000, 60_000
FOLDERS = ("src", "lib", "tests", "docs", "pkg", "internal", "include", "app")
ENDINGS = (".py", ".c", ".go", ".rs", ".md", ".js", ".java", ".h", ".ts", ".html")
SITES = ("example.org", "example.com", "example.net", "blog.example", "example.co.uk")
WORDS = ("a", "the", "of", "to", "in", "def", "return", "import", "value", "index", "self", "while")
FOLDERS_EACH = 12
KEY = bytes(32)


class Fields(TypedDict, total=False):
    """What a made-up document says of itself."""

    text: Required[str]
    repo: str
    path: str
    url: str


def name(chance: random.Random, length: int) -> str:
    """Make a name up."""
    return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz0123456789", k=length))


def zipf(chance: random.Random, among: Sequence[str]) -> str:
    """Draw one, the first ones often: log-uniform ranks."""
    return among[int(len(among) ** chance.random()) - 1]


def text_of(chance: random.Random, size: int) -> str:
    """Make a text of about `size` characters; one in eight is not ASCII."""
    words = chance.choices(WORDS, k=max(1, size // 6))
    if chance.random() < 0.125:
        words[len(words) // 2] = "naïveté"
    return " ".join(words) + f"\n{chance.random()}\n"


def code(chance: random.Random, repos: Sequence[str], size: int) -> Fields:
    """Make a file of a repository up."""
    repo = zipf(chance, repos)
    folder = f"{chance.choice(FOLDERS)}/part{chance.randrange(FOLDERS_EACH)}"
    path = f"{folder}/{name(chance, 9)}"
    path += chance.choice(ENDINGS)
    return {
        "text": text_of(chance, size),
        "repo": repo,
        "path": path,
        "url": f"https://github.com/{repo}/blob/main/{path}",
    }


def page(chance: random.Random, hosts: Sequence[str], size: int) -> Fields:
    """Make a web page up; one in ten has a query, one in twenty an escape."""
    url = f"https://{zipf(chance, hosts)}/{name(chance, 7)}/{name(chance, 12)}"
    roll = chance.random()
    url += f"?id={name(chance, 4)}" if roll < 0.1 else "/a%20b" if roll < 0.15 else ""
    return {"text": text_of(chance, size), "url": url}


def make_documents(
    chance: random.Random, count: int, repos: Sequence[str], hosts: Sequence[str], size: int
) -> list[Document]:
    """Make documents up: two of three from repositories, the others from the web."""
    made = []
    for number in range(count):
        fields = code(chance, repos, size) if number % 3 else page(chance, hosts, size)
        sha256 = hashlib.sha256(fields["text"].encode()).hexdigest()
        made.append(Document(id=f"{number:012d}", sha256=sha256, source="s", **fields))
    return made


def hitting(documents: Iterable[Document], *, texts: bool) -> Iterator[Subject]:
    """Name each of some documents by one subject, of one kind after the other."""
    ways: list[Callable[[Document], Subject]] = [
        lambda it: subject("id", it.id),
        lambda it: subject("url", it.url),
        lambda it: (
            subject("path", f"/{it.path}", repo=it.repo) if it.repo else subject("url", it.url)
        ),
    ]
    if texts:
        ways = [
            lambda it: subject("sha256", it.sha256),
            lambda it: subject("swhid", content_swhid(it.text.encode())),
            lambda it: normalised_subject(it.text),
        ]
    for number, document in enumerate(documents):
        yield ways[number % len(ways)](document)


def missing(
    chance: random.Random, count: int, hosts: Sequence[str], *, texts: bool
) -> Iterator[Subject]:
    """Name what no document is: owners, repositories, domains, URLs, paths, ids, people and digests."""
    for number in range(count):
        owner, word = name(chance, 9), name(chance, 8)
        digest = hashlib.sha256(word.encode()).hexdigest()
        ways: list[Callable[[], Subject]] = [
            lambda: subject("repo", f"{owner}/{word}"),  # noqa: B023  called at once
            lambda: subject("owner", owner),  # noqa: B023  called at once
            lambda: subject("domain", f"{word}.{chance.choice(SITES)}"),  # noqa: B023  called at once
            lambda: subject("url", f"https://{zipf(chance, hosts)}/{word}"),  # noqa: B023  called at once
            lambda: subject("path", f"{word}/*.c", repo=f"{owner}/{word}"),  # noqa: B023  called at once
            lambda: subject("id", word),  # noqa: B023  called at once
            lambda: subject("author", f"{word}@example.org", key=KEY),  # noqa: B023  called at once
            lambda: subject("origin", f"https://git.example.org/{owner}/{word}"),  # noqa: B023  called at once
        ]
        if texts:
            ways += [
                lambda: subject("sha256", digest),  # noqa: B023  called at once
                lambda: subject("sha1_git", digest[:40]),  # noqa: B023  called at once
                lambda: subject("normalised", digest),  # noqa: B023  called at once
            ]
        yield ways[number % len(ways)]()


def rate(
    documents: Sequence[Document], call: Callable[[Document], Any], rounds: int
) -> dict[str, float]:
    """Return documents a CPU second: in the first round, with nothing remembered, and in the best."""
    seconds = []
    for _ in range(rounds):
        start = time.process_time()
        for each in documents:
            call(each)
        seconds.append(time.process_time() - start)
    return {
        "first": round(len(documents) / seconds[0]),
        "best": round(len(documents) / min(seconds)),
    }


def matching(
    chance: random.Random,
    documents: list[Document],
    options: argparse.Namespace,
    hosts: list[str],
    *,
    texts: bool,
) -> dict[str, Any]:
    """Build the registry's filter and match all documents."""
    named = chance.sample(documents, int(len(documents) * options.hits))
    subjects = [*hitting(named, texts=texts)]
    subjects += missing(chance, options.subjects - len(subjects), hosts, texts=texts)
    optout = optout_filter([Request(f"r-{i}", one) for i, one in enumerate(subjects)], key=KEY)
    start = time.process_time()
    optout.judge(documents[0])
    built = time.process_time() - start
    dropped = sum(not optout.judge(each).keep for each in documents[1:])
    speeds = rate(documents, optout.judge, options.rounds)
    cold = optout_filter([Request(f"c-{i}", one) for i, one in enumerate(subjects)], key=KEY)
    cold.judge(documents[0])
    speeds["first"] = rate(documents, cold.judge, 1)["first"]
    return {"subjects": len(subjects), "dropped": dropped, "index_s": round(built, 2), **speeds}


def main() -> None:
    """Run all and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--documents", type=int, default=100_000)
    parser.add_argument("--subjects", type=int, default=100_000)
    parser.add_argument("--repos", type=int, default=200_000)
    parser.add_argument("--hosts", type=int, default=100_000)
    parser.add_argument("--characters", type=int, default=3000, help="of a text")
    parser.add_argument(
        "--hits", type=float, default=0.01, help="share of documents with a subject"
    )
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()
    chance = random.Random(7)
    repos = [f"{name(chance, 8)}/{name(chance, 10)}" for _ in range(options.repos)]
    hosts = [f"{name(chance, 7)}.{chance.choice(SITES)}" for _ in range(options.hosts)]
    documents = make_documents(chance, options.documents, repos, hosts, options.characters)
    report = {
        "machine": machine({}),
        "goals": {"metadata": METADATA_GOAL, "keys": KEYS_GOAL},
        "metadata": matching(chance, documents, options, hosts, texts=False),
        "texts": matching(chance, documents, options, hosts, texts=True),
        "keys": rate(documents, document_keys, options.rounds),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
