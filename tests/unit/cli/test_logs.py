"""``logs``: where each kind of node has its log, and how much of it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from boothlab.cli import logs as cli_logs
from boothlab.engine.runtime import Answer
from boothlab.engine.topology.load import load

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Boothlab = Callable[..., tuple[int, str, str]]


class Asked:
    """A lab that remembers what it was asked, and how."""

    def __init__(self, name: str) -> None:
        self.topology = load(name).topology
        self.nodes = tuple(self.topology.hosts())
        self.run_with: list[str] = []
        self.handed_over: list[str] = []

    def run(self, node: str, argv: Sequence[str]) -> Answer:
        self.run_with = [node, *argv]
        return Answer(0, "a line\n", "", 0.1)

    def hand_over(self, _lab: object, node: str, argv: Sequence[str]) -> None:
        self.handed_over = [node, *argv]
        raise SystemExit(0)  # in earnest, the process is another program now


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], Asked]:
    def of(name: str) -> Asked:
        lab = Asked(name)
        monkeypatch.setattr(cli_logs, "connect", lambda: None)
        monkeypatch.setattr(cli_logs, "find", lambda _client, _name: lab)
        monkeypatch.setattr(cli_logs, "hand_over", lab.hand_over)
        return lab

    return of


@pytest.mark.parametrize(
    ("options", "command"),
    [
        ((), "journalctl --no-pager -n 200"),
        (("-n", "5"), "journalctl --no-pager -n 5"),
        (("--booth",), "journalctl --no-pager -n 200 -t boothd-site -t boothd-arbitrator -t boothd"),
    ],
)
def test_a_node_with_systemd_is_asked_for_its_journal(
    options: tuple[str, ...], command: str, boothlab: Boothlab, asked: Callable[[str], Asked]
) -> None:
    lab = asked("three-site")

    assert boothlab("logs", "clusterA-1", *options) == (0, "a line\n", "")
    assert " ".join(lab.run_with) == f"clusterA-1 {command}"


def test_a_standalone_members_log_is_booths_own(boothlab: Boothlab, asked: Callable[[str], Asked]) -> None:
    lab = asked("standalone")
    boothlab("logs", "boothA", "-n", "7")

    assert lab.run_with == ["boothA", "tail", "-n", "7", "/var/log/booth.log"]


@pytest.mark.parametrize(("name", "node"), [("three-site", "arbitrator"), ("standalone", "boothB")])
def test_following_hands_the_terminal_over(
    name: str, node: str, boothlab: Boothlab, asked: Callable[[str], Asked]
) -> None:
    lab = asked(name)
    boothlab("logs", node, "--follow")

    assert lab.handed_over[0] == node
    assert lab.handed_over[-1] in {"--follow", "/var/log/booth.log"}
    assert "--follow" in lab.handed_over
    assert lab.run_with == []


def test_the_router_has_no_log_and_the_nodes_are_named(
    boothlab: Boothlab, asked: Callable[[str], Asked]
) -> None:
    asked("three-site")
    code, _, err = boothlab("logs", "router")

    assert code == 1
    assert "choose one of clusterA-1, clusterA-2, clusterB-1, clusterB-2, arbitrator" in err
