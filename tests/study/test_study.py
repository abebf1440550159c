"""The notebook's study: gradients, protocol, runner, report without TensorFlow; a quick run of everything with it."""

import json
import subprocess
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from study.numpy_networks import relu_mlp, sigmoid_mlp
from study.numpy_networks.two_layers import Course, Sample, TwoLayers

from study import report, runner
from study.catalogue import CATALOGUE, NAMES
from study.core import plots, protocol
from study.core.data import Digits8, folds
from study.core.result import Context, Figure, Layer, MissingRun, Record, Result
from tests.train.test_cli import run as run_cli
from train.core.errors import RunError
from train.datasets.mnist import load_digits

RUNS = {"notebook": Path("none"), "edge": Path("none")}


def silent(*_arguments):
    pass


@pytest.fixture
def context(tmp_path):
    (tmp_path / "pictures").mkdir()
    return Context("sigmoid-digits8", tmp_path, True, RUNS, silent)


@pytest.fixture(scope="module")
def sample():
    digits = load_digits("train")
    return Sample(digits.images[:600].reshape(600, -1).astype(np.float32) / 255, digits.labels[:600])


def course(total, classify):
    return Course("epoch", total, classify, None, silent)


def random_network(rng, inputs=7, hidden=5):
    shapes = ((inputs, hidden), (hidden,), (hidden, 10), (10,))
    return TwoLayers(*(rng.normal(size=shape) for shape in shapes))


def numeric_gradients(loss, network, step=1e-6):
    """By central differences, one weight after the other."""
    gradients = TwoLayers(*(np.zeros_like(weights) for weights in network))
    for weights, gradient in zip(network, gradients, strict=True):
        for place in np.ndindex(weights.shape):
            kept = weights[place]
            weights[place] = kept + step
            above = loss()
            weights[place] = kept - step
            gradient[place] = (above - loss()) / (2 * step)
            weights[place] = kept
    return gradients


def assert_same(gradients, expected):
    for got, wanted in zip(gradients, expected, strict=True):
        np.testing.assert_allclose(got, wanted, rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize(("l1", "l2"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.2), (0.3, 0.2)])
def test_gradients_of_the_sigmoid_network_are_those_of_its_cost(l1, l2):
    rng = np.random.default_rng(1)
    network, inputs = random_network(rng), rng.normal(size=(6, 7))
    targets = np.eye(10)[rng.integers(0, 10, 6)]
    _, gradients = sigmoid_mlp.cost_and_gradients(network, inputs, targets, l1, l2)
    expected = numeric_gradients(lambda: sigmoid_mlp.cost_and_gradients(network, inputs, targets, l1, l2)[0], network)
    assert_same(gradients, expected)


@pytest.mark.parametrize("reg", [0.0, 0.4])
def test_gradients_of_the_relu_network_are_those_of_its_loss(reg):
    rng = np.random.default_rng(2)
    network, inputs, labels = random_network(rng), rng.normal(size=(6, 7)), rng.integers(0, 10, 6)
    _, gradients = relu_mlp.loss_and_gradients(network, inputs, labels, reg)
    expected = numeric_gradients(lambda: relu_mlp.loss_and_gradients(network, inputs, labels, reg)[0], network)
    assert_same(gradients, expected)


def test_extreme_logits_overflow_nowhere():
    network = TwoLayers(np.full((1, 1), 1e4), np.zeros(1), np.full((1, 10), -1e4), np.zeros(10))
    targets, labels = np.eye(10)[[3]], np.array([3])
    with np.errstate(all="raise", under="ignore"):
        cost, _ = sigmoid_mlp.cost_and_gradients(network, np.ones((1, 1)), targets, 0.0, 0.0)
        loss, _ = relu_mlp.loss_and_gradients(network, np.ones((1, 1)), labels, 0.0)
    assert cost == pytest.approx(1e4) and loss == pytest.approx(np.log(10))


@pytest.mark.parametrize(
    ("module", "name", "changes"),
    [
        (sigmoid_mlp, "sigmoid-mnist", {"epochs": 15, "eta": 0.02, "minibatches": 20}),
        (relu_mlp, "relu-mnist", {"steps": 150, "step": 0.3}),
    ],
)
def test_both_networks_learn_and_repeat_themselves(sample, module, name, changes):
    wanted = replace(module.PUBLISHED[name], hidden=40, **changes)
    networks = [module.fit(wanted, sample, course(150, module.classify)) for _ in range(2)]
    assert (module.classify(networks[0], sample.inputs) == sample.labels).mean() > 0.9
    for first, second in zip(*networks, strict=True):
        np.testing.assert_array_equal(first, second)
    other = module.fit(replace(wanted, seed=2), sample, course(150, module.classify))
    assert not np.array_equal(other.hidden, networks[0].hidden)


