"""One network in every runtime that this machine has: contenders with the same input and the same answer.

A run takes strips uint8 [N, 28, 140, 1] in NumPy and gives the five heads float32 [N, 11] in NumPy, in the
contract's order; whatever a runtime needs in between is in its time.
"""

from __future__ import annotations

import importlib.util
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from edge_runtime.recognition.contract import INPUT_NAME, OUTPUT_NAMES, STRIP_HEIGHT, STRIP_WIDTH

KERAS_PREDICT: Final = "Keras predict"
TF_FUNCTION: Final = "tf.function"
XLA: Final = "XLA"
ONNX_RUNTIME: Final = "ONNX Runtime"
OPENVINO: Final = "OpenVINO"
LITERT: Final = "LiteRT"
_MODULES: Final = {OPENVINO: "openvino", LITERT: "ai_edge_litert"}

INCLUDED: Final = (
    "From uint8 strips in NumPy to the five heads in NumPy. Keras, tf.function and XLA run with all processors, "
    "TensorFlow's default. ONNX Runtime without spinning, so that its threads do not run on into the next contender's "
    "turn. OpenVINO with the hints LATENCY and f32. LiteRT with XNNPACK, one interpreter for each batch size, int8 "
    "by its own converter from our calibration strips. The 8-bit files of ONNX Runtime and OpenVINO are those of "
    "python -m export."
)

Strips = NDArray[np.uint8]
Heads = Sequence[NDArray[np.float32]]
Run = Callable[[Strips], Heads]


@dataclass(frozen=True)
class Contender:
    """One way to run one network. precision: fp32 or int8; threads: processor threads of a call."""

    network: str
    runtime: str
    precision: str
    threads: int
    run: Run

    def facts(self) -> dict[str, Any]:
        """What a row of the document says of it."""
        return {key: getattr(self, key) for key in ("network", "runtime", "precision", "threads")}

    def __str__(self) -> str:
        return "{network} in {runtime} {precision} ({threads} threads)".format_map(self.facts())


Make = Callable[[str, str, bytes, int], Contender]
"""From a network's name, a precision, a file's content and a number of threads."""


def missing_runtimes() -> list[str]:
    """The optional runtimes that are not installed here."""
    return [name for name, module in _MODULES.items() if importlib.util.find_spec(module) is None]


def keras_contenders(network: str, model: Any, threads: int) -> list[Contender]:
    """Keras ``predict``, ``tf.function``, and XLA. threads: what TensorFlow uses, for the record."""
    import tensorflow

    signature = [tensorflow.TensorSpec([None, STRIP_HEIGHT, STRIP_WIDTH, 1], tensorflow.uint8)]
    call = _call(model)
    graph = tensorflow.function(call, input_signature=signature)
    compiled = tensorflow.function(call, input_signature=signature, jit_compile=True)

    def predict(strips: Strips) -> Heads:
        heads: Heads = model.predict(strips, batch_size=len(strips), verbose=0)
        return heads

    ways = {
        KERAS_PREDICT: predict,
        TF_FUNCTION: _in_numpy(graph),
        XLA: _in_numpy(compiled),
    }
    return [Contender(network, runtime, "fp32", threads, run) for runtime, run in ways.items()]


def onnx_runtime(network: str, precision: str, content: bytes, threads: int) -> Contender:
    """ONNX Runtime on its CPU provider; ``content`` are the bytes of a model of the contract."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
    names = list(OUTPUT_NAMES)

    def run(strips: Strips) -> Heads:
        heads: Heads = session.run(names, {INPUT_NAME: strips})
        return heads

    return Contender(network, ONNX_RUNTIME, precision, threads, run)


def openvino(network: str, precision: str, content: bytes, threads: int) -> Contender:
    """OpenVINO on the same file. Its processor plug-in computes in bfloat16 where it can, unless told not to."""
    import openvino

    core = openvino.Core()
    settings = {"INFERENCE_NUM_THREADS": threads, "PERFORMANCE_HINT": "LATENCY", "INFERENCE_PRECISION_HINT": "f32"}
    request = core.compile_model(core.read_model(content), "CPU", settings).create_infer_request()

    def run(strips: Strips) -> Heads:
        answers = request.infer({INPUT_NAME: strips}, share_inputs=True)
        return [answers[name] for name in OUTPUT_NAMES]

    return Contender(network, OPENVINO, precision, threads, run)


def litert_models(model: Any, calibration: Strips) -> dict[str, bytes]:
    """LiteRT files by precision; the ranges of int8 come from strips uint8 [N, 28, 140, 1]."""
    import tensorflow

    signature = [tensorflow.TensorSpec([None, STRIP_HEIGHT, STRIP_WIDTH, 1], tensorflow.uint8)]
    traced = tensorflow.function(_call(model), input_signature=signature).get_concrete_function()
    files = {}
    for precision in ("fp32", "int8"):
        # Without the model as a second argument, so that its variables are frozen: calibration needs constants.
        converter = tensorflow.lite.TFLiteConverter.from_concrete_functions([traced])
        if precision == "int8":
            converter.optimizations = [tensorflow.lite.Optimize.DEFAULT]
            converter.representative_dataset = lambda: ([calibration[row : row + 1]] for row in range(len(calibration)))
        with warnings.catch_warnings():  # that the input, which stays uint8, has no range of its own
            warnings.filterwarnings("ignore", "Statistics for quantized inputs", UserWarning)
            files[precision] = bytes(converter.convert())
    return files


def litert(network: str, precision: str, content: bytes, threads: int) -> Contender:
    """LiteRT's interpreter, one for each batch size, since changing the size allocates anew."""
    from ai_edge_litert.interpreter import Interpreter

    ready: dict[int, tuple[Any, int, list[int]]] = {}

    def prepare(batch: int) -> tuple[Any, int, list[int]]:
        interpreter = Interpreter(model_content=content, num_threads=threads)
        strip = interpreter.get_input_details()[0]["index"]
        interpreter.resize_tensor_input(strip, [batch, STRIP_HEIGHT, STRIP_WIDTH, 1])
        interpreter.allocate_tensors()
        # The converter calls the results Identity, Identity_1 and so on, in the order of the traced function.
        heads = sorted(interpreter.get_output_details(), key=lambda detail: str(detail["name"]))
        return interpreter, strip, [detail["index"] for detail in heads]

    def run(strips: Strips) -> Heads:
        if len(strips) not in ready:
            ready[len(strips)] = prepare(len(strips))
        interpreter, strip, heads = ready[len(strips)]
        interpreter.set_tensor(strip, strips)
        interpreter.invoke()
        return [interpreter.get_tensor(index) for index in heads]

    return Contender(network, LITERT, precision, threads, run)


def file_contenders(network: str, files: Mapping[str, bytes], threads: Sequence[int]) -> list[Contender]:
    """ONNX Runtime and, where installed, OpenVINO; ``files`` are ONNX files by precision."""
    makers = [onnx_runtime] + ([] if OPENVINO in missing_runtimes() else [openvino])
    return [contender for make in makers for contender in contenders(make, network, files, threads)]


def contenders(make: Make, network: str, files: Mapping[str, bytes], threads: Sequence[int]) -> list[Contender]:
    """One runtime with every file and number of threads; ``files`` are by precision."""
    return [make(network, precision, content, count) for precision, content in files.items() for count in threads]


def _call(model: Any) -> Callable[[Any], list[Any]]:
    def call(strips: Any) -> list[Any]:
        return list(model(strips, training=False))

    return call


def _in_numpy(run: Callable[[Any], Sequence[Any]]) -> Run:
    return lambda strips: [np.asarray(head) for head in run(strips)]
