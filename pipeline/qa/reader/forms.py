"""The forms that a reader's weights have, each for a runtime of its own; the rest of its folder is the same."""

from __future__ import annotations

from typing import Final, Literal, get_args

import msgspec

FormName = Literal["safetensors", "onnx", "onnx-int8", "openvino", "tflite"]
FORMS: Final[tuple[FormName, ...]] = get_args(FormName)
ORIGINAL: Final = "safetensors"
"""The form that training writes and PyTorch reads; the others are made from it."""
ROUNDED: Final[FormName] = "onnx-int8"
"""The form whose weights are rounded, so that its scores are others."""
FILES: Final[dict[FormName, tuple[str, ...]]] = {
    "safetensors": ("model.safetensors",),
    "onnx": ("model.onnx",),
    "onnx-int8": ("model.onnx",),
    "openvino": ("model.xml", "model.bin"),
    "tflite": ("model.tflite",),
}
"""Where the weights lie; the first file names the others, the last holds the numbers."""


class Form(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What form weights have, and how they came to have it.

    `length` is the number of tokens that every window is filled to, 0 where any will do; `made_from` is the SHA-256
    of the weights that these were made from, by packages of the `versions`.
    """

    name: FormName = ORIGINAL
    length: int = 0
    made_from: str = ""
    versions: dict[str, str] = {}
