"""Asking tools that answer, fail, hang or are not there."""

from __future__ import annotations

import json
from threading import Event, Thread

import pytest

from boothlab.watcher import commands
from boothlab.watcher.commands import Commands, ask
from boothlab.watcher.output import Output


def test_a_commands_answer_and_exit_code() -> None:
    told = ask(["sh", "-c", "echo yes; echo no >&2; exit 6"])

    assert (told["code"], told["text"]) == (6, "yes\n")
    assert told["began_ns"] <= told["ended_ns"]


@pytest.mark.parametrize("command", [["sleep", "60"], ["there-is-no-such-program"]])
def test_one_that_hangs_or_is_not_there_has_no_exit_code(
    command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_LIMIT_S", 0.1)

    assert ask(command)["code"] is None


def test_they_are_asked_at_once_and_once_more_at_the_end(capsys: pytest.CaptureFixture[str]) -> None:
    ending = Event()
    asked = Commands({"one": ["echo", "1"], "two": ["echo", "2"]}, Output())
    thread = Thread(target=asked.run, args=[ending, 60, 60])
    thread.start()
    ending.set()
    thread.join(10)
    told = [json.loads(line)["answers"] for line in capsys.readouterr().out.splitlines()]

    assert [[each["text"] for each in answers.values()] for answers in told] == [["1\n", "2\n"]] * 2
