"""Laws of signals: no text raises, the strictest wins in any order, subjects never say too much."""

from __future__ import annotations

import hashlib

from hypothesis import given, settings
from hypothesis import strategies as st
from protego import Protego

from filters.document import Document
from filters.optout import Request, optout_filter
from filters.signals.agents import builtin_agents
from filters.signals.closed import closed
from filters.signals.combine import Signals
from filters.signals.fields import dictionary
from filters.signals.model import Options, Reading, Recording
from filters.signals.vocabularies import VOCABULARIES, choose, read

OPTIONS = Options(builtin_agents().purposes())
CARRIERS = ("robots", "tdmrep", "aitxt", "headers", "html")
RANK = {"unknown": 0, "yes": 1, "no": 2}

words = st.sampled_from(
    ["/", "/a/", "/a", "/ab/", "/a/b", "/a/b/", "/*.x", "/a$", "*", "/a?c", "/a/*/c", "/é", "a", "/a//b", "/%61/"]
)  # fmt: skip
paths = st.sampled_from(
    "- / /a /a/ /ab /ab/ /ab/c /a/b /a/b/ /a/b/c /a/b.x /d.x /a?c /a?c=1 /%C3%A9 /é/a /a//b/c".replace(
        "-", ""
    ).split(" ")
)
hosts = st.sampled_from(["example.org", "www.example.org", "sub.example.org", "example.org:81"])
urls = st.builds("https://{}{}".format, hosts, paths)
agents = st.sampled_from(["GPTBot", "CCBot", "*", "Googlebot", "ChatGPT-User"])
lines = st.one_of(
    st.builds("User-agent: {}".format, agents),
    st.builds("Disallow: {}".format, words),
    st.builds("Allow: {}".format, words),
    st.builds("Content-Usage: {} train-ai={}".format, words, st.sampled_from("yn")),
    st.builds("Content-Signal: ai-train={}".format, st.sampled_from(["yes", "no"])),
    st.sampled_from(["", "# a", "Sitemap: /x", "junk", "Disallow:"]),
)
files = st.lists(lines, max_size=12).map(lambda rest: "\n".join(["User-agent: GPTBot", *rest]))
rules = st.lists(
    st.builds(
        '{{"location": "{}", "tdm-reservation": {}}}'.format,
        words,
        st.sampled_from(["0", "1", "2"]),
    ),
    max_size=4,
).map(lambda each: f"[{', '.join(each)}]")
pairs = st.tuples(
    st.sampled_from(["TDM-Reservation", "X-Robots-Tag", "Content-Usage"]),
    st.sampled_from(["1", "0", "noai", "train-ai=n", "train-ai=y", "bots=n", "?"]),
)
recordings = st.one_of(
    st.builds(
        lambda host, text: Recording(f"https://{host}/robots.txt", "robots", text), hosts, files
    ),
    st.builds(lambda host, text: Recording(f"https://{host}/ai.txt", "aitxt", text), hosts, files),
    st.builds(
        lambda host, text: Recording(f"https://{host}/.well-known/tdmrep.json", "tdmrep", text),
        hosts,
        rules,
    ),
    st.builds(
        lambda url, given: Recording(url, "headers", headers=tuple(given)),
        urls,
        st.lists(pairs, max_size=3),
    ),
)
hostile = st.one_of(
    st.text(max_size=200),
    st.text(alphabet="<>!-[]/meta name=robots content='\"\n\x00&#;\ud800", max_size=200),
    st.text(alphabet='[{}]":,01/*$ location tdm-reservation', max_size=200),
    st.lists(lines, max_size=8).map("\r\n".join),
)


def readings(each: Recording) -> tuple[Reading, ...]:
    return read(each, OPTIONS, choose([]))


@given(
    hostile,
    st.one_of(urls, st.text(max_size=30)),
    st.lists(st.tuples(st.text(max_size=20), hostile), max_size=3),
)
@settings(max_examples=300)
def test_no_parser_raises_on_any_text(text: str, url: str, headers: list[tuple[str, str]]) -> None:
    for carrier in CARRIERS:
        recording = Recording(url, carrier, text, tuple(headers))  # type: ignore[arg-type]  # each is a carrier
        for vocabulary in VOCABULARIES.values():
            if carrier in vocabulary.carriers:
                reading = vocabulary.parse(recording, OPTIONS)
                closed(reading)
                Signals([reading]).answer(url)
                assert len(reading.sha256) == 64


@given(st.text(alphabet='ab=,;() "?1:@%.*', max_size=40))
@settings(max_examples=300)
def test_a_dictionary_is_parsed_or_refused(text: str) -> None:
    found = dictionary(text)
    assert found is None or all(found)


@given(st.lists(recordings, max_size=4), recordings, urls)
def test_one_more_recording_never_opens(given_: list[Recording], more: Recording, url: str) -> None:
    before = [reading for each in given_ for reading in readings(each)]
    after = [*before, *readings(more)]
    assert RANK[Signals(after).answer(url).answer] >= RANK[Signals(before).answer(url).answer]


@given(st.lists(recordings, max_size=4), st.randoms(use_true_random=False), urls)
def test_the_order_of_recordings_does_not_matter(
    given_: list[Recording], chance: object, url: str
) -> None:
    found = [reading for each in given_ for reading in readings(each)]
    mixed = list(found)
    chance.shuffle(mixed)  # type: ignore[attr-defined]  # Hypothesis gives a random.Random
    assert Signals(mixed).answer(url) == Signals(found).answer(url)
    assert Signals(mixed).by_vocabulary(url) == Signals(found).by_vocabulary(url)


# without ports, which the registry's index drops where it reads a URL as that of a repository
@given(recordings, urls.filter(lambda url: ":81" not in url))
@settings(max_examples=400)
def test_what_derived_subjects_cover_is_closed_and_what_is_closed_is_covered_or_told(
    each: Recording, url: str
) -> None:
    for reading in readings(each):
        found = closed(reading)
        requests = [Request("r", one) for one, _ in found.subjects]
        document = Document(
            id="1", text="", source="s", url=url, sha256=hashlib.sha256(b"").hexdigest()
        )
        covered = bool(requests) and optout_filter(requests).match(document) != ()
        # the registry knows no last slash: /a and /a/ are one page there
        spoken = {
            Signals([reading]).answer(one).answer for one in (url, f"{url.partition('?')[0]}/")
        }
        if covered:
            assert "no" in spoken
        elif Signals([reading]).answer(url).answer == "no":
            assert found.rest


@given(files, paths)
@settings(max_examples=300)
def test_robots_txt_agrees_with_protego(text: str, path: str) -> None:
    url = f"https://example.org{path}"
    reading = VOCABULARIES["robots"].parse(Recording(url, "robots", text), OPTIONS)
    parsed = Protego.parse(text)
    agents = [token for token, purpose in OPTIONS.agents.items() if purpose == "train-ai"]
    expected = any(not parsed.can_fetch(url, agent) for agent in agents)
    assert (Signals([reading]).answer(url).answer == "no") == expected
