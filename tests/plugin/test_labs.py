"""Which tests share a lab, what happens between them, and that nothing is left."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from plugin.conftest import Ran

THREE_TESTS = """
    import pytest
    pytestmark = pytest.mark.lab("standalone")
    def test_one(lab): assert lab.name == "test-standalone"
    def test_two(lab): pass
    def test_without(): pass
"""


def test_tests_on_one_topology_share_a_lab_that_is_reset_between_them(ran: Ran) -> None:
    result, events = ran(THREE_TESTS)

    result.assert_outcomes(passed=3)
    assert events == ["up test-standalone rebuild", "reset test-standalone", "down test-standalone", "close"]


def test_a_lab_has_a_name_of_its_own_so_that_nobodys_is_taken_over(ran: Ran) -> None:
    _, events = ran("""
        import pytest
        @pytest.mark.lab("single-node-sites")
        def test_it(lab): assert len(lab.name) < 32
    """)

    assert events[0] == "up test-single-node-sites rebuild"


@pytest.mark.parametrize(
    ("arguments", "events"),
    [
        ("grant=False", ["reset test-standalone no-grant"]),
        ("grant=True", []),
        ("reset=False", []),
        ("grant=False, reset=False", []),
    ],
)
def test_a_new_lab_is_reset_only_when_its_tickets_shall_be_with_nobody(
    arguments: str, events: list[str], ran: Ran
) -> None:
    result, seen = ran(f"""
        import pytest
        @pytest.mark.lab("standalone", {arguments})
        def test_it(lab): pass
    """)

    result.assert_outcomes(passed=1)
    assert seen[1:-2] == events


def test_a_test_may_go_on_where_the_one_before_ended(ran: Ran) -> None:
    _, events = ran("""
        import pytest
        @pytest.mark.lab("standalone")
        def test_one(lab): pass
        @pytest.mark.lab("standalone", reset=False)
        def test_two(lab): pass
        @pytest.mark.lab("standalone")
        def test_three(lab): pass
    """)

    assert events[1:-2] == ["reset test-standalone"]


def test_another_topology_or_other_times_take_the_place_of_the_lab_before(ran: Ran) -> None:
    _, events = ran("""
        import pytest
        @pytest.mark.lab("standalone")
        def test_one(lab): pass
        @pytest.mark.lab("standalone", set=["apacheticket.expire=9000ms"])
        def test_two(lab): assert lab.topology.tickets["apacheticket"].expire == "9000ms"
        @pytest.mark.lab("five-member")
        def test_three(lab): pass
    """)

    assert [event for event in events if event != "close"] == [
        "up test-standalone rebuild",
        "down test-standalone",
        "up test-standalone rebuild",
        "down test-standalone",
        "up test-five-member rebuild",
        "down test-five-member",
    ]


@pytest.mark.parametrize("subject", ["'A=python'", "{'A': 'python'}"])
def test_the_members_run_what_the_test_is_about(subject: str, ran: Ran) -> None:
    result, events = ran(f"""
        import pytest
        @pytest.mark.lab("standalone")
        def test_one(lab): pass
        @pytest.mark.lab("standalone", subject={subject})
        def test_two(lab):
            assert [each.implementation for each in lab.topology.members] == ["python", *["clusterlabs"] * 2]
    """)

    result.assert_outcomes(passed=2)
    assert [event for event in events if event.startswith("up")] == ["up test-standalone rebuild"] * 2


def test_the_lab_can_be_kept(ran: Ran) -> None:
    _, events = ran(THREE_TESTS, "--boothlab-keep")

    assert events == ["up test-standalone", "reset test-standalone", "close"]


def test_without_a_test_that_uses_a_lab_none_is_brought_up(ran: Ran) -> None:
    result, events = ran("def test_it(): pass")

    result.assert_outcomes(passed=1)
    assert events == []


def test_what_a_bringup_tells_is_seen_while_output_is_captured(ran: Ran) -> None:
    result, _ = ran(THREE_TESTS)

    result.stdout.fnmatch_lines(["*] bringing up test-standalone"])


def test_a_failed_bringup_is_removed_and_in_nobodys_way(ran: Ran) -> None:
    result, events = ran("""
        import pytest
        def test_prepare(broken): broken.add("test-standalone")
        @pytest.mark.lab("standalone")
        def test_fails(lab): pass
        @pytest.mark.lab("five-member")
        def test_another(lab): pass
    """)

    result.assert_outcomes(passed=2, errors=1)
    assert events[:4] == [
        "up test-standalone rebuild",
        "down test-standalone",
        "close",
        "up test-five-member rebuild",
    ]


def test_a_lab_that_cannot_be_reset_is_built_anew_for_the_next_test(ran: Ran) -> None:
    result, events = ran("""
        import pytest
        pytestmark = pytest.mark.lab("standalone")
        def test_breaks_it(lab, broken): broken.add("test-standalone")
        def test_suffers(lab): pass
        @pytest.mark.usefixtures("mended")
        def test_is_well(lab): pass
        @pytest.fixture
        def mended(broken): broken.clear()
    """)

    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(["*a node does not come back*"])
    assert events == [
        "up test-standalone rebuild",
        "reset test-standalone",
        "down test-standalone",
        "close",
        "up test-standalone rebuild",
        "down test-standalone",
        "close",
    ]
