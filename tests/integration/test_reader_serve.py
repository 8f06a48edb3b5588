"""A reader over HTTP: it says what `predict` says, refuses what it must, and ends with what it has in hand."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import signal
import socket
import time
import unicodedata
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import Gristmill
from tests.profiles import examples
from tests.reader_server import JSON, Reply, Server, call, serving, write_questions

pytest.importorskip("torch", reason="readers need torch and transformers: the extra [model]")
pytest.importorskip("transformers", reason="readers need torch and transformers: the extra [model]")

SECRET = "xanthic-zephyr-417"  # noqa: S105  a text that nobody may find where it is not answered
ASKED = {"question": "Who built the mill?", "context": "The mill was built in 1794 by Joan Carter."}


@pytest.fixture(scope="module")
def questions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("asked") / "mills.json"
    write_questions(path, 100)
    return path


@pytest.fixture(scope="module")
def model(questions: Path, gristmill: Gristmill) -> Path:
    """Of 300 questions, one layer and 32 numbers: what it says is not clever, but it is said by a real reader."""
    out = questions.with_name("reader")
    size = ("--layers", "1", "--width", "32", "--vocab", "400", "--silent", "0.3", "--epochs", "8")
    done = gristmill("qa", "train", questions, "--out", out, "--device", "cpu", *size)
    assert done.returncode == 0, done.stderr
    return out


@pytest.fixture(scope="module")
def server(model: Path) -> Iterator[Server]:
    with serving(model, "--device", "cpu", "--most-bytes", "300000") as found:
        yield found


@pytest.fixture(scope="module")
def asked(questions: Path) -> list[dict[str, str]]:
    told = json.loads(questions.read_text("utf-8"))
    return [
        {"id": qa["id"], "question": qa["question"], "context": paragraph["context"]}
        for paragraph in told["data"][0]["paragraphs"]
        for qa in paragraph["qas"]
    ]


@pytest.fixture(scope="module")
def predicted(model: Path, questions: Path, gristmill: Gristmill) -> list[bytes]:
    lines, out = questions.with_name("lines.jsonl"), questions.with_name("answers.json")
    done = gristmill(
        "qa", "predict", model, questions, "--out", out, "--lines", lines, "--device", "cpu"
    )
    assert done.returncode == 0, done.stderr
    return lines.read_bytes().splitlines()


def test_200_requests_at_once_get_what_predict_says(
    server: Server, asked: list[dict[str, str]], predicted: list[bytes]
) -> None:
    with ThreadPoolExecutor(200) as crowd:
        replies = list(crowd.map(server.ask, asked[:200]))
    assert [each.status for each in replies] == [200] * 200
    assert [each.body for each in replies] == predicted[:200]
    assert server.count("gristmill_reader_batch_questions_count") < 200


def test_a_list_gets_what_predict_says(
    server: Server, asked: list[dict[str, str]], predicted: list[bytes]
) -> None:
    reply = server.ask({"inputs": asked[:100]})
    assert reply.object == [json.loads(line) for line in predicted[:100]]
    assert server.ask({"inputs": asked[:1]}).body == b"[" + predicted[0] + b"]"


def test_a_threshold_and_an_n_best_list_are_the_requests_own(server: Server) -> None:
    silent = server.ask(ASKED | {"threshold": 0.0, "n_best": 2}).object
    spoken = server.ask(ASKED | {"threshold": 1.0, "n_best": 0}).object
    assert silent["answer"] == ""
    assert "start" not in silent
    assert len(silent["options"]) == 2
    assert spoken["options"] == []
    assert ASKED["context"][spoken["start"] : spoken["end"]] == spoken["answer"] != ""


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize(
    ("question", "context"),
    [
        ("누가 물레방아를 지었는가?", "물레방아는 1794년에 김서연이 강가에 지었다. 홍수가 바퀴를 가져갔다."),
        ("Who built it?", "Zoë Ångström built the café 𝔘 😀 in 1801; José Ñandú owned it."),
    ],
)  # fmt: skip
def test_spans_are_of_the_text_as_it_was_given(
    server: Server, question: str, context: str, form: Any
) -> None:
    shaped = unicodedata.normalize(form, context)
    both = {"question": unicodedata.normalize(form, question), "context": shaped}
    told = server.ask(both | {"threshold": 1}).object
    plain = server.ask({"question": question, "context": context, "threshold": 1}).object
    for each in (told, *told["options"]):
        assert shaped[each["start"] : each["end"]] == each.get("text", told["answer"])
    texts = [unicodedata.normalize("NFC", each["text"]) for each in told["options"]]
    assert texts == [each["text"] for each in plain["options"]]
    assert told["confidence"] == plain["confidence"]


REFUSED: list[tuple[Any, int, str]] = [
    (b"", 400, "body: "),
    (b"{", 400, "body: "),
    (b'{"question": "\xff"}', 400, "body: "),
    (b'{"question": "\\ud800 is no character"}', 400, "body: "),
    (b"[" * 100_000, 400, "body: "),
    ([ASKED], 400, "body: "),
    ({}, 400, "question: "),
    ({"question": SECRET}, 400, "context: "),
    ({"inputs": ASKED}, 400, "inputs: "),
    ({"inputs": [ASKED, {"question": SECRET}]}, 400, "inputs[1]: "),
    ({"inputs": [ASKED], "question": SECRET}, 400, "question: "),
    (ASKED | {"question": 5}, 400, "question: "),
    (ASKED | {"context": None}, 400, "context: "),
    (ASKED | {"threshold": SECRET}, 400, "threshold: "),
    (ASKED | {"threshold": True}, 400, "threshold: "),
    (ASKED | {"n_best": 1.5}, 400, "n_best: "),
    (ASKED | {SECRET: 1}, 400, "body: a key that is not known"),
    ({"inputs": [ASKED | {f"`{SECRET}` - at `$.{SECRET}`": 1}]}, 400, "inputs[0]: "),
    (ASKED | {"threshold": 1.5}, 422, "threshold: "),
    (ASKED | {"threshold": -1e-9}, 422, "threshold: "),
    (ASKED | {"n_best": 6}, 422, "n_best: "),
    (ASKED | {"question": " \n"}, 422, "question: "),
    (ASKED | {"context": "\u3000"}, 422, "context: "),
    (ASKED | {"context": "\u200b"}, 422, "context: "),
    (ASKED | {"question": SECRET + "\0"}, 422, "question: "),
    (ASKED | {"question": SECRET * 200}, 422, "question: "),
    (ASKED | {"context": "a" * 100_001}, 422, "context: "),
    (ASKED | {"id": SECRET * 20}, 422, "id: "),
    ({"inputs": []}, 422, "inputs: "),
    ({"inputs": [ASKED] * 257}, 422, "inputs: "),
    ({"inputs": [ASKED, ASKED | {"context": ""}]}, 422, "inputs[1].context: "),
    ({"inputs": [ASKED, ASKED | {"context": "\u200b"}]}, 422, "inputs[1].context: "),
    (ASKED | {"context": SECRET * 20_000}, 413, "body: "),
]


@pytest.mark.parametrize(("body", "status", "problem"), REFUSED)
def test_what_is_wrong_is_said_by_key_and_without_a_text(
    server: Server, body: Any, status: int, problem: str
) -> None:
    reply = server.ask(body)
    assert reply.status == status
    assert list(reply.object) == ["error"]
    assert reply.object["error"].startswith(problem)
    assert SECRET not in reply.body.decode()


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", f"/{SECRET}", {}, 404),
        ("POST", "/", {}, 405),
        ("GET", "/answer", {}, 405),
        ("OPTIONS", "/answer", {}, 405),
        ("BREW", "/answer", {}, 405),
        ("POST", "/answer", {"Content-Type": "text/plain"}, 415),
        ("POST", "/answer", {"Content-Type": "application/json; charset=utf-16"}, 415),
        ("POST", "/answer", JSON | {"Content-Encoding": "gzip"}, 415),
        ("POST", "/answer", JSON | {"Host": "rebound.example:8766"}, 421),
        ("POST", "/answer", JSON | {"Host": "127.0.0.1.rebound.example"}, 421),
        ("GET", "/health", {"Host": "localhost.rebound.example"}, 421),
        ("GET", "/", {"Host": "192.0.2.1"}, 421),
        ("POST", "/answer", JSON | {"Origin": "https://rebound.example"}, 403),
        ("POST", "/answer", JSON | {"Origin": "null"}, 403),
        ("GET", "/metrics", {"Origin": "http://127.0.0.1:1"}, 403),
    ],
)
def test_who_may_not_ask_is_told_so(
    server: Server, method: str, path: str, headers: dict[str, str], status: int
) -> None:
    reply = server.call(method, path, json.dumps(ASKED), headers)
    assert reply.status == status
    assert list(reply.object) == ["error"]
    assert "access-control-allow-origin" not in {each.lower() for each in reply.headers}
    if status == 405 and method != "BREW":
        assert reply.headers["Allow"] == ("POST" if path == "/answer" else "GET, HEAD")


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8766", "[::1]:80", "127.9.9.9", "a.localhost."])  # fmt: skip
def test_names_of_loopback_are_served_with_an_origin_of_the_same(server: Server, host: str) -> None:
    headers = JSON | {"Host": host, "Origin": f"http://{host.lower()}"}
    assert server.call("POST", "/answer", json.dumps(ASKED), headers).status == 200


def raw(server: Server, sent: bytes) -> bytes:
    """Send bytes, and read until the server closes the connection."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(sent)
        return b"".join(iter(lambda: connection.recv(65536), b""))


