"""The cluster that the other tests run in: it must see what it is there to find."""

from __future__ import annotations

import pytest
from unit.core.cluster.clock import Clock
from unit.core.cluster.cluster import Cluster
from unit.core.cluster.configs import TICKET, config
from unit.core.cluster.faults import Nemesis
from unit.core.cluster.history import History
from unit.core.cluster.reference import Reference

from boothlab.core.codes import Command, Result
from boothlab.core.effects import WriteCib
from boothlab.core.messages import Header, TicketMessage
from boothlab.core.wire import encode


def reference(seed: int = 0, **options: int) -> Cluster:
    """Return a cluster of members that behave like ClusterLabs booth."""
    made = config(**options)  # type: ignore[arg-type]
    return Cluster(made, seed=seed, kinds=dict.fromkeys("ABCDE", Reference)).start(settle_ms=300)


def granted_to_a(seed: int = 0, **options: int) -> Cluster:
    cluster = reference(seed, **options)
    client = cluster.grant("A")
    cluster.until(lambda: client.closed_us is not None, within_ms=1_000)
    assert client.results == [Result.MORE, Result.SUCCESS]
    return cluster


def test_a_granted_ticket_stays_and_everybody_knows_where() -> None:
    cluster = granted_to_a()

    cluster.run(60_000)

    assert cluster.holders() == "A"
    assert cluster.leaders() == {"A"}
    cluster.check()


@pytest.mark.parametrize("seed", range(5))
def test_a_partition_moves_the_ticket_to_the_majority(seed: int) -> None:
    cluster = granted_to_a(seed, acquire_after_ms=300)

    cluster.network.split("A", "BC")
    cluster.until(lambda: cluster.holders() == "B", within_ms=4_000)
    cluster.network.heal()

    cluster.until(lambda: cluster.leaders() == {"B"}, within_ms=2_000)
    cluster.check()


def test_a_stopped_member_without_a_guard_makes_two_holders_and_the_checker_measures_it() -> None:
    cluster = granted_to_a()

    cluster["A"].pause()
    cluster.run(5_000)
    cluster["A"].resume()
    cluster.run(1_000)

    (overlap,) = cluster.history.overlaps
    assert overlap.what == "A+B"
    assert overlap.end_us is not None
    assert 2_500_000 < overlap.end_us - overlap.start_us < 4_500_000
    with pytest.raises(AssertionError, match=r"A\+B had ticketA .* ms\nseed 0"):
        cluster.check()


def test_a_crashed_node_holds_nothing_whatever_its_cib_says() -> None:
    cluster = granted_to_a()
    pacemaker = cluster["A"].pacemaker
    assert pacemaker

    cluster["A"].crash()

    assert pacemaker.tickets[TICKET].granted
    assert cluster.holders() == ""


def test_two_leaders_in_a_term_and_terms_that_go_back_are_found() -> None:
    history = History()

    def heartbeat(sender: int, term: int) -> bytes:
        return encode(TicketMessage(Header(Command.HEARTBEAT, sender), TICKET, sender, term))

    history.sent("A", heartbeat(1, 7), 0)
    history.sent("B", heartbeat(2, 7), 1000)
    history.sent("B", heartbeat(2, 6), 2000)

    assert history.complaints() == ["2 leaders of ticketA in term 7", "B went back to term 6 at 2.000 ms"]


def test_the_same_seed_gives_the_same_run() -> None:
    first, second = (str(granted_to_a(seed=7).run(5_000)) for _ in range(2))

    assert first == second
    assert first != str(granted_to_a(seed=8).run(5_000))


def test_clocks_run_at_their_own_rates_and_find_back() -> None:
    clock = Clock(fast_ppm=2_500, uptime_us=777_777, since_us=0)

    for true_us in (0, 1, 999, 1_000_000, 123_456_789):
        shown = clock.now(true_us).mono_ms
        assert clock.now(clock.true_us(shown)).mono_ms == shown
        assert clock.true_us(shown) <= true_us
        assert clock.now(clock.true_us(shown) - 1).mono_ms < shown
    assert clock.now(1_000_000_000).mono_ms == 777 + 1_002_500


def grant(cluster: Cluster, *, lease_ms: int) -> list[object]:
    """Let A's Pacemaker grant the ticket for a while; return the list that the answer will be in."""
    node, told = cluster["A"], []  # type: ignore[var-annotated]
    assert node.pacemaker
    end_ms = node.now.mono_ms + lease_ms
    write = WriteCib(1_000, TICKET, granted=True, owner=1, expires_s=0, term=0, deadline_ms=end_ms)
    node.pacemaker.write(write, told.append, lambda: node.runs)
    return told


def test_a_write_that_hangs_is_killed_at_its_deadline() -> None:
    cluster = reference()
    pacemaker = cluster["A"].pacemaker
    assert pacemaker
    pacemaker.fate = lambda _: "hang"

    told = grant(cluster, lease_ms=500)
    cluster.run(450)
    assert told == []
    cluster.run(100)

    assert [event.error for event in told] == ["killed"]  # type: ignore[attr-defined]
    assert cluster.holders() == ""


@pytest.mark.parametrize("end", ["kill", "pause"])
def test_the_lease_guard_revokes_for_a_process_that_cannot(end: str) -> None:
    cluster = reference()
    grant(cluster, lease_ms=500)
    cluster.run(100)
    assert cluster.holders() == "A"

    getattr(cluster["A"], end)()
    cluster.run(350)
    assert cluster.holders() == "A"

    cluster.until(lambda: cluster.holders() == "", within_ms=70)


def test_faults_come_and_go_and_are_told() -> None:
    cluster = Cluster(config(), kinds=dict.fromkeys("ABC", Reference)).start()
    nemesis = Nemesis(cluster, cluster.random)

    nemesis.rage(10_000)

    assert len(nemesis.log) > 5
    assert nemesis.log[-1].endswith("all is well again")
    assert all(node.runs for node in cluster.nodes.values())
