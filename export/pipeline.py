"""The way of one run: convert, prove parity, quantise, prove accuracy, describe. Writes nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any, Final

import onnx

from edge_runtime import __version__
from edge_runtime.recognition.contract import ModelSpec
from edge_runtime.recognition.model_files import SECOND_LOOK
from edge_runtime.recognition.strip import STRIP_VERSION

from . import convert, data, gates, graph, quantize, score
from .data import ExportStrips
from .precision import NodePrecision, node_precisions
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
    nodes: tuple[NodePrecision, ...]


@dataclass(frozen=True)
class Export:
    """The files' contents by name, their figures, and everything else that was measured on the way."""

    files: Mapping[str, bytes]
    figures: tuple[Figures, ...]
    details: Mapping[str, Any]

    def report(self) -> dict[str, Any]:
        """The JSON document that is kept in the run folder."""
        return {"models": [asdict(figures) for figures in self.figures], **self.details}


def export(run: Run, say: Say = lambda text: None) -> Export:
    """Export a run.

    Raises ``ModelError`` where the run does not fit the contract or a gate does not hold, and
    ``DependencyError`` where TensorFlow or the converter is missing. ``say`` is told each step.
    """
    network = convert.load_network(run.network_path)
    say(f"drawing strips ({run.recipe} recipe)")
    strips = data.draw(run.recipe)

    say("Keras -> fp32 ONNX")
    fp32_file, int8_file = file_names(run)
    fp32 = convert.to_onnx(network)
    say(f"parity gate: {strips.parity.origin}")
    keras_answers = convert.predictor(network)(strips.parity.strips)
    gates.check_parity(keras_answers, score.probabilities(graph.serialise(fp32), strips.parity.strips))

    say(f"fp32 -> int8, ranges from {strips.calibration.origin}")
    scheme, int8, candidates = choose_scheme(fp32, strips)
    say(f"accuracy gate: {strips.test.origin}")
    tested = {
        name: score.probabilities(graph.serialise(model), strips.test.strips)
        for name, model in ((fp32_file, fp32), (int8_file, int8))
    }
    accuracy = {name: score.whole_string_accuracy(answers, strips.test.labels) for name, answers in tested.items()}
    gates.check_accuracy(accuracy[fp32_file], accuracy[int8_file])

    details = _details(run, network, strips, str(scheme), candidates)
    references = {
        fp32_file: ("Keras", keras_answers, strips.parity),
        int8_file: ("fp32 ONNX", tested[fp32_file], strips.test),
    }
    files, figures = {}, []
    for name, model in ((fp32_file, fp32), (int8_file, int8)):
        reference, expected, compared_on = references[name]
        answers = score.probabilities(graph.serialise(model), compared_on.strips)
        heads = score.head_accuracy(tested[name], strips.test.labels)
        graph.set_spec(model, _spec(name, run, details, accuracy[name], heads))
        files[name] = graph.serialise(model)
        figures.append(
            Figures(
                file=name,
                size_bytes=len(files[name]),
                sha256=graph.sha256(files[name]),
                whole_string_accuracy=accuracy[name],
                head_accuracy=heads,
                reference=f"{reference}, {compared_on.origin}",
                agreement=score.agreement(expected, answers),
                max_difference=score.max_difference(expected, answers),
                ops=graph.count_ops(model),
                whole_string_by_length=score.accuracy_by_length(tested[name], strips.test.labels),
                nodes=tuple(node_precisions(model)),
            )
        )
    return Export(files, tuple(figures), details)


def file_names(run: Run) -> tuple[str, str]:
    """Of the fp32 and the int8 model: the network for second looks has names of its own, to lie beside the other."""
    if run.config.get("network") == SECOND_LOOK:
        return f"{SECOND_LOOK}-fp32.onnx", f"{SECOND_LOOK}-int8.onnx"
    return FP32_FILE, INT8_FILE


def choose_scheme(
    fp32: onnx.ModelProto, strips: ExportStrips
) -> tuple[quantize.Scheme, onnx.ModelProto, list[dict[str, Any]]]:
    """Quantise with 7-bit and with 8-bit weights and compare the two on validation strips.

    Returns the scheme, its model, and what was measured. 7 bits are taken unless they read noticeably
    worse: they are as small and as fast, and do not saturate on processors without VNNI.
    """
    measured = []
    for reduce_range in (True, False):
        scheme = quantize.Scheme(reduce_range=reduce_range)
        model = quantize.quantize(fp32, strips.calibration.strips, scheme)
        answers = score.probabilities(graph.serialise(model), strips.selection.strips)
        measured.append((score.whole_string_accuracy(answers, strips.selection.labels), scheme, model))
    best = max(accuracy for accuracy, _, _ in measured)
    chosen = next(entry for entry in measured if entry[0] >= best - _WORTH_SAVING)
    candidates = [
        {"scheme": str(scheme), "whole_string_accuracy": accuracy, "chosen": scheme is chosen[1]}
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
    details = ("heads", "whole_string_by_length", "coverage_by_length")
    return {name: {key: figures[key] for key in figures if key not in details} for name, figures in sets.items()}