def test_a_request_without_a_length_is_refused(server: Server) -> None:
    head = b"POST /answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    assert raw(server, head + b"Connection: close\r\n\r\n").startswith(b"HTTP/1.1 411 ")


@pytest.mark.parametrize(
    "sent",
    [
        b"\0" * 100 + b"\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost@rebound.example\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nA: " + b"a" * 20_000 + b"\r\n\r\n",
        b"POST /answer HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST /answer HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab",
        b"POST /answer HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
def test_what_is_no_http_ends_its_connection_alone(server: Server, sent: bytes) -> None:
    assert b" 200 " not in raw(server, sent)
    assert server.ask(ASKED).status == 200


def test_too_large_a_body_in_parts_is_refused_and_the_connection_goes_on(server: Server) -> None:
    connection = server.connect()
    parts = iter([b'{"question": "'] + [b"a" * 10_000] * 40)
    assert call(connection, "POST", "/answer", parts, JSON).status == 413
    assert call(connection, "POST", "/answer", b"a" * 400_000, JSON).status == 413
    assert call(connection, "POST", "/answer", iter([json.dumps(ASKED).encode()]), JSON).status == 200  # fmt: skip
    connection.close()


def test_a_body_that_would_never_end_is_not_waited_for(server: Server) -> None:
    head = b"POST /answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    for more in (b"Content-Length: 99999999999", b"Content-Length: 999999\r\nExpect: 100-continue"):
        assert raw(server, head + more + b"\r\n\r\n").startswith(b"HTTP/1.1 413 ")


KEYS = st.sampled_from(["question", "context", "id", "inputs", "threshold", "n_best", SECRET])
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=12,
)
BODIES = st.one_of(
    st.binary(max_size=200),
    VALUES.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(KEYS, VALUES, max_size=4).map(lambda odd: json.dumps(ASKED | odd).encode()),
    st.tuples(st.integers(0, 90), st.binary(min_size=1, max_size=3)).map(
        lambda cut: (whole := json.dumps(ASKED).encode())[: cut[0]] + cut[1] + whole[cut[0] :]
    ),
)


@settings(examples(200))
@given(BODIES)
def test_no_body_is_a_fault(server: Server, body: bytes) -> None:
    reply = server.ask(body)
    assert reply.status in {200, 400, 422}, reply
    assert reply.status == 200 or list(reply.object) == ["error"]


@settings(examples(60))
@given(st.text(min_size=1, max_size=60), st.text(min_size=1, max_size=200))
def test_any_text_is_answered_with_a_part_of_it(
    server: Server, question: str, context: str
) -> None:
    reply = server.ask({"question": question, "context": context, "threshold": 1})
    assert reply.status in {200, 422}, reply
    if reply.status == 200:
        told = reply.object
        assert context[told["start"] : told["end"]] == told["answer"] != ""


def test_health_names_the_reader_and_what_it_learned_from(server: Server, model: Path) -> None:
    told = server.call("GET", "/health").object
    weights = hashlib.sha256((model / "model.safetensors").read_bytes()).hexdigest()
    assert (told["ready"], told["model"], told["weights"]) == (True, "reader", weights)
    assert [each["name"] for each in told["trained_on"]] == ["mills.json"]
    assert server.call("HEAD", "/health").body == b""


def test_metrics_are_counts_that_add_up(server: Server) -> None:
    before = server.count("gristmill_reader_answers_total")
    silent = server.count("gristmill_reader_abstentions_total")
    server.ask({"inputs": [ASKED] * 3, "threshold": 0.0})
    assert server.count("gristmill_reader_answers_total") == before + 3
    assert server.count("gristmill_reader_abstentions_total") == silent + 3
    assert server.count("gristmill_reader_waiting_questions") == 0
    text = server.call("GET", "/metrics").body.decode()
    samples = [line for line in text.splitlines() if not line.startswith("#")]
    shape = r'[a-z_]+(\{[a-z]+="[^"]*"(,[a-z]+="[^"]*")*\})? [\d.]+'
    assert all(re.fullmatch(shape, line) for line in samples)
    assert SECRET not in text


def test_the_page_runs_its_own_script_alone_and_sets_text_as_text(server: Server) -> None:
    reply = server.call("GET", "/")
    page, policy = reply.body.decode(), reply.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for name, kind in (("script", "script-src"), ("style", "style-src")):
        (inner,) = re.findall(rf"<{name}>(.*?)</{name}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inner.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|https?://", page)


def test_nothing_listens_beyond_loopback(server: Server) -> None:
    assert server.address == f"http://127.0.0.1:{server.port}/"
    assert server.listening() == {"127.0.0.1"}


@pytest.fixture(scope="module")
def open_server(model: Path) -> Iterator[Server]:
    """One that listens for all, and has little patience."""
    given = ("--device", "cpu", "--host", "0.0.0.0", "--patience", "0.5")  # noqa: S104  that is what it is for
    with serving(model, *given) as found:
        yield found


def test_who_is_told_to_listens_for_others_and_says_so(open_server: Server) -> None:
    assert open_server.listening() == {"0.0.0.0"}  # noqa: S104  likewise
    assert open_server.ask(ASKED, Host="mill.example:1").status == 200
    assert open_server.ask(ASKED, Origin="http://mill.example").status == 403
    assert "serve: 0.0.0.0: whoever reaches this address may ask" in open_server.errors()


def test_slow_clients_are_not_waited_for(open_server: Server) -> None:
    head = b"POST /answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"
    for part in (b"", b"GET / HT", head, head + b'{"question"'):
        assert raw(open_server, part) == b""  # it is the server that closes
    assert open_server.ask(ASKED).status == 200
    gone = [each for each in open_server.errors() if each.startswith("serve: POST /answer gone")]
    assert len(gone) == 2


def test_what_is_in_hand_is_finished_before_the_end(model: Path) -> None:
    slow = ("--batch-wait-ms", "600000", "--most-waiting", "3")  # nobody waits that long: it ends
    with serving(model, "--device", "cpu", *slow) as found, ThreadPoolExecutor(3) as crowd:
        one = ASKED | {"question": SECRET}
        waiting = [crowd.submit(found.ask, one) for _ in range(3)]
        _until(lambda: found.count("gristmill_reader_waiting_questions") == 3)
        full = found.ask(one)
        assert (full.status, full.headers["Retry-After"]) == (503, "1")
        assert found.ask({"inputs": [one] * 4}).status == 422  # they never fit
        code, out, errors = found.stop(signal.SIGINT)
        replies: list[Reply] = [each.result() for each in waiting]
    assert [each.status for each in replies] == [200, 200, 200]
    assert (code, out) == (0, f"{found.address}\n")
    told = [line for line in errors.splitlines() if "POST" in line]
    shape = r"serve: POST /answer (200|503|422) [\d.]+ ms(, [13] asked)?"
    assert len(told) == 5
    assert all(re.fullmatch(shape, line) for line in told)
    assert SECRET not in errors
    assert "Traceback" not in errors


def test_a_second_signal_waits_for_nobody(model: Path) -> None:
    head = b"POST /answer HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n"
    with serving(model, "--device", "cpu", "--patience", "600") as found:
        with socket.create_connection(("127.0.0.1", found.port)) as connection:
            connection.sendall(head + b"{")
            _until(lambda: found.count("gristmill_reader_ready") == 1)
            os.kill(found.fork.pid, signal.SIGTERM)
            _until(lambda: not found.listening())
            code, _, errors = found.stop()
        assert code == 0
    assert "serve: ended, 1 requests unanswered" in errors.splitlines()
    assert "Traceback" not in errors


def test_a_port_that_is_taken_is_the_caller_s_to_mend(
    server: Server, model: Path, gristmill: Gristmill
) -> None:
    done = gristmill("qa", "serve", model, "--port", str(server.port))
    assert (done.returncode, done.stdout) == (2, "")
    place = f"127.0.0.1:{server.port}"
    assert done.stderr == f"serve: {place}: something listens there already: name another --port\n"


def test_what_is_no_reader_is_not_served(tmp_path: Path, gristmill: Gristmill) -> None:
    done = gristmill("qa", "serve", tmp_path, "--port", "0", "--device", "cpu")
    assert (done.returncode, done.stdout) == (3, "")
    assert "is no reader" in done.stderr


def _until(holds: Any) -> None:
    """Wait for what must come; the test's own time limit ends it."""
    while not holds():
        time.sleep(0.02)
