"""Timing in turns: orders, bursts, percentiles."""

from __future__ import annotations

import json
from collections.abc import Callable
from itertools import groupby, islice

import pytest

from benchmarks.core import turns
from benchmarks.core.turns import Timing, orders, time_in_turns


def test_percentiles_are_of_single_calls_in_microseconds() -> None:
    timing = Timing.of([value * 1e-6 for value in range(1, 102)])
    assert (timing.calls, timing.p50_us, timing.p90_us) == (101, pytest.approx(51), pytest.approx(91))
    assert timing.p99_us == pytest.approx(100)
    assert not timing.is_unstable
    assert Timing.of([1.0] * 8 + [3.0] * 2).is_unstable
    assert json.loads(json.dumps(timing.as_dict()))["unstable"] is False


def test_every_turn_has_everyone_once_in_changing_order() -> None:
    drawn = list(islice(orders(4), 60))
    assert all(sorted(order) == [0, 1, 2, 3] for order in drawn)
    assert {order[0] for order in drawn} == {order[-1] for order in drawn} == {0, 1, 2, 3}
    followers = {order[order.index(0) + 1] for order in drawn if order[-1] != 0}
    assert followers == {1, 2, 3}, "nobody always runs after the same one"
    assert drawn == list(islice(orders(4), 60)), "two runs of the benchmark take the same turns"


class Clock:
    """A clock that stands still but for what a run is said to take."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.calls: list[tuple[str, int]] = []

    def __call__(self) -> float:
        return self.now_s

    def run(self, name: str, takes_s: float) -> Callable[[int], None]:
        def call(given: int) -> None:
            self.now_s += takes_s
            self.calls.append((name, given))

        return call


def test_contenders_take_turns_with_bursts_on_the_same_inputs() -> None:
    clock = Clock()
    quick, slow = time_in_turns([clock.run("quick", 0.001), clock.run("slow", 0.06)], [10, 20, 30], 0, clock=clock)
    assert quick.calls == turns.FEWEST_TURNS * turns.BURST_CALLS
    assert slow.calls == turns.FEWEST_TURNS * 2, "a burst ends when its time is over"
    assert (quick.p50_us, slow.p99_us) == (pytest.approx(1000), pytest.approx(60_000))
    assert len(clock.calls) == 2 * turns.WARM_UP_CALLS + quick.calls + slow.calls + 2 * turns.FEWEST_TURNS
    timed = clock.calls[2 * turns.WARM_UP_CALLS :]
    per_turn = turns.BURST_CALLS + 1 + 2 + 1
    for turn in range(turns.FEWEST_TURNS):
        part = timed[turn * per_turn : (turn + 1) * per_turn]
        assert {given for _, given in part} == {(10, 20, 30)[turn % 3]}
        assert len(list(groupby(name for name, _ in part))) == 2, "one burst each, not mixed"
