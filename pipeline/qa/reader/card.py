"""A reader's card: what it is, what it learned from, how good it is, and what it is not for.

In the form of Mitchell et al. 2019 (Model Cards for Model Reporting), with the head that model hubs read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pipeline.qa.reader.forms import ORIGINAL

if TYPE_CHECKING:
    from pipeline.qa.baseline.model_file import Source
    from pipeline.qa.reader.model_file import Head

_OTHERS: Final = {"group": "articles", "context": "contexts"}
_LIBRARIES: Final = {ORIGINAL: "transformers"}


def card_of(head: Head) -> str:
    """Write the card."""
    parts = (_front(head), _what(head), _learned(head), _good(head), _limits(head), _use(head))
    return "\n\n".join(parts) + "\n"


def _front(head: Head) -> str:
    name = head.form.name
    library = _LIBRARIES.get(name, name.partition("-")[0])
    return (
        f"---\nlibrary_name: {library}\npipeline_tag: question-answering\ntags:\n- gristmill\n---"
    )


def _what(head: Head) -> str:
    plan, measure = head.plan, head.plan.measure
    begun = "from scratch"
    if head.learned.teacher is not None:
        begun = "begun with the weights of its teacher that it has room for"
    elif plan.begins_with:
        begun = f"begun with the weights of `{plan.begins_with}`"
    return (
        f"# An extractive reader: {plan.family}\n\n"
        f"{measure.layers} layers of {measure.width}, {head.learned.parameters:,} weights, trained {begun} by "
        f"gristmill with seed {plan.seed} on {head.learned.device} ({plan.precision}).{_taught(head)}"
    )


def _taught(head: Head) -> str:
    teacher = head.learned.teacher
    if teacher is None:
        return ""
    return (
        f" It learned from a teacher of {teacher.parameters:,} weights (SHA-256 `{teacher.weights}`), which had F1 "
        f"{teacher.f1:.2f} on the questions that were held out from it."
    )


def _learned(head: Head) -> str:
    learned = head.learned
    rows = "\n".join(f"- {_source(each)}" for each in learned.sources)
    silent = f"{learned.impossible:,} have no answer"
    if learned.made:
        silent += f", {learned.made:,} of them made so by changing one word (synthetic)"
    return (
        f"## Trained on\n\n{rows}\n\n"
        f"{learned.questions:,} questions on {learned.contexts:,} contexts, of which {silent}; "
        f"{learned.held_out:,} questions on other {_OTHERS[learned.held_out_by]} were held out. "
        f"{learned.left_out:,} questions were left out since their answer stands in no window."
    )


def _source(source: Source) -> str:
    if source.content_root:
        return f"release `{source.name}` {source.version}, content root `{source.content_root}`"
    return f"file `{source.name}`, SHA-256 `{source.sha256}`"


def _good(head: Head) -> str:
    learned = head.learned
    rows = "\n".join(
        f"| {each.step:,} | {each.epoch:.2f} | {each.loss:.3f} | {each.exact:.2f} | {each.f1:.2f} |"
        for each in head.curve
    )
    of = "" if head.form.name == ORIGINAL else "Of the reader that it was made from. "
    return (
        f"## How good it is\n\n{of}On the held-out questions that have an answer: exact match {learned.exact:.2f}, F1 "
        f"{learned.f1:.2f} (per cent). While it was trained, on up to 300 of them:\n\n"
        f"| step | epoch | loss | exact | F1 |\n| ---: | ---: | ---: | ---: | ---: |\n{rows}"
    )


def _limits(head: Head) -> str:
    reading = head.plan.reading
    threshold = head.sureness.threshold
    silence = (
        f"It abstains where its null odds are above {threshold}, the best on held-out questions."
        if threshold < 1
        else "It learned from no question without an answer, and answers always."
    )
    return (
        "## Limits\n\nIt copies a span of the given passage and knows nothing else; that a span is given does not make "
        f"it true. {silence} Answers have up to {reading.answer} tokens, questions {reading.question}. "
        "Other subjects and languages than those it was trained on were not tried here."
    )


def _use(head: Head) -> str:
    loads = (
        "The folder loads with `AutoModelForQuestionAnswering`"
        if head.form.name == ORIGINAL
        else f"Its weights are here as {head.form.name}, made from the weights with SHA-256 `{head.form.made_from}`"
    )
    return (
        "## Use\n\n`gristmill qa predict MODEL QUESTIONS --out answers.json`, `gristmill qa serve MODEL`. "
        f"{loads}; questions are read as `reader.json` says, and the types of tokens carry hints that gristmill makes."
    )
