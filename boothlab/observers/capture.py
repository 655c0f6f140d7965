"""All of Booth's packets that pass the router during a run: a file for Wireshark, and records."""

from __future__ import annotations

import base64
import json
import time
import zlib
from typing import TYPE_CHECKING, Any, Final

from boothlab.engine import names, pyz
from boothlab.engine.files import File
from boothlab.engine.parsers.frames import frames
from boothlab.errors import BoothlabError
from boothlab.history.records import Fate, Mark, Origin
from boothlab.observers.passages import passages
from boothlab.observers.pcap import pcap
from boothlab.observers.reading import Directory, packet

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from boothlab.engine.lab import Lab
    from boothlab.engine.parsers.frames import Frame
    from boothlab.engine.topology.model import Topology
    from boothlab.history.recorder import Recorder
    from boothlab.history.records import Packet
    from boothlab.observers.passages import Passage

UNSURE_NS: Final = 1_000_000_000
"""What came in so shortly before the end may still have been on its way: nobody knows its fate."""

_PROGRAM: Final = "/usr/lib/boothlab/router.pyz"
_PYTHON: Final = "/usr/bin/python3"
_LONGEST_S: Final = 4 * 3600
_LIMIT_S: Final = 60.0


class CaptureFailedError(BoothlabError):
    """The packets that pass the router cannot be recorded."""


class Capture:
    """Records Booth's packets on the router while a run goes on, and disturbs none.

    Between members, datagrams become ``Packet`` records. Calls of clients are in the
    file only, and what the router itself says or is told over TCP is in neither.
    """

    def __init__(self, lab: Lab, topology: Topology, recorder: Recorder) -> None:
        """Prepare to record.

        Args:
            lab: the lab.
            topology: its topology.
            recorder: gets the records when the capture is stopped; its clock is CLOCK_MONOTONIC.
        """
        self._lab = lab
        self._topology = topology
        self._recorder = recorder
        self._frames: list[Frame] = []
        self._ended_ns = 0
        self._runs = False

    def start(self) -> None:
        """Begin; return when no packet is missed any more.

        Raises:
            CaptureFailedError: the router cannot.
            NodeUnreachableError: there is no router.
        """
        program = pyz.pack(f"{_PYTHON} -IS", ("router",))
        self._lab.runtime.put_once(names.ROUTER, [File(_PROGRAM, program, mode=0o755)])
        self._ask("capture-start", str(self._topology.booth.port), str(_LONGEST_S))
        self._runs = True

    def stop(self) -> None:
        """End, and record what was captured; fine when it has ended already.

        A mark ``capture`` says when that is not all there was.

        Raises:
            CaptureFailedError: what was captured cannot be fetched.
            NodeUnreachableError: there is no router.
        """
        if not self._runs:
            return
        self._ended_ns = self._recorder.now_ns()
        told = json.loads(self._ask("capture-stop"))
        content = zlib.decompress(base64.b64decode(told["frames"]))
        self._runs = False
        self._frames = [each for each in frames(content) if not self._is_routers_own(each)]
        for each in self.records():
            self._recorder.add(each)
        if remark := _remark(told["stats"]):
            self._recorder.add(Mark(name="capture", text=remark))

    def write(self, path: Path) -> None:
        """Write what was captured as a file for Wireshark; there is none before ``stop``."""
        epoch_ns = time.time_ns() - time.monotonic_ns()
        path.write_bytes(pcap(self._frames, epoch_ns))

    def records(self) -> Iterator[Packet]:
        """Yield a record for each datagram between members, in their order."""
        directory = Directory.of(self._topology)
        for passage in passages(self._frames):
            if passage.came.target in directory.addresses:
                yield from _records(passage, directory, self._ended_ns)

    def _is_routers_own(self, frame: Frame) -> bool:
        own = {str(network.gateway) for network in self._topology.networks.values()}
        return frame.source in own or frame.target in own

    def _ask(self, *words: str) -> str:
        answer = self._lab.run(names.ROUTER, [_PYTHON, "-IS", _PROGRAM, *words], limit_s=_LIMIT_S)
        if not answer.ok:
            raise CaptureFailedError(
                f"the router cannot do {words[0]}: {answer.output}",
                remedy="a lab of an older boothlab must be rebuilt: `boothlab up --rebuild`",
            )
        return answer.stdout


def _records(passage: Passage, directory: Directory, ended_ns: int) -> Iterator[Packet]:
    """Yield a passage's record, and a second one where the router passed on something else."""
    came, left = passage.came, passage.left
    addresses: dict[str, Any] = {"source": came.source, "target": came.target}
    fate = Fate.DELIVERED
    if left is None or passage.is_altered:
        fate = Fate.DROPPED
    unsure = left is None and came.at_ns > ended_ns - UNSURE_NS
    yield packet(came.payload, directory, at_ns=came.at_ns, fate=None if unsure else fate, **addresses)
    if left is not None and passage.is_altered:
        altered: dict[str, Any] = {"origin": Origin.FORGED, "fate": Fate.DELIVERED}
        yield packet(left.payload, directory, at_ns=left.at_ns, **altered, **addresses)


def _remark(stats: dict[str, int] | None) -> str:
    """Return why the capture is not all there was; nothing when it is."""
    if stats is None:
        return "the recording was ended from elsewhere: the last packets may be missing"
    told = [
        f"{stats[name]} packets {what}"
        for name, what in (("left_out", "found no room any more"), ("missed", "came too fast"))
        if stats[name]
    ]
    return " and ".join(told)
