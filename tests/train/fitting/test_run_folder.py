"""The run folder: what is begun, what is resumed, and what is said of a broken one."""

import json

import pytest

from edge_runtime.recognition.strip import STRIP_VERSION
from train.core import run_folder as folder
from train.core.errors import RunError

CONFIG = {"network": "edge", "recipe": "wild", "seed": 1, "workers": 2}


def test_a_folder_tells_what_was_asked_for_and_by_which_code(tmp_path):
    folder.begin(tmp_path / "new" / "run", CONFIG, resume=False)
    written = json.loads((tmp_path / "new" / "run" / "config.json").read_text())
    assert CONFIG.items() <= written.items()
    assert written["strip_version"] == STRIP_VERSION and written["versions"]["numpy"] and written["commit"]


def test_a_run_is_not_begun_twice_but_may_be_resumed_with_other_workers(tmp_path):
    folder.begin(tmp_path, CONFIG, resume=False)
    with pytest.raises(RunError, match="holds a run already"):
        folder.begin(tmp_path, CONFIG, resume=False)
    with pytest.raises(RunError, match="other values of seed;"):
        folder.begin(tmp_path, {**CONFIG, "seed": 2}, resume=True)
    before = folder.read_config(tmp_path)
    folder.begin(tmp_path, {**CONFIG, "workers": 8}, resume=True)
    after = folder.read_config(tmp_path)
    assert len(after.pop("resumed")) == 1 and after == before


def test_nothing_to_resume_leaves_no_folder_behind(tmp_path):
    with pytest.raises(RunError, match="start one without --resume"):
        folder.begin(tmp_path / "typo", CONFIG, resume=True)
    assert not (tmp_path / "typo").exists()


@pytest.mark.parametrize(
    ("content", "said"), [(None, "cannot be read"), ("{", "not JSON"), ("[]", "expected an object")]
)
def test_a_broken_document_names_the_command_that_makes_it(tmp_path, content, said):
    if content is not None:
        (tmp_path / "config.json").write_text(content)
    with pytest.raises(RunError, match=rf"config\.json.*{said}.*python -m train fit"):
        folder.read_config(tmp_path)


def test_a_run_tells_the_runs_that_it_started_from(tmp_path):
    first, second, third = (tmp_path / name for name in ("first", "second", "third"))
    folder.begin(first, {**CONFIG, "start_from": None}, resume=False)
    folder.begin(second, {**CONFIG, "seed": 2, "start_from": str(first)}, resume=False)
    folder.begin(third, {**CONFIG, "seed": 3, "start_from": str(second)}, resume=False)
    lineage = folder.read_lineage(third)
    seeds = [lineage["seed"], lineage["started_from"]["seed"], lineage["started_from"]["started_from"]["seed"]]
    assert seeds == [3, 2, 1]
    (second / "history.json").write_text(json.dumps({"seen": 2000, "seconds": 90.0}))
    stopped_early = folder.read_lineage(third)["started_from"]
    assert (stopped_early["strips_shown"], stopped_early["minutes_taken"]) == (2000, 1.5)
    (first / "config.json").unlink()
    assert "started_from" not in folder.read_lineage(third)["started_from"]
