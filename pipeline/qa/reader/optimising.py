"""One step of training: the loss of a batch, and what it changes. AdamW (Loshchilov and Hutter 2019)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from pipeline.qa.reader.packages import packages

if TYPE_CHECKING:
    from pipeline.qa.reader.batches import Batch, Targets
    from pipeline.qa.reader.plan import Plan

_BETAS: Final = (0.9, 0.98)
_EPSILON: Final = 1e-6
_FORBIDDEN: Final = -1e9  # the score of what cannot be an answer
_LEAST: Final = 0.02  # of the highest rate, at the end


def make_optimiser(modules: Any, plan: Plan) -> Any:
    """Return AdamW over the weights of modules; biases and norms do not decay."""
    every = [each for module in modules for each in module.parameters()]
    groups = [
        {"params": [each for each in every if each.ndim > 1], "weight_decay": plan.decay},
        {"params": [each for each in every if each.ndim <= 1], "weight_decay": 0.0},
    ]
    return packages().torch.optim.AdamW(groups, lr=plan.rate, betas=_BETAS, eps=_EPSILON)


def rate_at(step: int, steps: int, plan: Plan) -> float:
    """Return the learning rate: rising over the warm-up, at most a tenth of all, then falling in a line."""
    warmup = min(plan.warmup, max(steps // 10, 1))
    return plan.rate * min(1.0, (step + 1) / warmup) * max(1.0 - step / steps, _LEAST)


def descend(optimiser: Any, loss: Any, rate: float, clip: float) -> float:
    """Go one step down a loss; returns it."""
    for group in optimiser.param_groups:
        group["lr"] = rate
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    weights = [each for group in optimiser.param_groups for each in group["params"]]
    packages().torch.nn.utils.clip_grad_norm_(weights, clip)
    optimiser.step()
    return float(loss.detach())


def hide_words(batch: Batch, share: float, unknown: int, lowest: int) -> Batch:
    """Replace a share of the tokens, but marks, by the unknown one: what is left says where the answer is."""
    if not share:
        return batch
    torch = packages().torch
    hidden = (torch.rand(batch.ids.shape) < share).to(batch.ids.device) & (batch.ids >= lowest)
    return batch._replace(ids=batch.ids.masked_fill(hidden, unknown))


def log_shares(scores: Any, allowed: Any) -> Any:
    """Return the log of a softmax over what may be an answer."""
    return packages().torch.log_softmax(scores.float().masked_fill(~allowed, _FORBIDDEN), dim=-1)


def answer_loss(told: Any, batch: Batch, right: Targets) -> Any:
    """Return the mean negative log likelihood of first and last tokens, right ones together (Clark, Gardner 2018)."""
    torch = packages().torch
    parts = []
    both = (
        (told.start_logits, batch.begins, right.first),
        (told.end_logits, batch.ends, right.last),
    )
    for scores, allowed, wanted in both:  # a right answer may begin within a word
        likely = log_shares(scores, allowed | wanted).masked_fill(~wanted, _FORBIDDEN)
        parts.append(-torch.logsumexp(likely, dim=-1))
    return (parts[0] + parts[1]).mean() / 2
