"""A site of the article's lab, asked with the real tools, as the article asks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from boothlab.engine.parsers import booth, cib, pcs

if TYPE_CHECKING:
    from boothlab.engine.lab import Lab

TICKET = "apacheticket"


class Site:
    """A site of the article's lab, asked with the real tools."""

    def __init__(self, lab: Lab, name: str) -> None:
        self.lab = lab
        self.name = name
        self.address = str(lab.topology.site(name).address)
        self.node = next(iter(lab.topology.site(name).nodes))
        self.vip = lab.topology.resources["apachegroup"][1].parameters_at(name)["ip"]

    def run(self, command: str, *, node: str | None = None) -> str:
        """Run a command that must succeed on the site's first node; return what it printed."""
        answer = self.lab.run(node or self.node, command, limit_s=120)
        assert answer.ok, f"{command}: {answer.output}"
        return answer.stdout

    def pcs_status(self) -> pcs.ClusterStatus:
        return pcs.parse_status(self.run("pcs status"))

    def group(self) -> dict[str, str]:
        """Return the state of apachegroup's resources."""
        found = [each for each in self.pcs_status().resources if each.group == "apachegroup"]
        return {each.name: each.state for each in found}

    def granted(self) -> bool:
        """Return whether this site's CIB has the ticket granted."""
        answer = self.lab.run(self.node, "cibadmin --query --local --xpath //ticket_state")
        if not answer.ok:
            return False
        return any(state.granted for state in cib.parse_tickets(answer.stdout) if state.name == TICKET)

    def leader(self) -> str | None:
        """Return the leader's address as this site's Booth lists it."""
        (ticket,) = booth.parse_list(self.run("booth list"))
        return ticket.leader

    def page(self) -> str:
        """Return what the site's page says, asked from the arbitrator's network; empty if nothing."""
        answer = self.lab.run("arbitrator", f"curl -sf --max-time 2 http://{self.vip}/", limit_s=5)
        return answer.stdout

    def grant(self) -> None:
        self.run(f"pcs booth ticket grant {TICKET} {self.address}")

    def revoke(self) -> None:
        self.run(f"pcs booth ticket revoke {TICKET} {self.address}")
