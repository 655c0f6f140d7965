"""Recorded conversations of ClusterLabs' clients: ours, told the same, say and ask the same.

The recordings are described in ``../../core/vectors``; each of their TCP connections is
replayed by a server on loopback, byte by byte.
"""

from __future__ import annotations

import json
import re
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from boothlab.core.wire import HEADER_SIZE, HMAC_SIZE
from boothlab.daemon.client import connection, start
from boothlab.daemon.main import run

if TYPE_CHECKING:
    from collections.abc import Iterator

    from unit.daemon.client.server import Server

    from boothlab.core.config.model import MemberConfig

Json = dict[str, Any]

FOLDER: Final = Path(__file__).parents[2] / "core" / "vectors"
KEY: Final = b"0123456789abcdef0123456789abcdef"
WRONG_KEY: Final = "25-client-wrong-key-auth"
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
_STAMP: Final = slice(4, 12)


def recordings() -> Iterator[Any]:
    """Yield every client's call that was recorded, with the connections it made.

    What a client said to the daemon of its own machine was not seen by the recorder.
    """
    for path in sorted(FOLDER.glob("*.json")):
        recording = json.loads(path.read_text())
        calls = recording.get("clients") or []
        for number, call in enumerate(calls):
            if call["ran_at"] in call["argv"]:
                continue
            end = calls[number + 1]["t"] if number + 1 < len(calls) else float("inf")
            made = [each for each in conversations(recording) if call["t"] - 0.0005 <= each[0]["t"] < end]
            yield pytest.param(recording, call, made, id=f"{path.stem}-{number}-{'-'.join(call['argv'][:2])}")


def conversations(recording: Json) -> list[list[Json]]:
    """Return the messages of each TCP connection, requests first."""
    found: dict[int, list[Json]] = {}
    for packet in recording["packets"]:
        if packet["transport"] == "tcp" and packet["role"] != "close":
            found.setdefault(packet["conn"], []).append(packet)
    return list(found.values())


def test_there_are_recordings() -> None:
    assert len(list(recordings())) > 80


@pytest.fixture
def conf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("booth")  # a short path: Booth takes 64 bytes
    (folder / "key").write_bytes(KEY)
    (folder / "key").chmod(0o600)
    return folder / "booth.conf"


def play(server: Server, made: list[list[Json]]) -> None:
    """Let the server answer each connection as the recorded daemon did."""
    server.expect(
        *(
            server.answering(*(bytes.fromhex(each["hex"]) for each in talk if each["role"] == "reply"))
            for talk in made
        )
    )


@pytest.mark.parametrize(("recording", "call", "made"), list(recordings()))
def test_a_client_asks_and_tells_what_the_reference_does(
    recording: Json,
    call: Json,
    made: list[list[Json]],
    server: Server,
    conf: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    key = conf.parent / "key"
    if recording["name"] == WRONG_KEY:
        key.write_bytes(KEY[::-1])
    conf.write_text(recording["config"].replace("/etc/booth/authkey", str(key)))
    monkeypatch.setattr(start, "interface_addresses", lambda: [(call["ran_at"], 24)])
    asked: list[str] = []

    def dial(member: MemberConfig) -> socket.socket:
        """Connect to the server, wherever the client wants to."""
        asked.append(f"{member.address}:{member.port}")
        return socket.create_connection(("127.0.0.1", server.port), timeout=10)

    monkeypatch.setattr(connection, "_connected", dial)
    play(server, made)

    with server:
        code = run([*call["argv"], "-c", str(conf)], {})

    said = capsys.readouterr()
    assert code == call["exit"]
    assert _TIME.sub("<TIME>", said.out) == call["stdout"]
    assert texts(said.err) == expected_texts(call)
    assert asked == [talk[0]["dst"] for talk in made]
    assert [unstamped(each) for each in server.requests] == [
        unstamped(bytes.fromhex(talk[0]["hex"])) for talk in made
    ]


def texts(stderr: str) -> list[str]:
    """Return what was said on stderr, without time, host and process."""
    form = re.compile(r"[A-Z][a-z]{2} \d\d \d\d:\d\d:\d\d \S+ (?:booth|geostore): \[\d+\]: (\w+: .*)")
    found = [form.fullmatch(line) for line in stderr.splitlines()]
    assert all(found), stderr
    return [match[1] for match in found if match]


def expected_texts(call: Json) -> list[str]:
    """Return the reference's words; its levels are written in another case.

    Two of its lines are left out: its report of a short read, and its second word on a
    signature that is not ours.
    """
    levels = {"ERROR": "error", "WARN": "warning"}
    told = [line.partition(": ") for line in call["stderr"]]
    return [
        f"{levels.get(level, level)}: {text}"
        for level, _, text in told
        if not text.startswith("read failed") and not re.fullmatch(r"[^\s:]+ failed to authenticate", text)
    ]


def unstamped(request: bytes) -> bytes:
    """Return a request without what differs from call to call: the stamp, and the signature of it."""
    signed = request[0:4] != bytes(4)
    bare = bytearray(request[:-HMAC_SIZE] if signed else request)
    assert len(bare) > HEADER_SIZE
    bare[_STAMP] = bytes(8)
    return bytes(bare)