def test_the_rate_decays_and_momentum_carries_the_last_step_on(sample):
    wanted = replace(
        sigmoid_mlp.PUBLISHED["sigmoid-mnist"], hidden=4, epochs=3, minibatches=1, eta=1e-3, alpha=0.5, decrease=1.0
    )
    inputs, targets = sample.inputs.astype(np.float64), np.eye(10)[sample.labels]
    start = sigmoid_mlp.initial(inputs.shape[1], 4, np.random.default_rng(wanted.seed))
    expected = [weights.astype(np.float64) for weights in start]
    step = [np.zeros_like(weights) for weights in expected]
    for rate in (1e-3, 1e-3 / 2, 1e-3 / 2 / 3):
        _, gradients = sigmoid_mlp.cost_and_gradients(TwoLayers(*expected), inputs, targets, wanted.l1, wanted.l2)
        step = [0.5 * last + rate * gradient for last, gradient in zip(step, gradients, strict=True)]
        expected = [weights - now for weights, now in zip(expected, step, strict=True)]
    for got, weights in zip(sigmoid_mlp.fit(wanted, sample, course(3, sigmoid_mlp.classify)), expected, strict=True):
        np.testing.assert_allclose(got, weights, atol=1e-4)


def test_course_asks_about_held_out_digits_now_and_then(sample):
    notes = Course("step", 200, relu_mlp.classify, sample, silent)
    network = relu_mlp.initial(784, 3, np.random.default_rng(0))
    for step in range(200):
        notes.note(network, 1 / (step + 1))
    cost, validation = notes.panels("loss")
    assert list(cost.lines["cost"][0]) == list(range(1, 201)) and cost.lines["cost"][1][9] == pytest.approx(0.1)
    expected = 100 * (relu_mlp.classify(network, sample.inputs) == sample.labels).mean()
    assert validation.lines["validation"][0] == list(range(2, 201, 2))
    assert set(validation.lines["validation"][1]) == {expected}


def test_folds_follow_the_file_and_hold_each_digit_once():
    parts = folds(17, 5)
    np.testing.assert_array_equal(np.concatenate(parts), np.arange(17))
    assert {len(part) for part in parts} == {3, 4}


def test_held_out_digits_are_not_met_in_training(context):
    """A classifier that only knows by heart is right on all that it met and on nothing else."""
    images = np.arange(40, dtype=np.float32)[:, None, None] * np.ones((1, 8, 8), np.float32)
    labels = (np.arange(40) % 10).astype(np.uint8)

    def fit(digits, _progress):
        known = dict(zip(digits.images[:, 0, 0], digits.labels, strict=True))

        def predict(asked):
            return np.array([known.get(image[0, 0], (int(image[0, 0]) + 1) % 10) for image in asked], np.intp)

        panel = plots.Panel("Cost", "epoch", "cost", {"cost": (range(1, 3), [2.0, 1.0])}, log=True)
        return protocol.Fitted(predict, (), (panel,))

    result = protocol.on_digits8(fit, Digits8(images, labels), 4, context)
    assert result.figures == (Figure("train", 1.0, 40), Figure("held out", 0.0, 40))
    for picture in result.pictures:
        assert (context.out / "pictures" / picture.file).read_bytes().startswith(b"\x89PNG")


def test_a_confusion_matrix_has_the_truth_in_rows():
    counts = plots.counts_of(np.array([1, 1, 2]), np.array([1, 2, 2]), 3)
    assert counts.tolist() == [[0, 0, 0], [0, 1, 1], [0, 0, 1]]


def test_pictures_are_small_and_as_wide_as_a_readme(tmp_path):
    import cv2

    noise = np.random.default_rng(0).integers(0, 256, (40, 28, 28)).astype(np.uint8)  # the hardest to pack
    plots.sheet(tmp_path / "sheet.png", "Noise", noise, ["0 → 1"] * 40, columns=10)
    assert (tmp_path / "sheet.png").stat().st_size < 200_000
    assert cv2.imread(str(tmp_path / "sheet.png")).shape[1] == plots.WIDTH * plots.DPI


