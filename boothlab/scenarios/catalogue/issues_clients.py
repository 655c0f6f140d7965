"""Clients and keys: what was reported, and mended, in the field.

Which entry is which scenario stands in docs/reference/scenarios.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.history.records import Phase, Verb
from boothlab.nemesis.packets import Flood, Forge
from boothlab.scenarios.counting import wait_counted
from boothlab.scenarios.expectations import expect, expect_outcome
from boothlab.scenarios.scenario import Known, scenario
from boothlab.scenarios.situations import granted

if TYPE_CHECKING:
    from boothlab.history.calls import Call
    from boothlab.scenarios.testbed import Testbed

_BOOTH: Final = "https://github.com/ClusterLabs/booth"
_BOTH: Final = ("python", "clusterlabs")


@scenario(
    link=f"{_BOOTH}/pull/123",
    known=(
        Known(
            "clusterlabs", frozenset({"play"}), f"{_BOOTH}/pull/123", "Mended in 1.1: some errors end with 0."
        ),
    ),
    subjects=_BOTH,
)
def client_exit_codes(bed: Testbed) -> None:
    """What a client was refused does not end with exit code 0."""
    granted(bed, "A")
    _refused(bed.grant("A"), "a ticket is granted to its holder")
    _refused(bed.grant("B"), "a ticket is granted elsewhere")
    _refused(bed.grant("A", ticket="nothing"), "an unknown ticket is granted")
    _refused(bed.attribute(Verb.ATTR_GET, "A", "nothing"), "an unknown attribute is asked for")
    _refused(bed.grant("C"), "a ticket is granted to an arbitrator")


def _refused(call: Call, what: str) -> None:
    code = call.told.exit_code if call.told else None
    expect(
        call.outcome is Phase.FAIL and code != 0, f"{what}: refused, and the exit code is not 0 but {code}"
    )


@scenario(link=f"{_BOOTH}/pull/125", suites=("extended",), subjects=_BOTH)
def attributes_of_a_ticket_without_any(bed: Testbed) -> None:
    """A ticket's attributes are listed before it has one; then one is set, read, listed and deleted."""
    bed.attribute(Verb.ATTR_LIST, "A")
    expect_outcome(bed.attribute(Verb.ATTR_GET, "A", "rack"), Phase.FAIL)
    expect_outcome(bed.attribute(Verb.ATTR_SET, "A", "rack", "seven"), Phase.OK)
    for _ in range(5):
        expect_outcome(bed.attribute(Verb.ATTR_GET, "A", "rack"), Phase.OK)
    expect_outcome(bed.attribute(Verb.ATTR_LIST, "A"), Phase.OK)
    expect_outcome(bed.attribute(Verb.ATTR_DELETE, "A", "rack"), Phase.OK)
    expect_outcome(bed.attribute(Verb.ATTR_GET, "A", "rack"), Phase.FAIL)


@scenario(link=f"{_BOOTH}/commit/bbcb971", must_see=("exclusive-grants",), suites=("extended",))
def clients_that_say_half(bed: Testbed) -> None:
    """Connections are opened at the holder that never say a whole word: it renews, and answers others."""
    granted(bed, "A")
    with bed.during(Flood(targets=("A",), what="connections", per_s=10)):
        bed.pause(bed.leases(2))
        bed.wait_holder("A", within_ms=0)
        expect_outcome(bed.attribute(Verb.ATTR_SET, "A", "rack", "seven"), Phase.OK)
    bed.wait_agreed("A")


@scenario(
    link="https://nvd.nist.gov/vuln/detail/CVE-2022-2553", must_see=("exclusive-grants", "authenticity")
)
def packets_with_another_key(bed: Testbed) -> None:
    """Somebody without the members' key announces that B leads: nobody believes it."""
    granted(bed, "A")
    with bed.during(Forge(sources=("B",), message="HrtB", wrong="key", count=10)):
        bed.pause(bed.leases(0.75))
    wait_counted(bed)
    bed.wait_agreed("A")


@scenario(
    link="https://nvd.nist.gov/vuln/detail/CVE-2022-2553",
    must_see=("exclusive-grants",),
    also=("clusterlabs",),
)
def clients_with_another_key(bed: Testbed) -> None:
    """A client without the members' key asks for the ticket, and for it to be revoked: neither happens."""
    expect_outcome(bed.grant("A", stranger=True), Phase.FAIL)
    bed.wait_agreed(None)
    granted(bed, "A")
    expect_outcome(bed.revoke("A", stranger=True), Phase.FAIL)
    expect_outcome(bed.grant("B", at="A", stranger=True), Phase.FAIL)
    bed.pause(bed.leases(1.5))
    bed.wait_agreed("A", within_ms=0)


@scenario(
    link="https://nvd.nist.gov/vuln/detail/CVE-2022-2553",
    must_see=("exclusive-grants", "authenticity"),
    suites=("extended",),
    subjects=_BOTH,
)
def packets_without_a_signature(bed: Testbed) -> None:
    """Members have a key, and somebody announces without any signature that B leads: nobody believes it."""
    granted(bed, "A")
    with bed.during(Forge(sources=("B",), message="UpdE", wrong="signature", count=10)):
        bed.pause(bed.leases(0.75))
    wait_counted(bed)
    bed.wait_agreed("A")


@scenario(
    link="https://nvd.nist.gov/vuln/detail/CVE-2024-3049",
    must_see=("exclusive-grants", "authenticity"),
    suites=("extended",),
)
def packets_with_an_unknown_hash(bed: Testbed) -> None:
    """A signature's hash is of a kind that does not exist: that is no signature."""
    granted(bed, "A")
    with bed.during(Forge(sources=("B",), message="HrtB", wrong="hash", count=10)):
        bed.pause(bed.leases(0.75))
    wait_counted(bed)
    bed.wait_agreed("A")
