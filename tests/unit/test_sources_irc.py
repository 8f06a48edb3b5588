"""IRC logs: who said what in every program's spelling, what is left out, and who is called what."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from pipeline.config import load_config
from pipeline.errors import ConfigError
from pipeline.sources import Item, Raw, Said, read
from pipeline.sources.conversations.irc_lines import Line, parse_lines

UBUNTU = """\
=== ada [~ada@host.example] has joined #mill
[12:01] <ada> hello all
[12:02] <bob> ada: hi, have you seen ada_?
[12:02]  * ada nods
=== ada is now known as ada_
[12:03] <ada_> bob, yes, \x0304red\x03 and \x02bold\x0f
[12:03] <ubottu> I am a program
=== bob [~bob@host.example] has left #mill []
"""
IRSSI = """\
--- Log opened Fri Apr 06 12:00:00 2012
12:00 -!- joe [j@host.example] has joined #c
12:00 [Users #c]
12:00 [@joe     ] [+ada] [ bob ]
12:00 -!- Irssi: #c: Total of 3 nicks [1 ops, 0 halfops, 1 voices, 1 normal]
12:01 < joe> hi
12:02  * joe sits
12:03 -NickServ(ns@services)- This nickname is registered.
--- Day changed Sat Apr 07 2012
00:01 <@joe> morning
--- Log closed Sat Apr 07 12:00:00 2012
"""
WEECHAT = """\
2013-01-02 10:00:00\t-->\teve (~e@host.example) has joined #c
2013-01-02 10:00:01\t@eve\thello
2013-01-03 10:00:01\t *\teve waves
2013-01-03 10:00:02\t--\teve is now known as eva
2013-01-03 10:00:03\teva\tbye
"""
ENERGYMECH = """\
[23:33:54] *** Joins: eve (e@host.example)
[23:33:55] <eve> hello
[23:33:56] * eve waves
[23:33:57] *** eve is now known as eva
[23:33:58] <eva> bye
"""
SUPYBOT = """\
2005-01-08T23:33:54  *** eve has joined #c
2005-01-08T23:33:55  <eve> hello
2005-01-08T23:33:56  * eve waves
2005-01-08T23:33:57  *** eve is now known as eva
2005-01-08T23:33:58  <eva> bye
"""
WAVES = ["<user1> hello", "* user1 waves", "<user1> bye"]


def items(folder: Path, files: dict[str, str | bytes], **said: Any) -> list[Item]:
    for name, data in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
    return list(read(folder, "irc", said=Said(path="logs", **said)))


def records(found: list[Item]) -> list[dict[str, Any]]:
    assert all(isinstance(each, Raw) for each in found), found
    return [each.record for each in found if isinstance(each, Raw)]


def texts(folder: Path, files: dict[str, str | bytes], **options: Any) -> list[str]:
    return [each["text"] for each in records(items(folder, files, options=options))]


def test_a_day_of_a_channel_is_a_document_without_a_name(tmp_path: Path) -> None:
    found = records(items(tmp_path, {"2012/04/06/#mill.txt": UBUNTU}))
    assert found == [
        {
            "id": "2012/04/06/#mill",
            "text": "<user1> hello all\n<user2> user1: hi, have you seen user1?\n* user1 nods\n"
            "<user1> user2, yes, red and bold",
            "url": "",
            "created": "2012-04-06",
            "author": "ada@irc.invalid ada_@irc.invalid bob@irc.invalid",
            "channel": "#mill",
            "messages": 4,
            "speakers": 2,
            "left_out": {"bots": 1, "events": 3},
        }
    ]


def test_nicks_and_bots_stay_where_that_is_asked_for(tmp_path: Path) -> None:
    found = texts(tmp_path, {"2012/04/06/#mill.txt": UBUNTU}, nicks="kept", bots=[])
    assert found[0].splitlines()[1:] == [
        "<bob> ada: hi, have you seen ada_?",
        "* ada nods",
        "<ada_> bob, yes, red and bold",
        "<ubottu> I am a program",
    ]


def test_a_site_gives_addresses_ids_and_the_host_of_nicks(tmp_path: Path) -> None:
    options = {"site": "https://irclogs.example.org/"}
    (found,) = records(items(tmp_path, {"2012/04/06/#mill.txt": UBUNTU}, options=options))
    assert found["id"] == "irclogs.example.org/2012/04/06/#mill"
    assert found["url"] == "https://irclogs.example.org/2012/04/06/%23mill.txt"
    assert found["author"].split()[0] == "ada@irclogs.example.org"


def test_what_lies_above_the_folder_tells_the_day_as_well(tmp_path: Path) -> None:
    (tmp_path / "#mill.txt").write_text(UBUNTU)
    (found,) = records(list(read(tmp_path, "irc", said=Said(path="logs/2012/04/06"))))
    assert (found["id"], found["created"]) == ("2012/04/06/#mill", "2012-04-06")


@pytest.mark.parametrize("log", [ENERGYMECH, SUPYBOT], ids=["energymech", "supybot"])
def test_logs_of_other_programs_are_read(tmp_path: Path, log: str) -> None:
    assert texts(tmp_path, {"#c.log": log}) == ["\n".join(WAVES)]


def test_a_log_of_several_days_is_cut_at_them(tmp_path: Path) -> None:
    found = records(items(tmp_path, {"a/#c.log": IRSSI, "b/irc.net.#c.weechatlog": WEECHAT}))
    assert [(each["created"], each["text"]) for each in found] == [
        ("2012-04-06", "<user1> hi\n* user1 sits"),
        ("2012-04-07", "<user1> morning"),
        ("2013-01-02", "<user1> hello"),
        ("2013-01-03", "* user1 waves\n<user1> bye"),
    ]
    assert [each["id"] for each in found] == [
        "logs/a/#c.log/2012-04-06",
        "logs/a/#c.log/2012-04-07",
        "logs/b/irc.net.#c.weechatlog/2013-01-02",
        "logs/b/irc.net.#c.weechatlog/2013-01-03",
    ]
    assert tmp_path.name not in str(found)
    assert [each["channel"] for each in found] == ["#c", "#c", "#c", "#c"]


def test_a_clock_that_goes_back_gives_no_id_twice(tmp_path: Path) -> None:
    back = WEECHAT + WEECHAT
    ids = [each["id"] for each in records(items(tmp_path, {"#c.weechatlog": back}))]
    assert ids == [
        f"logs/#c.weechatlog/{end}"
        for end in ("2013-01-02", "2013-01-03", "2013-01-02//2", "2013-01-03//2")
    ]


def test_who_takes_another_nick_is_the_same_person() -> None:
    assert list(parse_lines("=== ada is now known as bob")) == [Line("event", "ada", new="bob")]


def test_a_nick_that_is_a_word_stays_one(tmp_path: Path) -> None:
    lines = ["[12:00] <linux> hello"] + [
        f"[12:{at}] <bob> linux turns {at}" for at in range(10, 30)
    ]
    lines += ["[12:40] <bob> linux: yes", "[12:41] <eve> ask bob."]
    (found,) = texts(tmp_path, {"2012/04/06/#mill.txt": "\n".join(lines)})
    said = found.splitlines()
    assert said[1] == "<user2> linux turns 10"
    assert said[-2:] == ["<user2> user1: yes", "<user3> ask user2."]


def test_nicks_are_compared_as_servers_do(tmp_path: Path) -> None:
    log = "[12:00] <Ada[m]> hi\n[12:01] <bob> ADA{M}: hi\n"
    (found,) = records(items(tmp_path, {"2012/04/06/#mill.txt": log}))
    assert found["text"] == "<user1> hi\n<user2> user1: hi"
    assert found["author"] == "ada{m}@irc.invalid bob@irc.invalid"


def test_each_line_has_its_own_encoding(tmp_path: Path) -> None:
    log = b"[12:00] <ada> caf\xe9\n[12:01] <bob> \xc3\xbcber\n"
    (found,) = items(tmp_path, {"2012/04/06/#mill.txt": log})
    assert isinstance(found, Raw)
    assert found.record["text"] == "<user1> café\n<user2> über"
    assert found.odd == ("encoding-mixed",)


def test_lines_of_no_known_shape_are_counted(tmp_path: Path) -> None:
    (found,) = items(tmp_path, {"2012/04/06/#c.txt": UBUNTU + "out of nowhere\n"})
    assert isinstance(found, Raw)
    assert found.odd == ("lines-unknown",)
    assert found.record["left_out"]["unknown"] == 1


def test_what_is_no_log_is_bad_and_a_silent_day_is_none(tmp_path: Path) -> None:
    found = items(
        tmp_path,
        {
            "2012/04/06/diary.txt": "Dear diary,\nnothing to log.\n",
            "2012/04/06/empty.txt": "",
            "2012/04/06/#silent.txt": UBUNTU.splitlines()[0],
            "2012/04/06/#pages.html": "<p>left alone</p>",
        },
    )
    assert [
        each.drop if isinstance(each, Raw) else getattr(each, "reason", "") for each in found
    ] == [
        "no-text",
        "shape:irc",
        "no-text",
    ]


def test_hostile_lines_are_read_once(tmp_path: Path) -> None:
    long = 100_000
    lines = [
        "[12:00] <ada> " + "." * long,
        "[12:00] <ada> " + "ada:" * (long // 4),
        "[12:00] <ada> " + "\x03" * long,
        "=== " + "[" * long,
        "-!- " + "( " * (long // 2),
        "[" * long,
        "[12:00]" + " " * long,
        "[12:00] " + "<" * long,
        "[12:00] " + "* " * (long // 2),
        "--- Log opened " + "Fri " * (long // 4),
    ]
    assert len(items(tmp_path, {"2012/04/06/#mill.txt": "\n".join(lines)})) == 1


@pytest.mark.parametrize(
    ("options", "flaw"),
    [
        ("nicks = 'hidden'", "options: Invalid enum value 'hidden'"),
        ("site = 'ftp://logs.example.org'", "is no address of a site"),
        ("site = 'somewhere'", "is no address of a site"),
        ("encoding = 'rot13'", "options.encoding: 'rot13' is no character set"),
        ("bot = ['x']", "options.bot: unknown key"),
    ],
)
def test_wrong_options_are_named(tmp_path: Path, options: str, flaw: str) -> None:
    config = tmp_path / "mill.toml"
    config.write_text(
        "[release]\nname = 'mill'\n[[sources]]\nname = 'logs'\nformat = 'irc'\npaths = ['logs']\n"
        f"[sources.options]\n{options}\n"
    )
    with pytest.raises(ConfigError) as error:
        load_config(config)
    assert flaw in str(error.value)
