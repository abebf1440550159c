"""The way of one run: convert, prove parity, refuse what reads badly, quantise, prove accuracy, describe.

Writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any, Final

import numpy as np
import onnx
from numpy.typing import NDArray

from edge_runtime import __version__
from edge_runtime.recognition.contract import ModelSpec
from edge_runtime.recognition.model_files import SECOND_LOOK
from edge_runtime.recognition.strip import STRIP_VERSION

from . import convert, data, gates, graph, quantize
from .data import ExportStrips, StripSet
from .quantize import node_precisions
from .run_folder import Run

FP32_FILE: Final = "digits-fp32.onnx"
INT8_FILE: Final = "digits-int8.onnx"
_WORTH_SAVING: Final = 0.001  # accuracy on the selection strips that 7-bit weights may cost before 8 bits are used

Say = Callable[[str], None]


@dataclass(frozen=True)
class Figures:
    """One exported file, as measured. Shares are 0 to 1; ``reference`` is what it was compared with."""

    file: str
    size_bytes: int
    sha256: str
    whole_string_accuracy: float
    head_accuracy: float
    reference: str
    agreement: float
    max_difference: float
    ops: Mapping[str, int]
    whole_string_by_length: Mapping[str, float]
    nodes: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Export:
    """The files' contents by name, their figures, and everything else that was measured on the way."""

    files: Mapping[str, bytes]
    figures: tuple[Figures, ...]
    details: Mapping[str, Any]

    def report(self) -> dict[str, Any]:
        """The JSON document that is kept in the run folder."""
        return {"models": [asdict(figures) for figures in self.figures], **self.details}


def export(run: Run, say: Say = lambda text: None, *, floor: float = gates.FLOOR) -> Export:
    """Export a run.

    floor: whole-string accuracy, 0 to 1, below which the network is refused.
    Raises ``ModelError`` where the run does not fit the contract or a gate does not hold, and
    ``DependencyError`` where TensorFlow or the converter is missing. ``say`` is told each step.
    """
    network = convert.load_network(run.network_path)
    say(f"drawing strips ({run.recipe} recipe)")
    strips = data.draw(run.recipe)
    say("Keras -> fp32 ONNX")
    fp32 = convert.to_onnx(network)
    say(f"parity gate and floor: {strips.parity.origin}")
    of_keras = convert.keras_answers(network, strips.parity.strips)
    gates.check_parity(of_keras, _answers(fp32, strips.parity))
    gates.check_floor(gates.whole_string_accuracy(of_keras, strips.parity.labels), floor, strips.parity.origin)
    say(f"fp32 -> int8, ranges from {strips.calibration.origin}")
    scheme, int8, candidates = choose_scheme(fp32, strips)
    say(f"accuracy gate: {strips.test.origin}")
    tested = [_answers(model, strips.test) for model in (fp32, int8)]
    gates.check_accuracy(*(gates.whole_string_accuracy(answers, strips.test.labels) for answers in tested))

    details = _details(run, network, strips, scheme, candidates)
    references = (
        _Reference(f"Keras, {strips.parity.origin}", of_keras, _answers(fp32, strips.parity)),
        _Reference(f"fp32 ONNX, {strips.test.origin}", tested[0], tested[1]),
    )
    files, figures = {}, []
    for name, model, answers, reference in zip(file_names(run), (fp32, int8), tested, references, strict=True):
        files[name], measured = _finished(name, model, answers, reference, run, strips.test, details)
        figures.append(measured)
    return Export(files, tuple(figures), details)


@dataclass(frozen=True)
class _Reference:
    """What a model is compared with, the answers there, and its own on the same strips."""

    name: str
    expected: NDArray[np.float32]
    answers: NDArray[np.float32]


def _answers(model: onnx.ModelProto, strips: StripSet) -> NDArray[np.float32]:
    return gates.probabilities(graph.serialise(model), strips.strips)


