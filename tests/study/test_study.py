"""The study's runner, report and command, on systems that only count how often they are run; then a quick study."""

import json
import subprocess
import sys
from dataclasses import asdict, dataclass
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from click.testing import CliRunner

from study import report, runner
from study.__main__ import main
from study.catalogue import CATALOGUE, NAMES
from study.core.pictures import draw_sheet
from study.core.result import Figure, Layer, MissingRun, Record, Result
from train.core.errors import RunError


@dataclass(frozen=True)
class Toy:
    value: int
    nested: tuple[tuple[int, int], ...] = ((1, 2), (3, 4))


class FakeSystems:
    """Stands for all modules of the study."""

    def __init__(self):
        self.value = 7
        self.ran, self.missing, self.broken = [], (), ()

    def module(self, _name):
        settings = {name: SimpleNamespace(fitted_to=self.settings) for name in NAMES}
        return SimpleNamespace(SETTINGS=settings, run=self.run)

    def settings(self, context):
        if context.system in self.missing:
            raise MissingRun(f"no model in runs/{context.system}")
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
    fake = FakeSystems()
    monkeypatch.setattr(runner, "import_module", fake.module)
    return fake


@pytest.fixture
def study(tmp_path):
    """Runs the command; gives the report and the lines on stderr, or raises what it says."""

    def start(*arguments, error=None):
        runs = ["--notebook", tmp_path / "none", "--edge", tmp_path / "none"]
        arguments = [str(item) for item in ("run", *arguments, *runs, "--out", tmp_path / "study")]
        result = CliRunner().invoke(main, arguments)
        assert (result.exit_code != 0) == (error is not None), result.output
        assert error is None or error in " ".join(result.stderr.split())
        text = tmp_path / "study" / "STUDY.md"
        return text.read_text("utf-8") if text.exists() else "", result.stderr.splitlines()

    return start


def test_a_study_runs_every_system(systems, study):
    text, _ = study()
    assert systems.ran == list(NAMES)
    for row in CATALOGUE:
        assert f"## {row.name}\n" in text and row.published in text
        assert f"(pictures/{row.name}-examples.png)" in text


def test_named_systems_are_added_to_what_is_there(systems, study):
    text, _ = study("keras-cnn")
    assert systems.ran == ["keras-cnn"] and text.count("not run yet") == len(NAMES) - 1
    text, _ = study("edge")
    assert systems.ran == ["keras-cnn", "edge"] and text.count("not run yet") == len(NAMES) - 2


def test_a_stopped_study_is_carried_on(systems, study):
    systems.broken = ("relu-mnist",)
    study(error="broken")
    assert systems.ran == list(NAMES[: NAMES.index("relu-mnist")])
    systems.broken = ()
    study()
    assert systems.ran == list(NAMES), "none is run twice"


def test_a_result_of_other_settings_is_made_anew(systems, study):
    study("edge")
    systems.value = 8
    study("edge")
    assert systems.ran == ["edge", "edge"]


def test_a_quick_study_and_a_full_one_are_not_mixed(systems, study):
    text, _ = study("edge", "--quick")
    assert "quick run on little data" in text
    study("edge", error="holds a quick study; choose another --out")


def test_a_missing_run_folder_is_named_and_the_rest_goes_on(systems, study):
    study("edge")
    systems.missing = ("notebook", "edge")
    text, lines = study()
    assert "missing: no model in runs/notebook" in text and "## notebook" not in text
    assert any("notebook: missing" in line for line in lines)
    assert "## edge" in text, "a result outlives its run folder"
    assert systems.ran == ["edge", *(name for name in NAMES if name not in systems.missing)]


def test_a_broken_result_is_named(systems, study, tmp_path):
    study("edge")
    (tmp_path / "study" / "results" / "edge.json").write_text('{"system": "edge"}')
    study(error="edge.json: not a result of this version")


def test_the_record_holds_the_report_and_nothing_old(systems, study, tmp_path):
    record = tmp_path / "record"
    (record / "pictures").mkdir(parents=True)
    (record / "pictures" / "old.png").write_bytes(b"")
    (record / "code.py").write_text("")
    text, _ = study("edge", "digits8", "--record", record)
    made = ["STUDY.md", "code.py", "digits8-examples.png", "digits8.json", "edge-examples.png", "edge.json"]
    assert sorted(path.name for path in record.rglob("*") if path.is_file()) == made
    assert (record / "STUDY.md").read_text("utf-8") == text


def test_an_unknown_system_is_wrong_usage(tmp_path):
    result = CliRunner().invoke(main, ["run", "resnet", "--out", str(tmp_path)])
    assert result.exit_code == 2 and "sigmoid-mnist" in result.stderr


def test_a_missing_library_is_named_with_the_extra(tmp_path):
    code = "import sys; sys.modules['sklearn'] = None; from study.__main__ import main; main()"
    command = [sys.executable, "-c", code, "run", "digits8", "--out", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1
    assert "sklearn" in done.stderr.splitlines()[-1] and ".[study]" in done.stderr.splitlines()[-1]


def test_published_and_ours_stand_side_by_side():
    figures = (Figure("train", 1.0, 55_000), Figure("test", 0.9757, 10_000))
    result = Result("100.00% train, 97.57% test", figures, (), (Layer("dense", "196", 153_860),), ("A remark.",))
    settings = {"hidden": 196, "decrease": 1e-5, "nesterov": True, "dense": [196, 784]}
    record = Record("sigmoid-mnist", False, settings, 754.0, "A machine", {"numpy": "2"}, result)
    assert Record.from_dict(json.loads(json.dumps(asdict(record)))) == record
    text = report.render({"sigmoid-mnist": record}, {"edge": "no model in runs/edge"}, quick=False)
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


def test_pictures_are_small_and_as_wide_as_a_readme(tmp_path):
    def picture(_kind, _caption, draw):
        draw(tmp_path / "sheet.png")

    noise = np.random.default_rng(0).integers(0, 256, (40, 28, 28)).astype(np.uint8)  # the hardest to pack
    context = SimpleNamespace(picture=picture)
    draw_sheet(context, "sheet", "Noise", title="Noise", images=noise, captions=["0 → 1"] * 40, columns=10)
    assert (tmp_path / "sheet.png").stat().st_size < 200_000
    assert cv2.imread(str(tmp_path / "sheet.png")).shape[1] == 880


@pytest.fixture(scope="module")
def quick_study(tmp_path_factory):
    pytest.importorskip("tensorflow")
    pytest.importorskip("sklearn")
    out = tmp_path_factory.mktemp("study")
    command = [sys.executable, "-W", "error::RuntimeWarning", "-m", "study", "run", "--quick", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=1_200)
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
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.stderr.count("is there already") == len(NAMES)


@pytest.mark.slow
def test_the_simple_systems_learn_even_on_little_data(quick_study):
    out, _, _ = quick_study
    for name, least in {"digits8": 0.9, "sigmoid-digits8": 0.9, "sklearn-mlp": 0.8, "keras-mlp": 0.6}.items():
        assert json.loads((out / "results" / f"{name}.json").read_text())["result"]["figures"][0]["share"] > least
