"""A capture's conversation: each message once, whole, with its answer."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING, Any

import pytest
from rich.console import Console
from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import CookedLinux, CookedLinuxV2, Ether
from scapy.sendrecv import sniff
from scapy.sessions import TCPSession
from scapy.utils import rdpcap, wrpcap
from typer.testing import CliRunner
from unit.packets.frames import framed, frames
from unit.recordings import CONVERSATIONS, FOLDER, WRONG_KEY, key_of, load, packets

from boothlab.cli import packets_view
from boothlab.cli.main import app
from boothlab.errors import BoothlabError
from boothlab.packets import Booth, BoothHMAC, BoothText, BoothTicket, Spoken, read_capture
from boothlab.packets.capture import CaptureError, as_data

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from scapy.packet import Packet

KEY = b"correct horse"


def written(folder: Path, captured: Iterable[Packet]) -> Path:
    path = folder / "booth.pcap"
    wrpcap(str(path), list(captured))
    return path


def frame(message: Packet, *, at_s: float = 0.0, ttl: int = 64, back: bool = False) -> Packet:
    source, destination = ("10.0.0.2", "10.0.0.1") if back else ("10.0.0.1", "10.0.0.2")
    found = Ether(bytes(framed() / IP(src=source, dst=destination, ttl=ttl) / UDP() / message))
    found.time = at_s
    return found


@pytest.mark.parametrize("path", CONVERSATIONS, ids=lambda path: path.stem)
def test_a_recorded_conversation_is_read_message_by_message(path: Path, tmp_path: Path) -> None:
    recording = load(path)
    key = key_of(recording)

    spoken = read_capture(written(tmp_path, frames(recording)), key)

    assert [bytes(each.message).hex() for each in spoken] == [each["hex"] for each in packets(recording)]
    for heard, said in zip(spoken, packets(recording), strict=True):
        assert (heard.source, heard.destination) == (said["src"], said["dst"])
        wrong = path.stem == WRONG_KEY and said.get("role") == "request"
        assert heard.genuine is (None if key is None else not wrong)


def test_answers_name_what_they_answer(tmp_path: Path) -> None:
    recording = load(FOLDER / "03-grant-election.json")
    spoken = read_capture(written(tmp_path, frames(recording)))

    answers = {
        (each["command"], spoken[each["answers"]].message.summary().split()[0])
        for each in as_data(spoken)
        if each["answers"] is not None
    }
    assert answers == {("VtFr", "RVot"), ("Ack.", "HrtB"), ("Ack.", "UpdE"), ("Rslt", "CGnt")}


def test_rdpcap_reads_a_capture_once_the_package_is_imported(tmp_path: Path) -> None:
    path = written(tmp_path, frames(load(FOLDER / "03-grant-election.json")))

    assert all(Booth in each for each in rdpcap(str(path)))


def segments(data: bytes, sizes: Iterable[int], seq: int = 4_294_967_290) -> list[Packet]:
    found = []
    for size in sizes:
        part, data = data[:size], data[size:]
        transport = TCP(sport=9929, dport=4000, seq=seq % 2**32, flags="A")
        found.append(Ether(bytes(framed() / IP(src="10.0.0.1", dst="10.0.0.2") / transport / part)))
        seq += len(part)
    return found


class TestStreams:
    more = bytes(Booth(cmd="Rslt", result="More") / BoothTicket(ticket="T"))
    done = bytes(Booth(cmd="Rslt") / BoothTicket(ticket="T"))
    long = bytes(Booth(cmd="RLst") / BoothHMAC(key=KEY) / BoothText(text=b"ticket\n" * 900))

    def test_two_messages_in_a_segment_are_two(self, tmp_path: Path) -> None:
        path = written(tmp_path, segments(self.more + self.done, [248]))

        assert [bytes(each.message) for each in read_capture(path)] == [self.more, self.done]

    def test_a_long_answer_is_put_together_also_past_the_end_of_the_sequence_numbers(
        self, tmp_path: Path
    ) -> None:
        path = written(tmp_path, segments(self.long + self.done, [1000] * 7))

        assert [bytes(each.message) for each in read_capture(path, KEY)] == [self.long, self.done]

    def test_segments_that_overtook_each_other_or_came_twice_do_no_harm(self, tmp_path: Path) -> None:
        first, second, third, *rest = segments(self.long + self.done, [1000] * 7)
        path = written(tmp_path, [first, third, second, first, third, *rest])

        assert [bytes(each.message) for each in read_capture(path)] == [self.long, self.done]

    def test_scapys_own_tcp_session_finds_the_same(self, tmp_path: Path) -> None:
        path = written(tmp_path, segments(self.long, [1000] * 7, seq=1))

        found = sniff(offline=str(path), session=TCPSession)

        assert [bytes(each[Booth]) for each in found if Booth in each] == [self.long]


class TestARouter:
    message = Booth(cmd="Stat", sender=1) / BoothTicket(ticket="T")

    def test_lists_what_it_passed_on_once_with_the_delay(self, tmp_path: Path) -> None:
        captured = [frame(self.message, at_s=1.0), frame(self.message, at_s=1.025, ttl=63)]

        (heard,) = read_capture(written(tmp_path, captured))

        assert heard.forwarded_ms == [25.0]

    def test_tells_what_it_dropped_and_what_it_doubled(self, tmp_path: Path) -> None:
        other = Booth(cmd="Stat", sender=1) / BoothTicket(ticket="U")
        captured = [
            frame(self.message, at_s=1.0),
            frame(self.message, at_s=1.001, ttl=63),
            frame(self.message, at_s=1.002, ttl=63),
            frame(other, at_s=1.1),
        ]

        heard = read_capture(written(tmp_path, captured))

        assert [each.forwarded_ms for each in heard] == [[1.0, 2.0], []]
        assert "1 of 2 messages were not seen to leave the router" in shown(heard)

    @pytest.mark.parametrize("cooked", [CookedLinux, CookedLinuxV2])
    def test_may_have_captured_on_any_interface(self, tmp_path: Path, cooked: type[Packet]) -> None:
        frames = [frame(self.message, at_s=1.0), frame(self.message, at_s=1.004, ttl=63)]
        captured = [cooked(proto=0x0800) / each[IP] for each in frames]
        for each, found in zip(captured, frames, strict=True):
            each.time = found.time

        (heard,) = read_capture(written(tmp_path, captured))

        assert heard.forwarded_ms == [4.0]

    def test_does_not_take_a_message_that_is_sent_again_for_a_copy(self, tmp_path: Path) -> None:
        captured = [frame(self.message, at_s=1.0), frame(self.message, at_s=1.1)]

        assert len(read_capture(written(tmp_path, captured))) == 2


def test_other_packets_in_the_capture_are_left_out(tmp_path: Path) -> None:
    captured = [frame(b"hello"), frame(bytes(Booth())[:30]), framed() / IP() / TCP(dport=80) / b"GET /"]

    assert read_capture(written(tmp_path, captured)) == []


@pytest.mark.parametrize("content", [b"", b"this is no capture at all, but a text"])
def test_a_file_that_is_no_capture_is_told(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "notes.txt"
    path.write_bytes(content)

    with pytest.raises(CaptureError, match=r"notes\.txt cannot be read as a capture"):
        read_capture(path)


# the verb


def shown(spoken: list[Spoken]) -> str:
    console = Console(width=150)
    with console.capture() as captured:
        console.print(packets_view.render(as_data(spoken)))
    return captured.get()


def ran(*arguments: str) -> Any:  # noqa: ANN401 - what it printed
    result = CliRunner().invoke(app, ["packets", *arguments])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_the_verb_prints_a_message_a_line(tmp_path: Path) -> None:
    path = written(tmp_path, frames(load(FOLDER / "03-grant-election.json")))

    lines = ran(str(path)).splitlines()

    assert lines[0].split() == ["S", "FROM", "TO", "MESSAGE", "TICKET", "LEADER", "TERM", "VALID", "SAYS"]
    assert lines[2].split() == [
        *("0.000", "10.77.1.1", "10.77.2.1", "RVot", "T", "10.77.1.1", "0", "0", "Admn"),
    ]
    assert len(lines) == 1 + len(packets(load(FOLDER / "03-grant-election.json")))


def test_the_verb_tells_which_messages_are_genuine(tmp_path: Path) -> None:
    recording = load(FOLDER / f"{WRONG_KEY}.json")
    path = written(tmp_path, frames(recording))
    key = tmp_path / "authkey"
    key.write_bytes(bytes.fromhex(recording["key_hex"]))

    data = json.loads(ran(str(path), "--key", str(key), "--json"))

    assert {(each["command"], each["genuine"]) for each in data} >= {("CGnt", False), ("Rslt", True)}
    assert "another" in ran(str(path), "--key", str(key))


@pytest.mark.parametrize(
    ("content", "key", "told"),
    [
        (b"a text", b"correct horse", "booth.pcap cannot be read as a capture"),
        (b"a text", b"short", "authkey is no key file: the key is too short"),
    ],
)
def test_the_verb_tells_what_is_wrong_with_a_file(
    tmp_path: Path, content: bytes, key: bytes, told: str
) -> None:
    path, key_file = tmp_path / "booth.pcap", tmp_path / "authkey"
    path.write_bytes(content)
    key_file.write_bytes(key)

    result = CliRunner().invoke(app, ["packets", str(path), "--key", str(key_file)])

    assert isinstance(result.exception, BoothlabError)
    assert told in result.exception.message


def test_the_verb_says_what_to_install_where_scapy_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "scapy", None)

    result = CliRunner().invoke(app, ["packets", str(tmp_path / "booth.pcap")])

    assert isinstance(result.exception, BoothlabError)
    assert result.exception.remedy == 'pip install "boothlab[packets]"'


def test_the_verb_says_when_there_is_nothing(tmp_path: Path) -> None:
    assert "no message of Booth" in ran(str(written(tmp_path, [frame(b"hello")])))