# The runner, on systems that only count how often they are run.


@dataclass(frozen=True)
class Toy:
    value: int
    nested: tuple[tuple[int, int], ...] = ((1, 2), (3, 4))


class FakeSystems:
    """Stands for all modules of the study."""

    def __init__(self, monkeypatch):
        self.value = 7
        self.ran = []
        self.missing = ()
        self.broken = ()
        module = SimpleNamespace(settings=self.settings, run=self.run)
        monkeypatch.setattr(runner, "import_module", lambda *_names: module)

    def settings(self, name, _context):
        if name in self.missing:
            raise MissingRun(f"no model in runs/{name}")
        return Toy(self.value)

    def run(self, _settings, context):
        if context.system in self.broken:
            raise RunError("broken")
        self.ran.append(context.system)
        picture = context.picture("examples", "Examples", lambda path: path.write_bytes(b"\x89PNG"))
        layers = (Layer("dense", "10", 7_850),)
        return Result("97.50% test", (Figure("test", 0.975, 10_000),), (picture,), layers, ("A remark.",))


@pytest.fixture
def systems(monkeypatch):
    return FakeSystems(monkeypatch)


@pytest.fixture
def study(tmp_path):
    lines = []

    def start(**options):
        lines.clear()
        path = runner.study(tmp_path / "study", runs=RUNS, say=lines.append, **options)
        return path.read_text("utf-8"), list(lines)

    return start


def test_a_study_runs_every_system_and_says_beforehand_how_long(systems, study):
    text, lines = study()
    assert systems.ran == list(NAMES)
    assert [line.split(":")[0] for line in lines[: len(NAMES)]] == list(NAMES) and "min in all" in lines[len(NAMES)]
    for row in CATALOGUE:
        assert f"## {row.name}\n" in text and row.published in text
        assert f"(pictures/{row.name}-examples.png)" in text


def test_only_adds_to_what_is_there(systems, study):
    text, _ = study(only=["keras-cnn"])
    assert systems.ran == ["keras-cnn"] and text.count("not run yet") == len(NAMES) - 1
    text, _ = study(only=["edge"])
    assert systems.ran == ["keras-cnn", "edge"] and text.count("not run yet") == len(NAMES) - 2


def test_a_stopped_study_is_carried_on(systems, study):
    systems.broken = ("relu-mnist",)
    with pytest.raises(RunError, match="broken"):
        study()
    before = list(systems.ran)
    systems.broken = ()
    _, lines = study()
    assert before == list(NAMES[: NAMES.index("relu-mnist")])
    assert systems.ran == list(NAMES), "none is run twice"
    assert lines[0].startswith("relu-mnist: about"), "what is there takes no time"


def test_a_result_of_other_settings_is_made_anew(systems, study):
    study(only=["edge"])
    systems.value = 8
    study(only=["edge"])
    assert systems.ran == ["edge", "edge"]


def test_a_quick_study_and_a_full_one_are_not_mixed(systems, study):
    text, _ = study(only=["edge"], quick=True)
    assert "quick run on little data" in text
    with pytest.raises(RunError, match="holds a quick study; choose another --out"):
        study(only=["edge"])


def test_a_missing_run_folder_is_named_and_the_rest_goes_on(systems, study):
    systems.missing = ("notebook",)
    text, lines = study()
    assert "missing: no model in runs/notebook" in text and "## notebook" not in text
    assert any("notebook: missing" in line for line in lines)
    assert systems.ran == [name for name in NAMES if name != "notebook"]


def test_a_result_outlives_its_run_folder(systems, study):
    study(only=["notebook"])
    systems.missing = ("notebook",)
    text, _ = study(only=["notebook"])
    assert "## notebook" in text and "missing" not in text


def test_a_broken_result_is_named(systems, study, tmp_path):
    study(only=["edge"])
    (tmp_path / "study" / "results" / "edge.json").write_text('{"system": "edge"}')
    with pytest.raises(RunError, match=r"edge\.json: not a result of this version"):
        study()


def test_the_record_holds_the_report_and_nothing_old(systems, study, tmp_path):
    record = tmp_path / "record"
    (record / "pictures").mkdir(parents=True)
    (record / "pictures" / "old.png").write_bytes(b"")
    (record / "code.py").write_text("")
    text, _ = study(only=["edge", "digits8"], record=record)
    assert sorted(path.name for path in record.rglob("*") if path.is_file()) == [
        "STUDY.md",
        "code.py",
        "digits8-examples.png",
        "digits8.json",
        "edge-examples.png",
        "edge.json",
    ]
    assert (record / "STUDY.md").read_text("utf-8") == text


