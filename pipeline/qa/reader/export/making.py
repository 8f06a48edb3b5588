"""Weights in other forms: ONNX, ONNX in 8 bits, OpenVINO and TFLite, each as files in a folder.

What PyTorch notes beside a graph, where in whose files each part of it was written, is taken out: equal weights and
versions give equal bytes.
"""

from __future__ import annotations

import contextlib
import importlib
import logging
import re
import sys
import warnings
from functools import cached_property
from importlib.metadata import version
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final

from pipeline.errors import ConfigError
from pipeline.qa.reader.forms import FILES
from pipeline.qa.reader.packages import packages
from pipeline.qa.reader.runtimes import INPUTS, OUTPUTS, openvino
from pipeline.release import write_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from pipeline.qa.reader.forms import FormName
    from pipeline.qa.reader.network import Network

_EXAMPLE: Final = (
    2,
    32,
)  # windows and tokens that a graph is traced with; neither 0 nor 1, which are special
_LEAST: Final = 2  # tokens of a window
_OPSET: Final = 20  # Gelu is one node from this on
_ONNX: Final = ("onnx", "onnxscript", "torch", "transformers")
_MADE_BY: Final[dict[FormName, tuple[str, ...]]] = {
    "safetensors": ("safetensors", "torch", "transformers"),
    "onnx": _ONNX,
    "onnx-int8": (*_ONNX, "onnxruntime"),
    "openvino": (*_ONNX, "openvino"),
    "tflite": ("ai-edge-litert", "litert-torch", "torch", "transformers"),
}
_EDGE: Final = frozenset({"ai-edge-litert", "litert-torch", "openvino"})


class Maker:
    """Writes a reader's weights in one form after another; what several are made from is made once."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def write(self, name: FormName, folder: Path, length: int) -> None:
        """Write a form; TFLite's windows are filled to `length` tokens.

        Raises:
            ConfigError: a package is missing.
        """
        path = folder / FILES[name][0]
        with _quiet():
            if name == "safetensors":
                self._network.net.save_pretrained(folder)
            elif name == "tflite":
                _write_tflite(self._network, path, length)
            else:
                _WRITERS[name](self._onnx, path)

    @cached_property
    def _onnx(self) -> Any:
        return _onnx_of(self._network)


def find_packages(names: Iterable[FormName]) -> None:
    """See to it that what makes forms is there, before anything is begun.

    Raises:
        ConfigError: a package is missing.
    """
    for each in sorted({each for name in names for each in _MADE_BY[name]}):
        if find_spec(each.replace("-", "_")) is None:
            raise _missing(each)


def versions_of(name: FormName) -> dict[str, str]:
    """Name the packages that make a form, and their versions."""
    return {each: version(each) for each in _MADE_BY[name]}


def _example(network: Network, shape: tuple[int, int], kind: Any) -> dict[str, Any]:
    """Return what a network is traced with, by name."""
    torch = packages().torch
    names = INPUTS if network.typed else INPUTS[:-1]
    return {name: torch.ones(shape, dtype=kind) for name in names}


def _onnx_of(network: Network) -> Any:
    """Return a network as an ONNX model whose batch and length are free."""
    torch = packages().torch
    given = _example(network, _EXAMPLE, torch.int64)
    longest = network.net.config.max_position_embeddings
    free = {0: torch.export.Dim("batch"), 1: torch.export.Dim("length", min=_LEAST, max=longest)}
    model = torch.onnx.export(
        network.net,
        kwargs=given,
        dynamo=True,
        opset_version=_OPSET,
        input_names=list(given),
        output_names=list(OUTPUTS),
        dynamic_shapes=dict.fromkeys(given, free),
        verbose=False,
    ).model_proto
    for part in (model, model.graph, *model.graph.node, *model.graph.value_info):
        part.ClearField("metadata_props")
        part.ClearField("doc_string")
    return model


def _write_onnx(model: Any, path: Path) -> None:
    write_bytes(path, model.SerializeToString(deterministic=True))


def _write_int8(model: Any, path: Path) -> None:
    """Round weights to 8 bits, each row by itself; activations are rounded as they come (measured: docs)."""
    quantization = _package("onnxruntime.quantization")
    whole = path.with_suffix(".whole")
    _write_onnx(model, whole)
    quantization.quantize_dynamic(
        whole, path, per_channel=True, weight_type=quantization.QuantType.QInt8
    )
    whole.unlink()


def _write_openvino(model: Any, path: Path) -> None:
    package = openvino()
    whole = path.with_suffix(".onnx")
    _write_onnx(model, whole)
    graph = package.Core().read_model(whole)
    for number, node in enumerate(graph.get_ordered_ops()):
        kind = node.get_type_name()
        if re.fullmatch(
            rf"{kind}_\d+", node.get_friendly_name()
        ):  # counted since the process began
            node.set_friendly_name(f"{kind}_{number}")
    package.save_model(graph, path, compress_to_fp16=False)
    whole.unlink()


_WRITERS: Final = {"onnx": _write_onnx, "onnx-int8": _write_int8, "openvino": _write_openvino}


def _write_tflite(network: Network, path: Path, length: int) -> None:
    package = _package("litert_torch")
    given = _example(network, (1, length), packages().torch.int32)
    package.convert(network.net, (), given).export(str(path))


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep what packages say of themselves to themselves, and standard output for what is asked for."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(sys.stderr):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)


def _package(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise _missing(name.partition(".")[0].replace("_", "-")) from error


def _missing(name: str) -> ConfigError:
    extra = "edge" if name in _EDGE else "model"
    return ConfigError(f"export: it needs {name}: pip install 'gristmill[{extra}]'")
