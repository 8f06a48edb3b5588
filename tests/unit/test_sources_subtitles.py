"""Subtitles: cues in every spelling, what is markup, sound or advert, and lines that become sentences again."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from pipeline.sources import Item, Raw, Said, read
from pipeline.sources.conversations.cues import UNTOLD, Cue, parse_srt, parse_vtt
from pipeline.sources.conversations.encodings import charset, decode
from pipeline.sources.conversations.spoken import Spoken
from pipeline.sources.conversations.tokens import join_words


def srt(*cues: str, step: int = 2) -> str:
    return "\n".join(
        f"{at + 1}\n00:{at * step // 60:02}:{at * step % 60:02},000 -->"
        f" 00:{at * step // 60:02}:{at * step % 60:02},900\n{cue}\n"
        for at, cue in enumerate(cues)
    )


def items(folder: Path, files: dict[str, str | bytes], **options: Any) -> list[Item]:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read(folder, "subtitles", said=Said(path="subs", options=options)))


def one(folder: Path, name: str, data: str | bytes, **options: Any) -> Raw:
    (found,) = items(folder, {name: data}, **options)
    assert isinstance(found, Raw), found
    return found


def spoken(*cues: str, sounds: bool = False) -> list[str]:
    """What is left of cues in the middle of a film."""
    around = [f"Wheel {at} turns." for at in range(5)]
    all_cues = [
        Cue(at, at, tuple(cue.split("\n"))) for at, cue in enumerate([*around, *cues, *around])
    ]
    return Spoken(sounds=sounds).of_cues(all_cues).split("\n")[5:-5]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (["<i>We</i> go", "to the {\\an8}mill."], ["We go to the mill."]),
        (["- Who's there?\n- It's me."], ["Who's there?", "It's me."]),
        (["And then", "- No!"], ["And then", "No!"]),
        (["JOHN: Come in.\nMARY ANN: No."], ["Come in.", "No."]),
        (["[DOOR CREAKS]", "(SIGHS) All right.", "(whispering)"], ["All right."]),
        (["(TURN THE WHEEL\nPLAYlNG ON THE RADlO)", "Yes.", "[a wheel\ncreaks]"], ["Yes."]),
        (["A man (SIGHlNG) goes.", "One (two", "three."], ["A man goes.", "One (two three."]),
        (["He said (and I agree) so."], ["He said (and I agree) so."]),
        (["♪ Turn, wheel, turn ♪"], ["Turn, wheel, turn"]),
        (["# Turn, wheel, turn #"], ["Turn, wheel, turn"]),
        (["Take #4."], ["Take #4."]),
        (["Visit www.example.org now"], []),
        (["It's on example.com."], ["It's on example.com."]),
        (["我们去", "磨坊。", "好！"], ["我们去磨坊。", "好！"]),
        (["...", "♪"], []),
        (["No.", "No."], ["No.", "No."]),
    ],
)
def test_what_is_spoken_is_kept_a_sentence_a_line(written: list[str], said: list[str]) -> None:
    assert spoken(*written) == said


def test_sounds_and_speakers_stay_where_that_is_asked_for() -> None:
    assert spoken("[CREAKS]", "JOHN: (SIGHS) Yes.", sounds=True) == ["[CREAKS] JOHN: (SIGHS) Yes."]


@pytest.mark.parametrize(
    "credit",
    [
        "Subtitles by Somebody",
        "Synced and corrected by somebody",
        "Untertitel von Jemand",
        "Sous-titres par quelqu'un",
        "Перевод: кто-то",
        "字幕翻译：某人",
        "more at example.com",
        "Support us and become VIP member",
    ],
)
def test_credits_go_at_both_ends(credit: str) -> None:
    lines = [f"Wheel {at} turns." for at in range(20)]
    for at in (0, 20):
        text = [*lines[:at], credit, *lines[at:]]
        cues = [Cue(row, row, (each,)) for row, each in enumerate(text)]
        assert Spoken().of_cues(cues).split("\n") == lines


def test_who_speaks_of_subtitles_in_the_middle_is_heard() -> None:
    assert spoken("The captain: subtitles by him?") == ["The captain: subtitles by him?"]


def test_where_nobody_writes_full_stops_each_line_stays_one() -> None:
    lines = [f"เส้น {at}" for at in range(30)]
    cues = [Cue(at, at, (line,)) for at, line in enumerate(lines)]
    assert Spoken().of_cues(cues).split("\n") == lines


def test_what_is_still_shown_says_nothing_new() -> None:
    cues = [Cue(0, 9, ("Yes.",)), Cue(9, 20, ("Yes.",)), Cue(30, 40, ("Yes.",))]
    counted = Spoken()
    assert counted.of_cues(cues) == "Yes.\nYes."
    assert counted.left_out == {"repeated": 1}


def test_srt_is_read_however_it_is_spelled() -> None:
    text = (
        "\n1\n00:00:01,5 --> 00:00:02.000 X1:0\nHi\nthere\n2\n0:0:3:000-->00:00:04,000\n\n1984\n\n\n3\n"
        "00:00:05,000 --> whenever\nLate\n4\n00:00:06,000 -> 00:00:07,000\n\n"
    )
    assert list(parse_srt(text)) == [
        Cue(1500, 2000, ("Hi", "there")),
        Cue(3000, 4000, ("1984",)),
        Cue(UNTOLD, UNTOLD, ("Late",)),
        Cue(6000, 7000, ()),
    ]


def test_vtt_is_read_without_notes_and_styles() -> None:
    text = (
        "WEBVTT - title\nKind: captions\n\nSTYLE\n::cue { color: red }\n\nNOTE 00:01.000\nnothing\n\n"
        "intro\n00:01.000 --> 00:02.000 align:start position:0%\n<v Roger>Hi &amp; &lt;b&gt;\nall\n\n"
        "00:00:03.000 --> 00:00:04.000\nBye\n"
    )
    assert list(parse_vtt(text)) == [
        Cue(1000, 2000, ("Hi & <b>", "all")),
        Cue(3000, 4000, ("Bye",)),
    ]


OPUS = """<?xml version="1.0" encoding="utf-8"?>
<document id="3359573">
  <meta><source><year>1942</year><genre>Drama</genre></source>
  <subtitle><date>2008-02-03</date><cds>1/1</cds></subtitle></meta>
  <s id="1"><time id="T1S" value="00:00:05,897" />
    <w id="1.1">-</w><w id="1.2">How</w><w id="1.3">'d</w><w id="1.4">you</w><w id="1.5">do</w><w id="1.6">?</w>
  </s>
  <s id="2"><w id="2.1">Fine</w><w id="2.2">.</w><time id="T1E" value="00:00:08,654" /></s>
