"""How a text that stands alone is cut for an encoder, and that its vectors are its own."""

from __future__ import annotations

import hashlib
import unicodedata
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.errors import ConfigError
from pipeline.qa.windows import starts

pytest.importorskip("tokenizers", reason="the extra [tokenizers] is not installed")
pytest.importorskip("torch", reason="the extra [model] is not installed")
pytest.importorskip("transformers", reason="the extra [model] is not installed")

from pipeline.qa.reader.alone import Cut, alone, borders, parts
from pipeline.qa.reader.embeddings import Embedder, Vectors
from pipeline.qa.reader.hints import FIRST, LEVELS, TYPES
from pipeline.qa.reader.model_file import read_reader
from pipeline.qa.reader.texts import Text
from tests.profiles import examples
from tests.untrained import TEXTS, write_untrained

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    from pipeline.qa.reader.architecture import Family
    from pipeline.qa.reader.model_file import Opened

CUT = Cut(24, 11)
SETTINGS: tuple[tuple[Family, bool], ...] = (
    ("electra", True),
    ("electra", False),
    ("mobilebert", True),
    ("distilbert", False),
)
LONG = " ".join(TEXTS * 3)


@pytest.fixture(scope="module", params=SETTINGS, ids=str)
def opened(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Opened:
    family, hints = request.param
    return read_reader(
        write_untrained(tmp_path_factory.mktemp("reader") / "reader", family, hints=hints), "cpu"
    )


@pytest.fixture(scope="module")
def electra(tmp_path_factory: pytest.TempPathFactory) -> Opened:
    return read_reader(write_untrained(tmp_path_factory.mktemp("reader") / "reader"), "cpu")


def embedder(opened: Opened, cut: Cut = CUT) -> Embedder:
    reading = opened.head.plan.reading
    return Embedder(opened.network, opened.reader.preparer.tokenizer, cut, hints=reading.hints)


def text(written: str, kind: str = "context") -> Text:
    said = unicodedata.normalize("NFC", written)
    digest = hashlib.sha256(said.encode()).hexdigest()
    return Text("question" if kind == "question" else "context", digest, said, digest, "", "")


def passage(made: Embedder, texts: Iterable[Text], pool: str = "mean") -> list[bytes]:
    found = made.passages(texts, "cls" if pool == "cls" else "mean", lambda _: None)
    return [each.vectors.tobytes() for each in found]


def tokens(made: Embedder, texts: Iterable[Text]) -> dict[str, list[Vectors]]:
    found: dict[str, list[Vectors]] = {}
    for each in made.tokens(texts, lambda _: None):
        found.setdefault(each.text.id, []).append(each)
    return found


def whole(found: list[Vectors]) -> npt.NDArray[np.float32]:
    return np.concatenate([each.vectors for each in found])


@given(st.integers(0, 400), st.integers(1, 60), st.data())
def test_each_token_comes_from_the_window_where_it_stands_farthest_from_a_cut(
    total: int, room: int, data: st.DataObject
) -> None:
    begins = starts(total, room, room - data.draw(st.integers(0, room - 1)))
    owned = borders(begins, room, total)
    assert owned == sorted(owned)
    taken = [number for number in range(len(begins)) for _ in range(*owned[number : number + 2])]
    assert len(taken) == total
    for token, number in enumerate(taken):
        far = [_distance(token, begin, room, total) for begin in begins]
        assert far[number] == max(far) >= 0
        assert number == far.index(max(far))


def _distance(token: int, begin: int, room: int, total: int) -> float:
    """Tokens between a token and where its window is cut; -1 for what is not in it."""
    end = min(begin + room, total)
    if not begin <= token < end:
        return -1
    left = float("inf") if begin == 0 else token - begin
    return min(left, float("inf") if end == total else end - 1 - token)


@given(st.text(max_size=300))
@examples(50)
def test_windows_hold_the_text_s_tokens_between_marks(electra: Opened, written: str) -> None:
    tokenizer = electra.reader.preparer.tokenizer
    read = alone(tokenizer, unicodedata.normalize("NFC", written), asks=False, hints=True)
    cut = list(parts(tokenizer, read, CUT))
    assert [number for part in cut for number in range(part.first, part.end)] == list(
        range(len(read.ids))
    )
    for part in cut:
        window = part.window
        assert len(window.ids) <= CUT.length
        assert (window.ids[0], window.ids[-1]) == tuple(tokenizer.marks)
        assert (
            window.ids[1:-1].tolist()
            == read.ids[part.begin : part.begin + len(window.ids) - 2].tolist()
        )
        assert len(window.types) == len(window.places) == len(window.ids)


def test_types_say_that_nothing_is_asked(electra: Opened) -> None:
    tokenizer = electra.reader.preparer.tokenizer
    passage_types = alone(tokenizer, LONG, asks=False, hints=True).types[1]
    levels = np.unravel_index(passage_types - FIRST, LEVELS)
    assert [set(np.unique(levels[which]).tolist()) for which in (0, 1, 3)] == [{0}, {4}, {3}]
    assert len(np.unique(levels[2])) > 3  # looks differ: a figure is no article
    opening, asked, last = alone(tokenizer, "Who bought the mill?", asks=True, hints=True).types
    assert 0 < opening < FIRST
    assert set(asked.tolist()) < set(range(1, FIRST))
    assert last == 0
    assert max(passage_types) < TYPES
    plain = alone(tokenizer, LONG, asks=False, hints=False).types
    assert (plain[0], set(plain[1].tolist()), plain[2]) == (0, {1}, 1)


def test_a_text_has_one_vector_whatever_stands_beside_it(opened: Opened) -> None:
    made = embedder(opened)
    texts = [
        text(each) for each in (*TEXTS, LONG, "x", "", LONG[40:], *(LONG[:n] for n in range(1, 90)))
    ]
    for pool in ("mean", "cls"):
        one = {each.id: passage(made, [each], pool)[0] for each in texts[:12]}
        beside = dict(zip((each.id for each in texts), passage(made, texts, pool), strict=True))
        turned = dict(
            zip((each.id for each in texts[::-1]), passage(made, texts[::-1], pool), strict=True)
        )
        assert beside == turned
        assert one.items() <= beside.items()


def test_a_token_has_one_vector_whatever_stands_beside_its_text(opened: Opened) -> None:
    made = embedder(opened)
    texts = [text(each) for each in (*TEXTS, LONG, LONG[40:])]
    beside, turned = tokens(made, texts), tokens(made, texts[::-1])
    for each in texts:
        alone_ = whole(tokens(made, [each])[each.id])
        assert alone_.tobytes() == whole(beside[each.id]).tobytes()
        assert alone_.tobytes() == whole(turned[each.id]).tobytes()


def test_the_mean_of_a_text_s_tokens_is_its_vector(electra: Opened) -> None:
    made, long = embedder(electra), text(LONG)
    mean = whole(tokens(made, [long])[long.id]).mean(axis=0, dtype=np.float64).astype(np.float32)
    (found,) = made.passages([long], "mean", lambda _: None)
    assert np.allclose(found.vectors[0], mean, rtol=0, atol=1e-6)
    assert found.tokens == len(electra.reader.preparer.tokenizer.encode(LONG).ids)


def test_vectors_are_those_of_the_encoder_that_transformers_loads(
    opened: Opened, tmp_path: Path
) -> None:
    import torch
    from transformers import AutoModel

    folder = tmp_path / "net"
    opened.network.net.save_pretrained(folder)
    encoder = AutoModel.from_pretrained(folder, local_files_only=True).eval()
    short = text("The miller of the lower mill.")
    tokenizer, hints = opened.reader.preparer.tokenizer, opened.head.plan.reading.hints
    (part,) = parts(tokenizer, alone(tokenizer, short.text, asks=False, hints=hints), CUT)
    given_ = {"input_ids": torch.tensor(part.window.ids[None].astype(np.int64))}
    if opened.network.typed:
        given_["token_type_ids"] = torch.tensor(part.window.types[None].astype(np.int64))
    with torch.inference_mode():
        wanted = encoder(**given_).last_hidden_state[0, 1:-1].numpy()
    found = whole(tokens(embedder(opened), [short])[short.id])
    assert np.allclose(found, wanted, rtol=1e-4, atol=1e-4)


def test_a_text_without_a_token_is_zero_and_its_cls_is_not(electra: Opened) -> None:
    made, empty = embedder(electra), text("  \n ")
    (found,) = made.passages([empty], "mean", lambda _: None)
    assert not found.vectors.any()
    assert (found.tokens, found.offsets.tolist()) == (0, [[0, 4]])
    (found,) = made.passages([empty], "cls", lambda _: None)
    assert found.vectors.any()
    assert [len(each.vectors) for each in made.tokens([empty], lambda _: None)] == [0]


def test_a_question_and_a_passage_of_the_same_words_differ(electra: Opened) -> None:
    made = embedder(electra)
    asks, says = text(TEXTS[0], "question"), text(TEXTS[0])
    assert passage(made, [asks]) != passage(made, [says])


@pytest.mark.parametrize("cut", [Cut(2, 0), Cut(513, 0), Cut(24, 22), Cut(24, -1)])
def test_windows_that_do_not_go_on_or_do_not_fit_are_refused(cut: Cut) -> None:
    with pytest.raises(ConfigError, match="embed: windows of"):
        cut.check(512)


def test_windows_may_be_as_long_as_the_reader_has_places(electra: Opened) -> None:
    cut = Cut(512, 0)
    cut.check(electra.network.net.config.max_position_embeddings)
    assert passage(embedder(electra, cut), [text(LONG * 6)])
