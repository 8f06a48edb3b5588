"""What a student takes over of its teacher: layers where they are of one shape, and the most of its embeddings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipeline.qa.reader.architecture import encoder_of
from pipeline.qa.reader.packages import packages

if TYPE_CHECKING:
    from collections.abc import Sequence

_TABLES: Final = ("word_embeddings", "position_embeddings", "token_type_embeddings")


def shrink(teacher: Any, student: Any, layers: Sequence[tuple[int, int]]) -> None:
    """Copy what fits: `layers` are pairs of a student's and a teacher's layer.

    Embeddings that have less room are turned so that as much as can be of them is left (principal components
    of all tables together, Pearson 1901), and turned back where the student's layers are as wide as the teacher's.
    """
    with packages().torch.no_grad():
        own, its = encoder_of(student), encoder_of(teacher)
        _copy(student, teacher, skip=f"{student.base_model_prefix}.")
        for small, large in layers:
            _copy(_layers_of(own)[small], _layers_of(its)[large])
        turn = _embed(own, its)
        if turn is not None and hasattr(own, "embeddings_project"):
            _turn_back(own, its, turn)
        if turn is not None and hasattr(own.embeddings, "embedding_transformation"):
            _turn_within(own.embeddings.embedding_transformation, its, turn)


def _copy(target: Any, source: Any, skip: str = "\0") -> None:
    """Copy the weights that have the same names and shapes."""
    there = source.state_dict()
    for name, weight in target.state_dict().items():
        if not name.startswith(skip) and name in there and there[name].shape == weight.shape:
            weight.copy_(there[name])


def _layers_of(encoder: Any) -> Any:
    return encoder.transformer.layer if hasattr(encoder, "transformer") else encoder.encoder.layer


def _embed(own: Any, its: Any) -> Any:
    """Copy embeddings; returns the turn, shape (the teacher's width, the student's), if they have less room."""
    torch = packages().torch
    _copy(own.embeddings, its.embeddings)
    width, room = (each.embeddings.word_embeddings.weight.shape[1] for each in (its, own))
    if room >= width:
        return None
    there = [name for name in _TABLES if hasattr(its.embeddings, name)]
    # not MobileBERT's places and types, which are as wide as its layers
    tables = [name for name in there if getattr(own.embeddings, name).weight.shape[1] == room]
    weights = [getattr(its.embeddings, name).weight for name in tables]
    together = torch.cat(weights).double()
    together -= together.mean(0)
    values, vectors = torch.linalg.eigh(together.T @ together)
    turn = vectors[:, values.argsort(descending=True)[:room]].float()
    for name, weight in zip(tables, weights, strict=True):
        getattr(own.embeddings, name).weight.copy_(weight @ turn)
    return turn


def _turn_back(own: Any, its: Any, turn: Any) -> None:
    """Have the student's projection undo the turn, and do what the teacher's does."""
    back = turn.T  # (the student's width of a token, the teacher's)
    if hasattr(its, "embeddings_project"):
        back = back @ its.embeddings_project.weight.T
    if own.embeddings_project.weight.shape == back.T.shape:
        own.embeddings_project.weight.copy_(back.T)
        own.embeddings_project.bias.zero_()


def _turn_within(own: Any, its: Any, turn: Any) -> None:
    """Have the student's map of three neighbours' embeddings, MobileBERT's, take turned ones."""
    weight = its.embeddings.embedding_transformation.weight
    turned = (weight.reshape(len(weight), -1, len(turn)) @ turn).reshape(len(weight), -1)
    if own.weight.shape == turned.shape:
        own.weight.copy_(turned)