def _finished(
    name: str,
    model: onnx.ModelProto,
    answers: NDArray[np.float32],
    reference: _Reference,
    run: Run,
    test: StripSet,
    details: Mapping[str, Any],
) -> tuple[bytes, Figures]:
    """The file's content with its metadata, and its figures; answers: of the test strips."""
    whole, heads = gates.whole_string_accuracy(answers, test.labels), gates.head_accuracy(answers, test.labels)
    graph.set_spec(model, _spec(name, run, details, whole, heads))
    content = graph.serialise(model)
    figures = Figures(
        file=name,
        size_bytes=len(content),
        sha256=graph.sha256(content),
        whole_string_accuracy=whole,
        head_accuracy=heads,
        reference=reference.name,
        agreement=gates.agreement(reference.expected, reference.answers),
        max_difference=gates.max_difference(reference.expected, reference.answers),
        ops=graph.count_ops(model),
        whole_string_by_length=gates.accuracy_by_length(answers, test.labels),
        nodes=node_precisions(model),
    )
    return content, figures


def file_names(run: Run) -> tuple[str, str]:
    """Of the fp32 and the int8 model: the larger network has names of its own, to lie beside the other."""
    if run.config.get("network") == SECOND_LOOK:
        return f"{SECOND_LOOK}-fp32.onnx", f"{SECOND_LOOK}-int8.onnx"
    return FP32_FILE, INT8_FILE


def choose_scheme(fp32: onnx.ModelProto, strips: ExportStrips) -> tuple[str, onnx.ModelProto, list[dict[str, Any]]]:
    """Quantise with 7-bit and with 8-bit weights and compare the two on validation strips.

    Returns the scheme's name, its model, and what was measured. 7 bits are taken unless they read noticeably
    worse: they are as small and as fast, and do not saturate on processors without VNNI.
    """
    measured = []
    for weight_bits in (7, 8):
        model = quantize.quantize(fp32, strips.calibration.strips, weight_bits)
        accuracy = gates.whole_string_accuracy(_answers(model, strips.selection), strips.selection.labels)
        measured.append((accuracy, quantize.scheme_name(weight_bits), model))
    best = max(accuracy for accuracy, _, _ in measured)
    chosen = next(entry for entry in measured if entry[0] >= best - _WORTH_SAVING)
    candidates = [
        {"scheme": scheme, "whole_string_accuracy": accuracy, "chosen": scheme is chosen[1]}
        for accuracy, scheme, _ in measured
    ]
    return chosen[1], chosen[2], candidates


def _details(
    run: Run, network: Any, strips: ExportStrips, scheme: str, candidates: list[dict[str, Any]]
) -> dict[str, Any]:
    sets = {"parity": strips.parity, "calibration": strips.calibration}
    sets |= {"selection": strips.selection, "test": strips.test}
    libraries = ("tensorflow", "keras", "tf2onnx", "onnx", "onnxruntime", "numpy")
    return {
        "run": run.folder.resolve().name,
        "parameters": int(network.count_params()),
        "training": dict(run.config),
        "evaluation": dict(run.evaluation),
        "calibration": run.calibration,
        "quantisation": {"scheme": scheme, "candidates": candidates},
        "strips": {name: {"origin": part.origin, "sha256": part.sha256()} for name, part in sets.items()},
        "network_sha256": run.network_sha256,
        "opset": convert.OPSET,
        "versions": {"edge-digits": __version__, **{name: version(name) for name in libraries}},
    }


def _spec(file: str, run: Run, details: Mapping[str, Any], accuracy: float, heads: float) -> ModelSpec:
    return replace(
        ModelSpec(name=file.removesuffix(".onnx"), strip_version=STRIP_VERSION),
        **run.calibration,
        training={"run": details["run"], "parameters": details["parameters"], **run.config},
        accuracy={
            "whole_string": accuracy,
            "mean_of_heads": heads,
            "strips": details["strips"]["test"]["origin"],
            "evaluation": _main_figures(run.evaluation.get("sets", {})),
        },
        hashes={
            "network": details["network_sha256"],
            **{f"{name}_strips": part["sha256"] for name, part in details["strips"].items()},
        },
    )


def _main_figures(sets: Mapping[str, Mapping[str, Any]]) -> dict[str, dict[str, Any]]:
    """Of each set of strips that training evaluated, what is not split by length or head."""
    details = ("heads", "whole_string_by_length")
    return {name: {key: figures[key] for key in figures if key not in details} for name, figures in sets.items()}
