"""The three families of readers in three sizes, as configs of transformers; weights are made here or come by path.

`base` is the published model that people mean by the family: KoELECTRA-small (12 layers of 256 after ELECTRA-small,
Clark et al. 2020, arXiv:2003.10555), MobileBERT (Sun et al. 2020, arXiv:2004.02984, table 1) and DistilBERT
(Sanh et al. 2019, arXiv:1910.01108). `small` is what a CPU trains in hours, `tiny` in minutes.
"""

from __future__ import annotations

from typing import Any, Final, Literal, NamedTuple, get_args

import msgspec

from pipeline.errors import ConfigError
from pipeline.qa.reader.packages import packages

Family = Literal["electra", "mobilebert", "distilbert"]
Size = Literal["tiny", "small", "base"]
FAMILIES: Final[tuple[Family, ...]] = get_args(Family)
SIZES: Final[tuple[Size, ...]] = get_args(Size)
POSITIONS: Final = 512
"""Tokens that a model has places for."""
_TYPES: Final = 2  # of tokens where there are no hints: question and passage


class Measure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How large a network is: layers, their width, heads, the width inside a layer's feed-forward, that of a token.

    MobileBERT's layers have a bottleneck of `inner`, half of the width in the published one a quarter.
    """

    layers: int
    width: int
    heads: int
    forward: int
    token: int
    inner: int = 0


MEASURES: Final[dict[tuple[Family, Size], Measure]] = {
    ("electra", "tiny"): Measure(2, 128, 4, 512, 128),
    ("electra", "small"): Measure(4, 256, 4, 1024, 256),
    ("electra", "base"): Measure(12, 256, 4, 1024, 128),
    ("mobilebert", "tiny"): Measure(2, 128, 4, 128, 128, 128),
    ("mobilebert", "small"): Measure(6, 256, 4, 256, 128, 128),
    ("mobilebert", "base"): Measure(24, 512, 4, 512, 128, 128),
    ("distilbert", "tiny"): Measure(2, 128, 4, 512, 128),
    ("distilbert", "small"): Measure(4, 256, 4, 1024, 256),
    ("distilbert", "base"): Measure(6, 768, 12, 3072, 768),
}


class Dropout(NamedTuple):
    """The share of numbers that training leaves out, within layers and of attention."""

    hidden: float = 0.1
    attention: float = 0.1


def has_types(family: Family) -> bool:
    """Tell whether a family's tokens have types: DistilBERT's have none."""
    return family != "distilbert"


def make_config(
    family: Family, measure: Measure, vocabulary: int, types: int, dropout: Dropout
) -> Any:
    """Return a config of transformers for so many tokens and types of tokens.

    Raises:
        ConfigError: the width is not a multiple of the heads.
    """
    if measure.width % measure.heads or (measure.inner or measure.width) % measure.heads:
        raise ConfigError(
            f"reader: a width of {measure.width} is no multiple of {measure.heads} heads"
        )
    makers = {"electra": _electra, "mobilebert": _mobilebert, "distilbert": _distilbert}
    config = makers[family](measure, dropout)
    config.vocab_size = vocabulary
    if has_types(family):
        config.type_vocab_size = max(types, _TYPES)
    return config


def _electra(measure: Measure, dropout: Dropout) -> Any:
    return packages().transformers.ElectraConfig(
        embedding_size=measure.token,
        hidden_size=measure.width,
        num_hidden_layers=measure.layers,
        num_attention_heads=measure.heads,
        intermediate_size=measure.forward,
        max_position_embeddings=POSITIONS,
        hidden_dropout_prob=dropout.hidden,
        attention_probs_dropout_prob=dropout.attention,
    )


def _mobilebert(measure: Measure, dropout: Dropout) -> Any:
    return packages().transformers.MobileBertConfig(
        embedding_size=measure.token,
        hidden_size=measure.width,
        num_hidden_layers=measure.layers,
        num_attention_heads=measure.heads,
        intermediate_size=measure.forward,
        intra_bottleneck_size=measure.inner,
        max_position_embeddings=POSITIONS,
        hidden_dropout_prob=dropout.hidden,
        attention_probs_dropout_prob=dropout.attention,
    )


def _distilbert(measure: Measure, dropout: Dropout) -> Any:
    return packages().transformers.DistilBertConfig(
        dim=measure.width,
        hidden_dim=measure.forward,
        n_layers=measure.layers,
        n_heads=measure.heads,
        max_position_embeddings=POSITIONS,
        dropout=dropout.hidden,
        attention_dropout=dropout.attention,
        qa_dropout=dropout.hidden,
    )


def make_net(config: Any) -> Any:
    """Return a network with random weights that answers questions; the caller sets the seed."""
    return packages().transformers.AutoModelForQuestionAnswering.from_config(config)


def encoder_of(net: Any) -> Any:
    """Return what lies below the head of a network."""
    return getattr(net, net.base_model_prefix)


def family_of(config: Any, name: str) -> Family:
    """Return the family of a config.

    Raises:
        ConfigError: it is of another.
    """
    found = next((each for each in FAMILIES if each == config.model_type), None)
    if found is None:
        raise ConfigError(f"reader: {name}: {config.model_type}: is none of {', '.join(FAMILIES)}")
    return found


def measure_in(config: Any, family: Family) -> Measure:
    """Return how large a config makes a network."""
    width = config.hidden_size
    return Measure(
        layers=config.num_hidden_layers,
        width=width,
        heads=config.num_attention_heads,
        forward=config.hidden_dim if family == "distilbert" else config.intermediate_size,
        token=width if family == "distilbert" else config.embedding_size,
        inner=config.intra_bottleneck_size if family == "mobilebert" else 0,
    )


def parameters(net: Any) -> int:
    """Count the weights of a network, shared ones once."""
    return sum(each.numel() for each in net.parameters())
