"""The weights that training begins with, made so that little data goes a long way.

Three things are laid in that a network would have to find out otherwise: places are sines and cosines (Vaswani et
al. 2017, section 3.5); the types of tokens are sums of what each of their hints says; and half of the heads attend
to a neighbour at a fixed distance, which sines and cosines allow by a rotation (the same, section 3.5). Training
may change all of it. Measured: docs/readers.md.
"""

from __future__ import annotations

import math
from typing import Any, Final

from pipeline.qa.reader.architecture import encoder_of
from pipeline.qa.reader.hints import FIRST, LEVELS
from pipeline.qa.reader.packages import packages

_SLOWEST: Final = 1000.0  # tokens of the longest wave, over 2 pi
_PLACE: Final = 0.04  # twice the usual deviation of weights: neighbours are to be told apart
_HINT: Final = 0.03
_OWN: Final = 0.2  # of the usual deviation, by which types with the same hints differ
_SHARP: Final = 1.5  # of attention to a neighbour
_DISTANCES: Final = (-1, 1, -2, 2, -4, 4, -8, 8)  # tokens, by head and layer


def prepare(net: Any, *, hints: bool) -> None:
    """Change the random weights of a new network; equal ones get equal ones from equal random numbers."""
    embeddings = encoder_of(net).embeddings
    with packages().torch.no_grad():
        if net.config.model_type == "electra":
            _lay_places(embeddings.position_embeddings.weight)
            if net.config.embedding_size == net.config.hidden_size:
                _lay_neighbours(encoder_of(net).encoder.layer)
        if hints:
            _lay_hints(embeddings.token_type_embeddings.weight)


def _waves(width: int) -> Any:
    """Return the frequency of each pair of numbers, the highest first."""
    torch = packages().torch
    return torch.exp(torch.arange(0, width, 2) * (-math.log(_SLOWEST) / width))


def _lay_places(weight: Any) -> None:
    torch = packages().torch
    angles = torch.arange(weight.shape[0])[:, None] * _waves(weight.shape[1])
    weight[:, 0::2], weight[:, 1::2] = torch.sin(angles) * _PLACE, torch.cos(angles) * _PLACE


def _lay_hints(weight: Any) -> None:
    torch = packages().torch
    width = weight.shape[1]
    tables = [torch.randn(size, width) * _HINT for size in LEVELS]
    weight *= _OWN
    for index, value in enumerate(torch.cartesian_prod(*(torch.arange(size) for size in LEVELS))):
        for table, level in zip(tables, value, strict=True):
            weight[FIRST + index] += table[level]
    weight[:FIRST] = torch.randn(FIRST, width) * _HINT


def _lay_neighbours(layers: Any) -> None:
    """Have the first half of the heads of each layer, and all of the first one, attend to a neighbour."""
    for number, layer in enumerate(layers):
        attention = layer.attention.self
        heads = attention.num_attention_heads
        for head in range(heads if number == 0 else heads // 2):
            size = attention.attention_head_size
            rows = slice(head * size, (head + 1) * size)
            query, key = _towards(
                _DISTANCES[(head + 2 * number) % len(_DISTANCES)], size, attention.query.in_features
            )
            attention.query.weight[rows] += query
            attention.key.weight[rows] += key


def _towards(distance: int, size: int, width: int) -> tuple[Any, Any]:
    """Return weights of a query and a key, shape (size, width), that agree most at so many tokens apart."""
    torch = packages().torch
    query, key = torch.zeros(size, width), torch.zeros(size, width)
    for pair, wave in enumerate(_waves(width)[: size // 2].tolist()):
        sine, cosine = 2 * pair, 2 * pair + 1
        turn = wave * distance
        query[sine, sine] = query[cosine, cosine] = _SHARP
        key[sine, sine] = key[cosine, cosine] = _SHARP * math.cos(turn)
        key[sine, cosine], key[cosine, sine] = -_SHARP * math.sin(turn), _SHARP * math.sin(turn)
    return query, key
