"""Readers without PyTorch: weights in other forms give windows their scores by a runtime of their own, on a CPU."""

from __future__ import annotations

import importlib
import sys
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np

from pipeline.errors import ConfigError, InputError
from pipeline.qa.reader.batches import ROWS, fill, in_shapes
from pipeline.qa.reader.forms import FILES
from pipeline.qa.reader.network import scores_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from pipeline.qa.reader.forms import Form, FormName
    from pipeline.qa.reader.inputs import Input
    from pipeline.qa.reader.network import Scores

    Arrays = Mapping[str, npt.NDArray[np.int64]]
    Floats = npt.NDArray[np.float32]
    Run = Callable[[Arrays], tuple[Floats, Floats]]

INPUTS: Final = ("input_ids", "attention_mask", "token_type_ids")
OUTPUTS: Final = ("start_logits", "end_logits")


class Runtime(Protocol):
    """What gives windows their scores, on a `device` that is `cpu` or `cuda`."""

    @property
    def device(self) -> str:
        """Where it computes."""
        ...

    def scores(self, inputs: Sequence[Input]) -> list[Scores]:
        """Score windows, in their order; what stands beside a window does not change its scores."""
        ...


class OnnxScores:
    """ONNX Runtime. Where activations are `rounded` their range is that of a whole batch, so each window is one."""

    device: Final = "cpu"

    def __init__(self, path: Path, threads: int, *, rounded: bool) -> None:
        package = _package("onnxruntime", "model")
        options = package.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3  # errors
        try:
            self._session = package.InferenceSession(
                path, options, providers=["CPUExecutionProvider"]
            )
        except _onnx_faults() as error:
            raise ValueError(type(error).__name__) from error
        self._names = _known(each.name for each in self._session.get_inputs())
        self._rows = 1 if rounded else ROWS

    def scores(self, inputs: Sequence[Input]) -> list[Scores]:
        """Score windows."""
        return in_shapes(
            inputs, lambda part, length: _run(part, length, self._rows, self._call), self._rows
        )

    def _call(self, given: Arrays) -> tuple[Floats, Floats]:
        first, last = self._session.run(
            OUTPUTS, {name: given[name] for name in INPUTS if name in self._names}
        )
        return first, last


class OpenVinoScores:
    """OpenVINO, which computes with 32 bits even where the processor has a faster way."""

    device: Final = "cpu"

    def __init__(self, path: Path, threads: int) -> None:
        settings = {"INFERENCE_NUM_THREADS": threads, "INFERENCE_PRECISION_HINT": "f32"}
        core = openvino().Core()
        self._model = core.compile_model(core.read_model(path), "CPU", settings)
        self._names = _known(each.any_name for each in self._model.inputs)

    def scores(self, inputs: Sequence[Input]) -> list[Scores]:
        """Score windows."""
        return in_shapes(inputs, lambda part, length: _run(part, length, ROWS, self._call))

    def _call(self, given: Arrays) -> tuple[Floats, Floats]:
        told = self._model({name: given[name] for name in INPUTS if name in self._names})
        first, last = (told[name] for name in OUTPUTS)
        return first, last


class TfliteScores:
    """LiteRT: one window at a time, each of them filled to one length, in 32-bit integers."""

    device: Final = "cpu"

    def __init__(self, path: Path, threads: int, length: int) -> None:
        package = _package("ai_edge_litert.interpreter", "edge")
        self._runner = package.Interpreter(str(path), num_threads=threads).get_signature_runner()
        self._names = _known(self._runner.get_input_details())
        self._length = length

    def scores(self, inputs: Sequence[Input]) -> list[Scores]:
        """Score windows."""
        return [_run([each], self._length, 1, self._call)[0] for each in inputs]

    def _call(self, given: Arrays) -> tuple[Floats, Floats]:
        told = self._runner(
            **{name: given[name].astype(np.int32) for name in INPUTS if name in self._names}
        )
        first, last = (told[name] for name in OUTPUTS)
        return first, last


def _known(names: Iterable[str]) -> set[str]:
    """Return the inputs of a graph; `ValueError` where they are not those of a reader."""
    found = set(names)
    if not set(INPUTS[:-1]) <= found <= set(INPUTS):
        raise ValueError("other inputs")
    return found


def _onnx_faults() -> tuple[type[Exception], ...]:
    """Return what ONNX Runtime raises: classes that share nothing but where they are."""
    state = _package("onnxruntime.capi.onnxruntime_pybind11_state", "model")
    found = [each for each in vars(state).values() if isinstance(each, type)]
    return tuple(each for each in found if issubclass(each, Exception))


def _run(inputs: Sequence[Input], length: int, rows: int, call: Run) -> list[Scores]:
    filled = fill(inputs, length, rows)
    given = dict(zip(INPUTS, (filled.ids, filled.mask, filled.types), strict=True))
    return scores_of(inputs, *call(given))


def open_runtime(folder: Path, form: Form, threads: int) -> Runtime:
    """Open weights of any form but the original one.

    Raises:
        ConfigError: the runtime is not installed.
        InputError: it does not take them.
    """
    path = folder / FILES[form.name][0]
    openers: dict[FormName, Callable[[], Runtime]] = {
        "onnx": lambda: OnnxScores(path, threads, rounded=False),
        "onnx-int8": lambda: OnnxScores(path, threads, rounded=True),
        "openvino": lambda: OpenVinoScores(path, threads),
        "tflite": lambda: TfliteScores(path, threads, form.length),
    }
    try:
        return openers[form.name]()
    except (RuntimeError, ValueError, OSError) as error:
        raise InputError(
            f"reader: {path}: its runtime does not take it ({type(error).__name__})"
        ) from error


def openvino() -> Any:
    """Import OpenVINO without what reports to its makers that it is imported, and from where.

    Raises:
        ConfigError: it is not installed.
    """
    sys.modules.setdefault("openvino_telemetry", None)  # type: ignore[arg-type]  # so that it is not found
    return _package("openvino", "edge")


def _package(name: str, extra: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise ConfigError(
            f"reader: it needs {name.partition('.')[0]}: pip install 'gristmill[{extra}]'"
        ) from error
