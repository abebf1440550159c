"""Fault: the decode path under a coverage-guided fuzzer for a bounded time, where atheris is installed.

atheris sees the branches of our Python code, of headers above all; OpenCV's decoders are run, but not watched.
"""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any, Final

from tests.robustness.outcome import SHOWN, Outcome, Say, child_environment
from tests.robustness.pictures import originals

SECONDS: Final = 90
QUICK_SECONDS: Final = 5
MOST_BYTES: Final = 16_384  # of an input
MOST_MEMORY_MB: Final = 1_024
SLOWEST_S: Final = 20  # for one input
GRACE_S: Final = 120  # until the fuzzer has ended of itself
_PAGE_HW: Final = (24, 40)  # small files, so that a change of a byte matters
_STATISTIC: Final = re.compile(r"^stat::(\w+):\s+(\d+)$", re.MULTILINE)
_COVERAGE: Final = re.compile(r"cov: (\d+)")


def run(quick: bool, say: Say) -> Outcome:
    """A process of its own, begun with a sound file of every form."""
    if importlib.util.find_spec("atheris") is None:
        return Outcome("Nothing.", {}, (), ("atheris is not installed: pip install 'edge-digits[fuzz]'",))
    seconds = QUICK_SECONDS if quick else SECONDS
    say(f"fuzz: {seconds} s")
    with tempfile.TemporaryDirectory() as scratch:
        corpus, found = Path(scratch) / "corpus", Path(scratch) / "found"
        found.mkdir()
        seeds = write_seeds(corpus)
        done = subprocess.run(
            fuzz_command(corpus, found, seconds),
            capture_output=True,
            env=child_environment(OPENCV_LOG_LEVEL="OFF"),
            timeout=seconds + GRACE_S,
        )
        artefacts = [(path.name, path.read_bytes()) for path in sorted(found.iterdir())]
    said = done.stderr.decode("utf-8", "replace")
    wrong = [f"{name.partition('-')[0]}: {content[:200].hex()}" for name, content in artefacts[:SHOWN]]
    if done.returncode != 0:
        wrong.append(f"the fuzzer ended with {done.returncode}: {' '.join(said.split())[-300:]}")
    counts = counted(said) | {"seeds": seeds, "seconds": seconds, "found": len(artefacts)}
    sentence = (
        f"load_picture under atheris for {seconds} s, from a small sound file of every form; every input must be a "
        f"picture as promised or an ImageError, within {SLOWEST_S} s and {MOST_MEMORY_MB} MB."
    )
    return Outcome(sentence, counts, tuple(wrong))


def write_seeds(corpus: Path) -> int:
    """A small sound file of every form; how many there are."""
    corpus.mkdir()
    seeds = {name: content for name, content in originals(_PAGE_HW).items() if len(content) <= MOST_BYTES}
    for name, content in seeds.items():
        (corpus / name).write_bytes(content)
    return len(seeds)


def fuzz_command(corpus: Path, found: Path, seconds: int) -> list[str]:
    """The command line of libFuzzer, which atheris is built on."""
    return [
        *(sys.executable, "-m", "benchmarks.faults_fuzz_target", str(corpus)),
        *(f"-max_total_time={seconds}", f"-max_len={MOST_BYTES}", f"-timeout={SLOWEST_S}"),
        *(f"-rss_limit_mb={MOST_MEMORY_MB}", "-print_final_stats=1", "-seed=1", f"-artifact_prefix={found}/"),
    ]


def counted(said: str) -> dict[str, Any]:
    """What libFuzzer says at its end: inputs tried, branches seen first and last, memory."""
    statistics = {name: int(number) for name, number in _STATISTIC.findall(said)}
    coverage = [int(number) for number in _COVERAGE.findall(said)]
    return {
        "inputs": statistics.get("number_of_executed_units"),
        "new_inputs_kept": statistics.get("new_units_added"),
        "branches_first": coverage[0] if coverage else None,
        "branches_last": coverage[-1] if coverage else None,
        "memory_highest_mb": statistics.get("peak_rss_mb"),
    }
