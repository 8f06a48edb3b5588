"""A smaller reader that learns from a larger one: what it answers, and how it comes to it.

The student learns the teacher's scores of first and last tokens, softened by a temperature (Hinton et al. 2015,
arXiv:1503.02531), the right answers, and the hidden states and attentions of the teacher's layers that stand for
its own (Jiao et al. 2020, TinyBERT, arXiv:1909.10351; Sun et al. 2020, MobileBERT, section 3.4). It begins with
every so many a layer of the teacher (Sanh et al. 2019, section 2), and with what is most of its embeddings.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec

from pipeline.errors import ConfigError
from pipeline.qa.reader.architecture import Dropout, has_types, make_config, make_net, parameters
from pipeline.qa.reader.loop import Lesson, learn
from pipeline.qa.reader.model_file import Teacher
from pipeline.qa.reader.network import Network
from pipeline.qa.reader.optimising import answer_loss, log_shares
from pipeline.qa.reader.packages import packages
from pipeline.qa.reader.shrinking import shrink
from pipeline.qa.reader.training import (
    Trained,
    divide,
    finish,
    look_at,
    make_windows,
    seed_packages,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from filters.qa import Question
    from pipeline.qa.baseline.model_file import Source
    from pipeline.qa.reader.architecture import Measure
    from pipeline.qa.reader.batches import Batch, Targets
    from pipeline.qa.reader.checkpoints import Checkpoints
    from pipeline.qa.reader.model_file import Opened
    from pipeline.qa.reader.plan import Distilling, Plan
    from pipeline.watch.progress import Display

_EAGER: Final = "eager"  # the attention that can be looked at


class Pupil:
    """The loss of a student beside its teacher; `beside` are the maps from its hidden states to the teacher's."""

    def __init__(self, student: Network, teacher: Network, how: Distilling) -> None:
        torch = packages().torch
        self._student, self._teacher, self._how = student, teacher, how
        own, its = (each.net.config for each in (student, teacher))
        self._layers = matched(_layers(own), _layers(its))
        widths = _width(own), _width(its)
        self._maps = torch.nn.ModuleList(torch.nn.Linear(*widths) for _ in self._layers)
        for each in self._maps:
            torch.nn.init.eye_(each.weight)
        self._maps.to(student.device)
        self.beside = [self._maps]
        for network in (student, teacher):
            network.net.set_attn_implementation(_EAGER)

    def loss(self, batch: Batch, right: Targets) -> Any:
        """Return how far the student is from the answers and from its teacher."""
        torch = packages().torch
        wanted = {"output_hidden_states": True, "output_attentions": True}
        with torch.no_grad():
            shown = self._teacher.forward(batch, **wanted)
        told = self._student.forward(batch, **wanted)
        how = self._how
        return (
            (1 - how.soft) * answer_loss(told, batch, right)
            + how.soft * self._answers(told, shown, batch)
            + how.hidden * self._states(told, shown, batch)
            + how.attention * self._attentions(told, shown, batch)
        )

    def _answers(self, told: Any, shown: Any, batch: Batch) -> Any:
        """Return the divergence of the softened shares, scaled by the temperature's square as Hinton et al. do."""
        torch = packages().torch
        heat, parts = self._how.temperature, []
        for name, allowed in (("start_logits", batch.begins), ("end_logits", batch.ends)):
            own = log_shares(getattr(told, name) / heat, allowed)
            its = log_shares(getattr(shown, name) / heat, allowed)
            parts.append(
                torch.nn.functional.kl_div(own, its, log_target=True, reduction="batchmean")
            )
        return (parts[0] + parts[1]) / 2 * heat**2

    def _states(self, told: Any, shown: Any, batch: Batch) -> Any:
        """Return the mean square between hidden states, each of mean 0 and variance 1 over its numbers."""
        torch = packages().torch
        normal = torch.nn.functional.layer_norm
        mask, parts = batch.mask[..., None].float(), []
        for (own, its), to_its in zip(self._layers, self._maps, strict=True):
            mapped = to_its(told.hidden_states[own + 1].float())
            wanted = shown.hidden_states[its + 1].float()
            width = wanted.shape[-1:]
            gap = normal(mapped, width) - normal(wanted, width)
            parts.append((gap**2 * mask).sum() / (mask.sum() * width[0]))
        return sum(parts) / len(parts)

    def _attentions(self, told: Any, shown: Any, batch: Batch) -> Any:
        """Return the divergence of what tokens attend to, head by head, or of the mean if heads are not as many."""
        torch = packages().torch
        mask, parts = batch.mask[:, None, :].float(), []
        for own, its in self._layers:
            a, b = told.attentions[own].float(), shown.attentions[its].float()
            if a.shape[1] != b.shape[1]:
                a, b = a.mean(1, keepdim=True), b.mean(1, keepdim=True)
            lost = (b * (torch.log(b + _TINY) - torch.log(a + _TINY))).sum(-1)
            parts.append((lost * mask).sum() / (mask.sum() * a.shape[1]))
        return sum(parts) / len(parts)


