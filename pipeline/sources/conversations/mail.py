"""Read a folder of mail, a message a file: maildir, folders of .eml, and the numbered files of the Enron corpus."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from pipeline.sources.adapter import Adapter, Reading
from pipeline.sources.conversations.messages import MAIL_OPTIONS, Mailbox, MailOptions
from pipeline.sources.options import read_options
from pipeline.sources.trees.folder import prefix_of
from pipeline.sources.trees.folder_files import File, digest_files, folder, read_files
from pipeline.sources.trees.paths import TREE_OPTIONS, tree_flaws

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.sources.adapter import Said
    from pipeline.sources.file import InputFile
    from pipeline.sources.records import Bad, Item, Raw

_COUNTED: Final = re.compile(
    rb"([0-9]{1,9})[ \t]*\r?\n"
)  # Apple's .emlx: so many bytes, then a property list
_FROM: Final = re.compile(rb"From [^\n]{0,998}\n")


def read_mail(path: InputFile, how: Reading) -> Iterator[Item]:
    """Yield an item for each file below a folder, in the order of paths.

    No path reaches a record: folders of mail are called by the people whose it is.
    """
    options = read_options(how.said, MailOptions, tree_flaws)
    mailbox = Mailbox(prefix_of(folder(path), how.said).rstrip("/"), options)

    def take(file: File) -> Iterator[Raw | Bad]:
        yield mailbox.take(_message(file))

    return read_files(folder(path), how, options, ("",), take, names=False)


def _message(file: File) -> bytes:
    """Return the message in a file, without what mail programs put before and behind it."""
    data = file.data
    counted = _COUNTED.match(data) if file.path.endswith(".emlx") else None
    if counted is not None:
        return data[counted.end() : counted.end() + int(counted[1])]
    start = _FROM.match(data)
    return data if start is None else data[start.end() :]


def _flaws(said: Said) -> list[str]:
    return tree_flaws(said, MailOptions)


ADAPTER: Final = Adapter(
    read=read_mail,
    unit="folder",
    digest=digest_files,
    options={
        **TREE_OPTIONS,
        "hidden": "also what begins with a dot, as Maildir++ has folders",
        **MAIL_OPTIONS,
    },
    flaws=_flaws,
)
