"""The benchmark of live reading measures what it says."""

from __future__ import annotations

import json

from click.testing import CliRunner

from edge_runtime import DigitReader
from tests.robustness.live_load import main, scene


def test_both_scenes_are_measured() -> None:
    result = CliRunner().invoke(main, ["--frames", "30", "--model", "fp32"])
    assert result.exit_code == 0, result.output
    still, moving = (json.loads(line) for line in result.output.splitlines())
    assert (still["scene"], moving["scene"]) == ("still", "moving")
    assert moving["frames_not_searched_again"] == 0
    for figures in (still, moving):
        assert figures["frames"] == 30 and 0 < figures["processor_percent_of_one_core"] < 200
        assert 0 < figures["latency_ms_p50"] <= figures["latency_ms_p99"]


def test_the_scenes_hold_the_number() -> None:
    reader = DigitReader("fp32")
    for index, moving in ((0, False), (13, True)):
        assert [reading.text for reading in reader.read(scene(index, moving))] == ["4725"]