</document>
"""
PLACE = "xml/en/1942/34583/3359573.xml"


def test_opus_tells_film_language_year_and_number(tmp_path: Path) -> None:
    assert one(tmp_path, PLACE, OPUS).record == {
        "id": "opensubtitles/en/1942/34583/3359573",
        "language": "en",
        "url": "https://www.opensubtitles.org/subtitles/3359573",
        "imdb": "tt0034583",
        "year": "1942",
        "created": "2008-02-03",
        "film": {"year": "1942", "genre": "Drama"},
        "text": "How'd you do?\nFine.",
    }


def test_opus_is_read_packed_and_not_cut_into_words(tmp_path: Path) -> None:
    raw = '<document id="1"><s id="1"><time id="T1S" value="0"/>Wheels &amp;\nstones <i>turn</i>.</s></document>'
    assert one(tmp_path, PLACE + ".gz", gzip.compress(raw.encode())).record["text"] == (
        "Wheels & stones turn."
    )


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("I do n't know , Mike 's here .", "I don't know, Mike's here."),
        ('" Yes , " he said ( softly ) : " no " .', '"Yes," he said (softly): "no".'),
        ("C' est l' eau !", "C'est l'eau!"),
        ("¿ Qué tal ?", "¿Qué tal?"),
        ("我们 去 磨坊 。", "我们去磨坊。"),
        ("水車 は 回る よ", "水車は回るよ"),
        ("물레방아 가 돈다 .", "물레방아 가 돈다."),
        ("It costs $ 5 , OK ...", "It costs $5, OK..."),
    ],
)
def test_words_are_put_together_as_people_write_them(words: str, sentence: str) -> None:
    assert join_words(words.split()) == sentence


RUSSIAN = srt("Привет, как дела?", "Мы идём на мельницу завтра утром.", "Колесо вертится всю ночь.")
GREEK = srt(
    "Καλημέρα, τι κάνεις σήμερα;", "Ο μύλος γυρίζει όλη τη νύχτα.", "Πάμε στον ποταμό μαζί."
)
JAPANESE = srt("おはようございます。", "水車は一晩中回っています。", "川へ行きましょう。")
FRENCH = srt("Ça va très bien, merci.", "Où est passé l'été dernier ?", "À bientôt, chère Zoé.")


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (RUSSIAN, "cp1251"),
        (GREEK, "cp1253"),
        (JAPANESE, "shift_jis"),
        (FRENCH, "cp1252"),
        (RUSSIAN, "utf-16"),
        (FRENCH, "utf-8-sig"),
        (FRENCH, "utf-16-le"),
    ],
)
def test_files_are_read_in_the_encoding_that_they_are_in(
    tmp_path: Path, text: str, encoding: str
) -> None:
    data = text.replace("\n", "\r\n").encode(encoding)
    said = one(tmp_path, "film.srt", data).record["text"]
    assert said == one(tmp_path, "film.srt", text).record["text"]
    assert len(said.split("\n")) >= 2


def test_a_guess_is_odd_and_an_option_is_believed(tmp_path: Path) -> None:
    data = RUSSIAN.encode("cp1251")
    guessed, told = one(tmp_path, "a.srt", data), one(tmp_path, "a.srt", data, encoding="cp1251")
    assert guessed.odd == ("encoding-guessed",)
    assert told.odd == ()
    assert guessed.record["encoding"] == told.record["encoding"] == "cp1251"


def test_only_character_sets_are_decoded() -> None:
    for name in ("rot13", "zlib", "idna", "punycode", "unicode_escape", "hex", "", "é", "x" * 99):
        assert charset(name) == ""
    assert decode(b"abc", "rot13").text == "abc"
    assert decode(b"+2AA-", "utf-7").text == "\ufffd"
    assert (charset("latin-1"), charset("GB2312"), charset("KS_C_5601-1987")) == (
        "cp1252",
        "gb18030",
        "cp949",
    )


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("film.en.srt", "en"),
        ("Film_pt-BR.vtt", "pt-BR"),
        ("film.de.forced.srt", "de"),
        ("film.hi.srt", None),
        ("film.srt", None),
        ("film.web.srt", None),
    ],
)
def test_a_name_tells_the_language(tmp_path: Path, name: str, language: str | None) -> None:
    assert one(tmp_path, name, srt("Hi.")).record.get("language") == language


def test_odd_times_are_named_and_the_order_of_the_file_stays(tmp_path: Path) -> None:
    text = (
        "1\n00:00:05,000 --> 00:00:09,000\nOne.\n\n2\n00:00:01,000 --> 00:00:02,000\nTwo.\n\n"
        "3\n00:00:01,500 --> 00:00:03,000\nThree.\n\n4\n00:0:99x --> \nFour.\n\n5\n00:00:09,000 --> 00:00:10,000\n"
    )
    found = one(tmp_path, "a.srt", text)
    assert found.record["text"] == "One.\nTwo.\nThree.\nFour."
    assert found.odd == ("cut", "times-unreadable", "times-backwards", "times-overlap")


def test_what_is_no_subtitles_is_bad(tmp_path: Path) -> None:
    bomb = "".join(f'<!ENTITY a{at} "&a{at - 1};&a{at - 1};">' for at in range(1, 40))
    found = items(
        tmp_path,
        {
            "a.srt": "only text",
            "b.xml": OPUS[: len(OPUS) // 2],
            "c.xml": f"<!DOCTYPE document [<!ENTITY a0 'x'>{bomb}]><document><s>&a39;</s></document>",
            "d.xml": '<!DOCTYPE document SYSTEM "http://example.org/x.dtd"><document/>',
            "e.xml": "<html><p>no</p></html>",
            "f.xml": "<document>" + "<a>" * 1000,
            "g.srt.gz": gzip.compress(RUSSIAN.encode())[:-20],
            "h.srt": "",
            "i.xml": "<document><s></s></document>",
            "j.jpg": "left alone",
        },
    )
    assert [each.drop if isinstance(each, Raw) else getattr(each, "reason", "") for each in found] == [
        "shape:subtitles", "xml", "xml", "xml", "shape:subtitles", "depth", "truncated", "no-text", "no-text",
    ]  # fmt: skip


def test_a_packed_bomb_is_too_large(tmp_path: Path) -> None:
    (found,) = items(tmp_path, {"a.srt.gz": gzip.compress(bytes(9 << 20))}, max_bytes=1 << 20)
    assert isinstance(found, Raw)
    assert found.drop == "too-large"


def test_hostile_lines_are_read_once(tmp_path: Path) -> None:
    long = 50_000
    lines = [
        "." * long + "x",
        "(A)" * long,
        "[" * long,
        "<a" * long,
        "a-" * long + "!",
        "- " * long,
        "♪ " * long,
        "{y:" * long,
        "A" * long + ":",
        "-->" * long,
        " " * long + "-->",
    ]
    files: dict[str, str | bytes] = {f"{at}.srt": srt(line) for at, line in enumerate(lines)}
    files["many.srt"] = srt(*["Wheel."] * 30_000)
    found = items(tmp_path, files)
    assert len(found) == len(files)
    assert sum(isinstance(each, Raw) for each in found) == len(files)
