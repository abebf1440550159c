"""The study's networks: gradients, training, held-out digits, published layers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from study.core import protocol
from study.core.data import Digits8, folds
from study.core.result import Context, Figure
from study.networks import numpy_mlp
from study.networks.two_layers import Sample, TwoLayers, train
from train.datasets.mnist import load_digits
from train.preview import plots


def silent(*_arguments):
    pass


@pytest.fixture(scope="module")
def sample():
    digits = load_digits("train")
    return Sample(digits.images[:300].reshape(300, -1).astype(np.float32) / 255, digits.labels[:300])


def random_network(rng, inputs=7, hidden=5):
    shapes = ((inputs, hidden), (hidden,), (hidden, 10), (10,))
    return TwoLayers(*(rng.normal(size=shape) for shape in shapes))


def assert_gradients(loss_and_gradients, network, step=1e-6):
    """Compare with central differences, one weight after the other."""
    _, gradients = loss_and_gradients()
    for weights, gradient in zip(network, gradients, strict=True):
        for place in np.ndindex(weights.shape):
            kept = weights[place]
            weights[place] = kept + step
            above, _ = loss_and_gradients()
            weights[place] = kept - step
            below, _ = loss_and_gradients()
            weights[place] = kept
            assert gradient[place] == pytest.approx((above - below) / (2 * step), rel=1e-5, abs=1e-6)


@pytest.mark.parametrize("penalty", [0.0, 0.4])
def test_gradients_are_those_of_the_cost(penalty):
    rng = np.random.default_rng(1)
    network, inputs, labels = random_network(rng), rng.normal(size=(6, 7)), rng.integers(0, 10, 6)
    assert_gradients(
        lambda: numpy_mlp.sigmoid_cost_and_gradients(network, inputs, np.eye(10)[labels], penalty), network
    )
    assert_gradients(lambda: numpy_mlp.relu_loss_and_gradients(network, inputs, labels, penalty), network)


def test_extreme_logits_overflow_nowhere():
    network = TwoLayers(np.full((1, 1), 1e4), np.zeros(1), np.full((1, 10), -1e4), np.zeros(10))
    targets, labels = np.eye(10)[[3]], np.array([3])
    with np.errstate(all="raise", under="ignore"):
        cost, _ = numpy_mlp.sigmoid_cost_and_gradients(network, np.ones((1, 1)), targets, 0.0)
        loss, _ = numpy_mlp.relu_loss_and_gradients(network, np.ones((1, 1)), labels, 0.0)
    assert cost == pytest.approx(1e4) and loss == pytest.approx(np.log(10))


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("sigmoid-mnist", {"epochs": 15, "eta": 0.02, "minibatches": 20}),
        ("relu-mnist", {"steps": 80, "step": 0.4}),
    ],
)
def test_both_networks_learn_and_repeat_themselves(sample, name, changes):
    wanted = replace(numpy_mlp.SETTINGS[name], hidden=40, **changes)
    losses = []
    networks = [train(wanted, sample, lambda _network, loss: losses.append(loss)) for _ in range(2)]
    assert (wanted.classify(networks[0], sample.inputs) == sample.labels).mean() > 0.9
    assert len(losses) == 2 * wanted.total and losses[-1] < losses[0]
    for first, second in zip(*networks, strict=True):
        np.testing.assert_array_equal(first, second)
    assert not np.array_equal(train(replace(wanted, seed=2), sample, silent).hidden, networks[0].hidden)


def test_the_rate_decays_and_momentum_carries_the_last_step_on(sample):
    changes = {"hidden": 4, "epochs": 3, "minibatches": 1, "eta": 1e-3, "alpha": 0.5, "decrease": 1.0}
    wanted = replace(numpy_mlp.SETTINGS["sigmoid-mnist"], **changes)
    inputs, targets = sample.inputs.astype(np.float64), np.eye(10)[sample.labels]
    start = wanted.initial(inputs.shape[1], np.random.default_rng(1))
    expected = [weights.astype(np.float64) for weights in start]
    step = [np.zeros_like(weights) for weights in expected]
    for rate in (1e-3, 1e-3 / 2, 1e-3 / 2 / 3):
        _, gradients = numpy_mlp.sigmoid_cost_and_gradients(TwoLayers(*expected), inputs, targets, wanted.l2)
        step = [0.5 * last + rate * gradient for last, gradient in zip(step, gradients, strict=True)]
        expected = [weights - now for weights, now in zip(expected, step, strict=True)]
    for got, weights in zip(train(wanted, sample, silent), expected, strict=True):
        np.testing.assert_allclose(got, weights, atol=1e-4)


def test_held_out_digits_are_not_met_in_training(tmp_path):
    """A classifier that only knows by heart is right on all that it met and on nothing else."""
    (tmp_path / "pictures").mkdir()
    context = Context("sigmoid-digits8", tmp_path, True, {"edge": Path("none")}, silent)
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
    assert np.concatenate(folds(17, 5)).tolist() == list(range(17)), "parts follow the file, and each digit is in one"
    for picture in result.pictures:
        assert (tmp_path / "pictures" / picture.file).read_bytes().startswith(b"\x89PNG")


def test_a_confusion_matrix_has_the_truth_in_rows():
    counts = plots.counts_of(np.array([1, 1, 2]), np.array([1, 2, 2]), 3)
    assert counts.tolist() == [[0, 0, 0], [0, 1, 1], [0, 0, 1]]


@pytest.mark.slow
def test_pairs_hold_each_digit_once_at_many_heights_with_its_own_grey_values():
    two_heads = pytest.importorskip("study.networks.two_heads")
    digits = load_digits("test")
    some = replace(digits, images=digits.images[:1_000] // 2, labels=digits.labels[:1_000])
    pairs = two_heads.make_pairs(some, np.random.default_rng(0))
    assert pairs.images.shape == (500, 56, 56) and pairs.images.max() == some.images.max()
    assert pairs.images.sum(dtype=int) == some.images.sum(dtype=int)
    counts = [np.bincount(labels.ravel(), minlength=10) for labels in (pairs.labels_nh, some.labels)]
    np.testing.assert_array_equal(*counts)
    marked = two_heads.make_pairs(replace(some, images=np.ones((1_000, 28, 28), np.uint8)), np.random.default_rng(0))
    tops = marked.images[:, :, 0].argmax(axis=1)
    assert tops.min() == 0 and tops.max() == 28 and len(set(tops.tolist())) > 25


@pytest.mark.slow
def test_networks_have_the_published_layers():
    pytest.importorskip("tensorflow")
    from study.networks import keras_single, tape_mlp, two_heads

    mlp, cnn = (keras_single.SETTINGS[name].build()[0] for name in ("keras-mlp", "keras-cnn"))
    pairs = two_heads.build(two_heads.SETTINGS["two-heads"])
    assert kinds(mlp) == "Dense 196, Dropout 0.1, Dense 784, Dropout 0.1, Dense 10"
    assert kinds(cnn) == (
        "Conv2D 56, MaxPooling2D, Conv2D 28, MaxPooling2D, Dropout 0.1, Dense 128, Dense 64, Dense 10"
    )
    assert kinds(pairs) == (
        "BatchNormalization, Conv2D 56, MaxPooling2D, Dropout 0.25, Conv2D 104, MaxPooling2D, Dropout 0.25, "
        "Dense 208, Dropout 0.5, Dense 10, Dense 10"
    )
    rows = tape_mlp.Network(tape_mlp.SETTINGS["tape-mnist"]).layers()
    assert [row.output for row in rows] == ["784", "784", "784", "784", "784", "10"]


def kinds(model):
    """Each layer's kind, with its number of units or its rate."""
    words = []
    for layer in model.layers:
        sizes = [str(getattr(layer, name)) for name in ("filters", "units", "rate") if hasattr(layer, name)]
        words.append(" ".join([type(layer).__name__, *sizes]))
    return ", ".join(word for word in words if word not in ("InputLayer", "Rescaling", "Flatten"))


@pytest.mark.slow
def test_dropout_changes_answers_only_when_it_is_left_on():
    tape_mlp = pytest.importorskip("study.networks.tape_mlp")
    network = tape_mlp.Network(replace(tape_mlp.SETTINGS["tape-mnist"], hidden=(64, 64)))
    images = load_digits("validation").images[:500]
    np.testing.assert_array_equal(network.classify(images), network.classify(images))
    assert (network.classify(images, keep_probability=0.5) != network.classify(images)).any()
