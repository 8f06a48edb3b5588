"""What Croissant says of the records: which file holds which field, of which type, and the splits.

`documents` lies over the index and is always there; `records` and `questions`, with the texts, lie
over the parquet twin, for no Croissant reader opens zstd. Names are those of the Croissant Format
Specification 1.1 (http://mlcommons.org/croissant/1.1), sections RecordSets and Splits.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable

    from manifests.manifest import Manifest

Node = dict[str, Any]

PARQUET: Final = ["application/vnd.apache.parquet", "application/x-parquet"]
"""The registered media type, and the one that Croissant readers look for."""

TWINS: Final = "parquet/"
INDEX: Final = "index/documents.parquet"
_TEXT, _INTEGER, _BOOLEAN, _SHARE = "sc:Text", "cr:Int64", "sc:Boolean", "cr:Float64"
_FROM_NAME: Final = "^(train|validation|test).*$"  # a reader may match what it found once more


class Column(NamedTuple):
    """A column: its name, what it holds, its type; `inner` are the fields of a struct."""

    name: str
    about: str
    type: str = _TEXT
    inner: tuple[Column, ...] = ()
    many: bool = False


_ID: Final = Column("id", "Identifier, unique in the release.")
_SOURCE: Final = Column("source", "The source that the record came from.")
_LICENSE: Final = Column("license", "SPDX licence expression, or NOASSERTION.")
_LANGUAGE: Final = Column(
    "language", "Linguist's name of a programming language, or ISO 639 code of a natural one."
)
_URL: Final = Column("url", "Where the original stood, or empty.")
_REDACTIONS: Final = Column("redactions", "JSON list of [start, end, type] in code points.")
_ASKED_REDACTIONS: Final = Column(
    "question_redactions", "The same of the question's own text, not the context."
)
_EXTRA: Final = Column("extra", "JSON object of whatever else the input said.")

INDEX_COLUMNS: Final = (
    _ID,
    _SOURCE,
    Column("split", "train, validation or test."),
    Column("shard", "The file that holds the document, relative to this one."),
    Column("frame", "Number of the zstd frame in the file, from 0.", _INTEGER),
    Column("offset", "Offset of the line in the decoded frame, in bytes.", _INTEGER),
    Column("length", "Length of the line in bytes, newline included.", _INTEGER),
    Column("sha256", "SHA-256 of the text's UTF-8, in hex."),
    _LICENSE,
    _LANGUAGE,
    Column("natural_language", "ISO 639 code of the prose, or und."),
    Column("repo", "Repository, or empty."),
    Column("path", "Path in the repository, or empty."),
    Column("family", "Near-duplicates share a family, and with it a split."),
)
"""The columns of index/documents.parquet."""

RECORD_COLUMNS: Final = (
    _ID,
    Column("text", "The document, redacted."),
    _SOURCE,
    _LICENSE,
    _LANGUAGE,
    _URL,
    Column("created", "When the original was made, as it says, or empty."),
    Column("sha256", "SHA-256 of the text's UTF-8, in hex."),
    Column(
        "meta",
        "What else is known.",
        inner=(
            Column("pile_set_name", "The source once more, as in The Pile."),
            Column("repo", "Repository, or empty."),
            Column("path", "Path in the repository, or empty."),
            Column("natural_language", "ISO 639 code of the prose, or und."),
            _REDACTIONS,
            _EXTRA,
        ),
    ),
)
"""The columns of a document's twin."""

_ANSWER: Final = (
    Column("text", "The answer as it stands in the context."),
    Column("start", "Where it begins in the context, in code points.", _INTEGER),
    Column("end", "Where it ends, exclusive.", _INTEGER),
)
_SYNTHETIC: Final = (
    Column("method", "How a question was made that nobody asked, or empty."),
    Column("seed", "The seed it was made with, or 0.", _INTEGER),
)
_QUALITY: Final = (
    Column("question_words", "Words of the question.", _INTEGER),
    Column("answer_words", "Words of the first answer, or 0.", _INTEGER),
    Column("overlap", "Share of the question's words in the answer's sentence.", _SHARE),
    Column("leak", "The question says an answer.", _BOOLEAN),
    Column("places", "How often the first answer stands in the context.", _INTEGER),
)
QUESTION_COLUMNS: Final = (
    _ID,
    Column("schema", "The format that the question came in."),
    Column("context", "The passage that is asked about."),
    Column("context_sha256", "SHA-256 of the context's UTF-8, in hex."),
    Column("question", "The question."),
    Column("answers", "Accepted answers; none where there is none.", inner=_ANSWER, many=True),
    Column("is_impossible", "The context holds no answer.", _BOOLEAN),
    Column("plausible_answers", "Tempting wrong answers.", inner=_ANSWER, many=True),
    _SOURCE,
    _LICENSE,
    _LANGUAGE,
    _URL,
    Column("title", "Title of the article, or empty."),
    Column("group", "Questions of one group share a split."),
    Column("synthetic", "Whether the question was made, and how.", inner=_SYNTHETIC),
    Column("quality", "What is measured of the question.", inner=_QUALITY),
    Column("meta", "What else is known.", inner=(_REDACTIONS, _ASKED_REDACTIONS, _EXTRA)),
)
"""The columns of a question's twin."""