def test_progress_tells_the_time_left(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(runner.time, "monotonic", lambda: now[0])
    lines = []
    progress = runner._progress("edge", lines.append)
    progress(0.1, "too early")
    now[0] = 60.0
    progress(0.25, "epoch 5")
    progress(0.26, "too soon")
    assert lines == ["edge: 25%, 3.0 min left, epoch 5"]


# The report.


def record_of(name, **changes):
    figures = (Figure("train", 1.0, 55_000), Figure("test", 0.9757, 10_000))
    result = Result("100.00% train, 97.57% test", figures, (), (Layer("dense", "196", 153_860),), ("A remark.",))
    settings = {"hidden": 196, "decrease": 1e-5, "nesterov": True, "dense": [196, 784]}
    return replace(Record(name, False, settings, 754.0, "A machine", {"numpy": "2"}, result), **changes)


def test_a_record_comes_back_from_json():
    record = record_of("keras-mlp")
    assert Record.from_dict(json.loads(json.dumps(record.as_dict()))) == record


def test_published_and_ours_stand_side_by_side():
    text = report.render({"sigmoid-mnist": record_of("sigmoid-mnist")}, {"edge": "no model in runs/edge"}, quick=False)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.splitlines() if line[:1] == "|"]
    row = next(row for row in rows if "(#sigmoid-mnist)" in row[0])
    assert row[1:] == ["MNIST", "99.98% train, 97.57% test", "100.00% train, 97.57% test", "13 min"]
    assert next(row for row in rows if "`edge`" in row[0])[3] == "missing: no model in runs/edge"
    assert ["test", "97.57%", "±0.31%", "10,000"] in rows
    assert "hidden 196, decrease 1e-05, nesterov yes, dense (196, 784)" in text
    assert "Made on A machine; numpy 2." in text and "quick" not in text


@pytest.mark.parametrize("slip", ["cut from training digits", "Dropout left on", "resizing call", "training data only"])
def test_the_published_slips_are_named(slip):
    assert slip in report.render({}, {}, quick=False)


# The command.


@pytest.mark.parametrize("wrong", [["--only"], ["edge"], ["--only", "resnet"]])
def test_wrong_names_of_systems_are_wrong_usage(tmp_path, wrong):
    result = run_cli("study", *wrong, "--out", tmp_path)
    assert result.exit_code == 2 and "sigmoid-mnist" in result.stderr


