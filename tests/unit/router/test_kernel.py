"""What the kernel is told to drop."""

from __future__ import annotations

from typing import Any

from boothlab.router.kernel import drop_text


def rule(only: str = "all", *pairs: tuple[str, str]) -> dict[str, Any]:
    return {
        "id": "partition-1",
        "pairs": [*pairs] or [("10.0.1.0/24", "10.0.2.0/24")],
        "only": only,
        "port": 9929,
    }


def test_without_rules_the_table_goes() -> None:
    assert drop_text([]) == "table ip boothlab_faults\ndelete table ip boothlab_faults\n"


def test_forwarded_packets_and_copies_sent_again_are_dropped_by_the_same_rules() -> None:
    text = drop_text([rule("all", ("10.0.1.0/24", "10.0.2.0/24"), ("10.0.2.0/24", "10.0.1.0/24"))])
    forward, output = text.split("chain output")

    for chain in (forward, output):
        assert 'ip saddr 10.0.1.0/24 ip daddr 10.0.2.0/24 counter drop comment "partition-1"' in chain
        assert 'ip saddr 10.0.2.0/24 ip daddr 10.0.1.0/24 counter drop comment "partition-1"' in chain


def test_booths_port_may_be_on_either_side() -> None:
    text = drop_text([rule("tcp")])

    assert text.count("tcp dport 9929 counter drop") == text.count("tcp sport 9929 counter drop") == 2


def test_a_message_is_picked_by_the_letters_in_its_header() -> None:
    assert "udp dport 9929 @th,288,32 0x56744672 counter drop" in drop_text([rule("VtFr")])
