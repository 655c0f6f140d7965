"""No daemon dies unless somebody kills it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from boothlab.checkers.findings import Findings
from boothlab.history.records import Life, Process

if TYPE_CHECKING:
    from boothlab.checkers.context import Context
    from boothlab.checkers.verdict import Verdict
    from boothlab.history.history import History


@dataclass(frozen=True, slots=True)
class NoDaemonDied:
    """A daemon ends because it was asked to or was killed, never by itself."""

    name: str = "no-daemon-died"
    says: str = "No daemon died that was not killed."

    def check(self, history: History, _context: Context) -> Verdict:
        """Look for ends that nobody is to blame for."""
        findings = Findings()
        for each in history.of(Process):
            findings.cases += 1
            if each.life is Life.DIED or (each.life is Life.KILLED and not each.by):
                how = f" ({each.status})" if each.status else ""
                findings.prove(f"the daemon of {each.member} died by itself{how}", (each.index,))
        return findings.verdict("No daemon died by itself.", "No daemon was started or ended.")
