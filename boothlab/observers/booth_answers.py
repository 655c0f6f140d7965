"""What members answer when they are asked, as records."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from boothlab.engine.parsers import booth
from boothlab.engine.parsers.errors import ParseError
from boothlab.history.observations import BoothView, Missed, PeerCounters, PeersView, Watched, Why
from boothlab.observers.subjects import Names, booth_at

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from boothlab.history.recorder import Recorder
    from boothlab.observers.attachment import Absence

_NS_PER_S = 1_000_000_000


def wall_ahead_ns() -> int:
    """Return how much this machine's wall clock is ahead of the run's clock."""
    return time.time_ns() - time.monotonic_ns()


def on_runs_clock(at: datetime | None, ahead_ns: int) -> int | None:
    """Return a moment of a wall clock as the run's clock has it."""
    return None if at is None else int(at.timestamp()) * _NS_PER_S - ahead_ns


@dataclass
class BoothAnswers:
    """Records the answers that the router's watcher tells."""

    recorder: Recorder
    names: Names
    saw: Callable[[str], None]
    """Told the name of the observer that has looked."""

    def hear(self, line: Mapping[str, Any]) -> None:
        """Take a line of the watcher's."""
        if line["kind"] not in ("list", "peers"):
            return
        if "missed" in line:
            self._missed(line, Why(line["missed"]), line["text"])
        else:
            try:
                {"list": self._list, "peers": self._peers}[line["kind"]](line)
            except ParseError as error:
                self._missed(line, Why.ERROR, str(error))
        self.saw(booth_at(line["member"]))

    def absent(self, absence: Absence) -> None:
        """Nothing is known of members when the router is not heard; the gap in their views says so."""

    def _list(self, line: Mapping[str, Any]) -> None:
        ahead_ns = wall_ahead_ns()
        for each in booth.parse_list(line["text"]):
            self.recorder.add(
                BoothView(
                    **_who(line),
                    member=line["member"],
                    ticket=each.name,
                    leader=self.names.leader(each.leader),
                    expires_ns=on_runs_clock(each.expires, ahead_ns),
                    pending=each.pending_until is not None,
                    warned_of=tuple(str(self.names.leader(site)) for site in each.also_granted),
                )
            )

    def _peers(self, line: Mapping[str, Any]) -> None:
        peers = tuple(
            PeerCounters(
                peer=str(self.names.leader(each.address)),
                sent=each.sent,
                sent_errors=each.sent_errors,
                resends=each.resends,
                received=each.received,
                received_errors=each.received_errors,
                authfail=each.authfail,
                invalid=each.invalid,
            )
            for each in booth.parse_peers(line["text"])
        )
        self.recorder.add(PeersView(**_who(line), member=line["member"], peers=peers))

    def _missed(self, line: Mapping[str, Any], why: Why, text: str) -> None:
        self.recorder.add(Missed(**_who(line), at=line["member"], what=Watched.BOOTH, why=why, text=text))


def _who(line: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "observer": booth_at(line["member"]),
        "began_ns": line["began_ns"],
        "ended_ns": line["ended_ns"],
    }