def test_a_missing_library_is_named_with_the_extra(tmp_path):
    code = "import sys; sys.modules['sklearn'] = None; from train.__main__ import main; main()"
    command = [sys.executable, "-c", code, "study", "--only", "digits8", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "sklearn" in done.stderr.splitlines()[-1] and ".[study]" in done.stderr.splitlines()[-1]


def test_every_module_of_the_catalogue_is_there():
    folder = Path(runner.__file__).parent
    assert all((folder / f"{row.module}.py").is_file() for row in CATALOGUE)


# With TensorFlow and scikit-learn.


@pytest.fixture(scope="module")
def quick_study(tmp_path_factory):
    pytest.importorskip("tensorflow")
    pytest.importorskip("sklearn")
    out = tmp_path_factory.mktemp("study")
    command = [sys.executable, "-W", "error::RuntimeWarning", "-m", "train", "study", "--quick", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=400)
    assert done.returncode == 0, done.stderr
    return out, command, done.stdout


@pytest.mark.slow
def test_a_quick_study_runs_everything(quick_study):
    out, _, said = quick_study
    assert said.strip() == str(out / "STUDY.md")
    text = (out / "STUDY.md").read_text("utf-8")
    assert "not run yet" not in text and "missing" not in text
    for name in NAMES:
        record = Record.from_dict(json.loads((out / "results" / f"{name}.json").read_text()))
        assert record.quick and record.result.figures and f"## {name}\n" in text
        assert all(0 <= figure.share <= 1 and figure.of for figure in record.result.figures)
        assert name == "digits8" or sum(layer.parameters for layer in record.result.layers) > 0
        for picture in record.result.pictures:
            content = (out / "pictures" / picture.file).read_bytes()
            assert content.startswith(b"\x89PNG") and len(content) < 200_000, picture.file
            assert f"![{picture.caption}](pictures/{picture.file})" in text


@pytest.mark.slow
def test_a_second_quick_study_finds_all_done(quick_study):
    _, command, _ = quick_study
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.stderr.count("is there already") == len(NAMES)


@pytest.mark.slow
def test_the_simple_systems_learn_even_on_little_data(quick_study):
    out, _, _ = quick_study
    for name, least in {"digits8": 0.9, "sigmoid-digits8": 0.9, "sklearn-mlp": 0.8, "keras-mlp": 0.6}.items():
        assert json.loads((out / "results" / f"{name}.json").read_text())["result"]["figures"][0]["share"] > least


@pytest.mark.slow
def test_pairs_hold_each_digit_once_at_many_heights():
    two_heads = pytest.importorskip("study.keras_networks.two_heads")
    digits = load_digits("test")
    marked = replace(digits, images=np.ones((1_000, 28, 28), np.uint8), labels=digits.labels[:1_000])
    pairs = two_heads.make_pairs(marked, np.random.default_rng(0))
    assert pairs.images.shape == (500, 56, 56)
    assert (pairs.images.sum(axis=(1, 2)) == 2 * 28 * 28).all()
    np.testing.assert_array_equal(
        np.bincount(pairs.labels_nh.ravel(), minlength=10), np.bincount(marked.labels, minlength=10)
    )
    tops = pairs.images[:, :, 0].argmax(axis=1)
    assert tops.min() == 0 and tops.max() == 28 and len(set(tops.tolist())) > 25


@pytest.mark.slow
def test_grey_values_of_a_pair_are_those_of_its_digits():
    two_heads = pytest.importorskip("study.keras_networks.two_heads")
    digits = load_digits("test")
    pair = two_heads.make_pairs(replace(digits, images=digits.images[:2] // 2, labels=digits.labels[:2]), _FirstFirst())
    np.testing.assert_array_equal(pair.images[0, 5:33], np.hstack(list(digits.images[:2] // 2)))
    assert pair.labels_nh.tolist() == [digits.labels[:2].tolist()]


class _FirstFirst:
    """Stands for a generator: no new order, height 5."""

    def permutation(self, count):
        return np.arange(count)

    def integers(self, _low, _high, count):
        return np.full(count, 5)


@pytest.mark.slow
def test_networks_have_the_published_layers():
    pytest.importorskip("tensorflow")
    from study.keras_networks import cnn as keras_cnn
    from study.keras_networks import mlp as keras_mlp
    from study.keras_networks import tape_mlp, two_heads

    kinds = {
        keras_mlp: ("Dense 196", "Dropout 0.1", "Dense 784", "Dropout 0.1", "Dense 10"),
        keras_cnn: ("Conv2D 56", "MaxPooling2D", "Conv2D 28", "MaxPooling2D", "Dropout 0.1", "Dense 128", "Dense 64",
                    "Dense 10"),
        two_heads: ("BatchNormalization", "Conv2D 56", "MaxPooling2D", "Dropout 0.25", "Conv2D 104", "MaxPooling2D",
                    "Dropout 0.25", "Dense 208", "Dropout 0.5", "Dense 10", "Dense 10"),
    }  # fmt: skip
    for module, expected in kinds.items():
        layers = [layer for layer in module.build(module.Settings()).layers if _named(layer)]
        assert tuple(_named(layer) for layer in layers) == expected
    rows = tape_mlp.Network(tape_mlp.Settings()).layers()
    assert [row.output for row in rows] == ["784", "784", "784", "784", "784", "10"]


def _named(layer):
    kind = type(layer).__name__
    sizes = [getattr(layer, name) for name in ("filters", "units", "rate") if hasattr(layer, name)]
    left_out = ("InputLayer", "Rescaling", "Flatten")
    return "" if kind in left_out else " ".join(map(str, [kind, *sizes]))


@pytest.mark.slow
def test_dropout_changes_answers_only_when_it_is_left_on():
    tape_mlp = pytest.importorskip("study.keras_networks.tape_mlp")
    network = tape_mlp.Network(replace(tape_mlp.Settings(), hidden=(64, 64)))
    images = load_digits("validation").images[:500]
    np.testing.assert_array_equal(network.classify(images), network.classify(images))
    assert (network.classify(images, keep_probability=0.5) != network.classify(images)).any()