_TINY: Final = 1e-6  # below any share of attention that matters


def matched(own: int, its: int) -> list[tuple[int, int]]:
    """Return which layer of a teacher stands for each of the student's: evenly, the last for the last."""
    return [(each, (each + 1) * its // own - 1) for each in range(own)]


def _layers(config: Any) -> int:
    return int(config.num_hidden_layers)


def _width(config: Any) -> int:
    return int(config.hidden_size)


def distil(
    opened: Opened,
    weights: str,
    questions: Sequence[Question],
    sources: tuple[Source, ...],
    plan: Plan,
    checkpoints: Checkpoints,
    display: Display,
) -> Trained:
    """Train a student of `plan` on questions that its teacher, whose weights have that SHA-256, learned from too.

    Raises:
        ConfigError: the student would have as many weights as its teacher.
        InputError: there are too few questions with an answer.
    """
    if plan.distilling is None:
        raise ConfigError("reader: the plan does not say how to learn from a teacher")
    given = divide(questions, plan)
    preparer = opened.reader.preparer
    seed_packages(plan)
    net = _begin(opened, plan)
    network = Network(net, opened.network.device, typed=has_types(plan.family))
    pupil = Pupil(network, opened.network, plan.distilling)
    made = make_windows(preparer, given.learning, display)
    tokenizer = preparer.tokenizer
    lesson = Lesson(
        made.windows, pupil.loss, look_at(network, preparer, given.held),
        tokenizer.unknown or 0, max(tokenizer.marks) + 1, pupil.beside,
    )  # fmt: skip
    curve = learn(network, lesson, plan, checkpoints, display)
    net.set_attn_implementation("sdpa")
    learned = opened.head.learned
    teacher = Teacher(weights, learned.parameters, learned.exact, learned.f1)
    return finish(network, preparer, given, made, plan, sources, curve, teacher)


def _begin(opened: Opened, plan: Plan) -> Any:
    """Return a student with as much of its teacher's weights as it has room for."""
    teacher = opened.network.net
    types = getattr(teacher.config, "type_vocab_size", 0)
    vocabulary = teacher.config.vocab_size
    dropout = Dropout(plan.dropout, plan.dropout)
    student = make_net(make_config(plan.family, plan.measure, vocabulary, types, dropout))
    if parameters(student) >= parameters(teacher):
        raise ConfigError(
            f"reader: the student would have {parameters(student):,} weights, its teacher has"
            f" {parameters(teacher):,}: fewer --layers, or a smaller --width or --token"
        )
    shrink(teacher, student, matched(plan.measure.layers, _layers(teacher.config)))
    return student


def student_measure(teacher: Measure, layers: int, width: int, token: int) -> Measure:
    """Return the size of a student: half the layers and half the width of a token unless told otherwise (0).

    Raises:
        ConfigError: it would have more layers than its teacher.
    """
    if layers > teacher.layers:
        raise ConfigError(f"reader: a student of {layers} layers: its teacher has {teacher.layers}")
    scale = width / teacher.width if width else 1.0
    return msgspec.structs.replace(
        teacher,
        layers=layers or max(teacher.layers // 2, 1),
        width=width or teacher.width,
        forward=round(teacher.forward * scale),
        token=token or max(min(teacher.token // 2, width or teacher.width), 1),
    )