_SPLITS: Final[Node] = {
    "@type": "cr:RecordSet",
    "@id": "splits",
    "name": "splits",
    "description": "The splits of the release.",
    "dataType": "cr:Split",
    "key": {"@id": "splits/name"},
    "field": [
        {"@type": "cr:Field", "@id": "splits/name", "name": "name", "dataType": _TEXT},
        {
            "@type": "cr:Field",
            "@id": "splits/url",
            "name": "url",
            "dataType": ["cr:Split", "sc:URL"],
        },
    ],
    "data": [
        {"splits/name": "train", "splits/url": "cr:TrainingSplit"},
        {"splits/name": "validation", "splits/url": "cr:ValidationSplit"},
        {"splits/name": "test", "splits/url": "cr:TestSplit"},
    ],
}


def twin_path(shard: str) -> str:
    """Name the parquet twin of `data/<source>/<shard>.jsonl.zst` or `qa/…`, relative to the release as it is."""
    return TWINS + shard.removesuffix(".jsonl.zst") + ".parquet"


def record_sets(manifest: Manifest) -> list[Node]:
    """Return the splits, `documents`, and where the release has a twin `records` and `questions`."""
    index = {"fileObject": {"@id": INDEX}}
    listed = any(file.path == INDEX for file in manifest.files)
    made = [_SPLITS]
    if listed:
        about = f"Where each of the {manifest.documents} documents lies, and what is known of it."
        made.append(_record_set("documents", about, INDEX_COLUMNS, index, manifest.documents))
    kinds = {
        "records": ("documents", RECORD_COLUMNS, manifest.documents),
        "questions": ("questions", QUESTION_COLUMNS, manifest.questions),
    }
    for name, _ in _twins(manifest):
        what, columns, count = kinds[name]
        source = {"fileSet": {"@id": f"{name}-parquet"}}
        made.append(_record_set(name, f"All {count} {what}.", columns, source, count))
    return made


def file_sets(manifest: Manifest) -> list[Node]:
    """Return a set of parquet files for `records` and one for `questions`, where there are any."""
    return [
        {
            "@type": "cr:FileSet",
            "@id": f"{name}-parquet",
            "name": f"{name}-parquet",
            "description": f"The parquet twin of the {name}.",
            "encodingFormat": PARQUET,
            "includes": [f"{folder}/*.parquet" for folder in folders],
        }
        for name, folders in _twins(manifest)
    ]


def _twins(manifest: Manifest) -> list[tuple[str, list[str]]]:
    """Name the record sets that have a twin, each with its folders."""
    there = {file.path.rpartition("/")[0] for file in manifest.files if file.path.startswith(TWINS)}
    found = []
    for name, kind, top in (("records", "document", "data"), ("questions", "question", "qa")):
        names = sorted(each.name for each in manifest.sources if each.kind == kind)
        wanted = [f"{TWINS}{top}/{each}" for each in names]
        folders = [folder for folder in wanted if folder in there]
        if folders:
            found.append((name, folders))
    return found


def _record_set(name: str, about: str, columns: Iterable[Column], source: Node, count: int) -> Node:
    fields = [_field(name, column, source) for column in columns]
    if "fileSet" in source:
        fields.append(_split_of_file(name, source))
    else:
        split = next(field for field in fields if field["name"] == "split")
        split["references"] = {"field": {"@id": "splits/name"}}
    return {
        "@type": "cr:RecordSet",
        "@id": name,
        "name": name,
        "description": about,
        "key": {"@id": f"{name}/id"},
        "field": fields,
        "cr:annotation": _count(name, count),
    }


def _field(parent: str, column: Column, source: Node) -> Node:
    """Describe a column, and within it the fields of its struct."""
    node: Node = {
        "@type": "cr:Field",
        "@id": f"{parent}/{column.name}",
        "name": column.name,
        "description": column.about,
    }
    if column.many:
        node |= {"isArray": True, "arrayShape": "-1"}
    if not column.inner:
        return node | {
            "dataType": column.type,
            "source": {**source, "extract": {"column": column.name}},
        }
    inside = {**source, "extract": {"column": column.name}}
    inner = ((each, {**inside, "transform": {"jsonPath": each.name}}) for each in column.inner)
    fields = [
        {
            "@type": "cr:Field",
            "@id": f"{parent}/{column.name}/{each.name}",
            "name": each.name,
            "description": each.about,
            "dataType": each.type,
            "source": place,
        }
        for each, place in inner
    ]
    return node | {"subField": fields}


def _split_of_file(name: str, source: Node) -> Node:
    """Take the split from the name of the file, so that a reader may open those of one split alone."""
    return {
        "@type": "cr:Field",
        "@id": f"{name}/split",
        "name": "split",
        "description": "train, validation or test.",
        "dataType": _TEXT,
        "source": {
            **source,
            "extract": {"fileProperty": "filename"},
            "transform": {"regex": _FROM_NAME},
        },
        "references": {"field": {"@id": "splits/name"}},
    }


def _count(name: str, count: int) -> Node:
    """Say how many records there are (wd:Q4049983 is cardinality, as the specification has it)."""
    return {
        "@type": "cr:Field",
        "@id": f"{name}/count",
        "name": "count",
        "dataType": ["sc:Integer", "wd:Q4049983"],
        "cr:value": count,
    }
