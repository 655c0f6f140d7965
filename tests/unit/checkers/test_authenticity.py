"""Who has no key gets nowhere."""

from __future__ import annotations

import pytest
from unit.checkers.story import Story, judged, shown

from boothlab.checkers.authenticity import Authenticity
from boothlab.checkers.verdict import Status
from boothlab.core.codes import Result
from boothlab.history.records import Fate, Life, Origin, Packet, Phase

AUTHENTICITY = Authenticity()


def guarded() -> Story:
    return Story(authenticated=True)


def test_forged_packets_that_are_all_counted_as_refused_are_valid() -> None:
    story = (
        guarded().counters(900, "B", "A", authfail=2).forges(1_000, "A", "B", 1).forges(1_100, "A", "B", 1)
    )
    verdict = judged(AUTHENTICITY, story.counters(3_500, "B", "A", authfail=4))

    assert verdict.status is Status.VALID
    assert verdict.measures["cases"] == 1


def test_a_forged_packet_that_was_not_refused_is_invalid() -> None:
    story = (
        guarded().counters(900, "B", "A", authfail=2).forges(1_000, "A", "B", 1).forges(1_100, "A", "B", 1)
    )
    story.counters(3_500, "B", "A", authfail=3)
    verdict = judged(AUTHENTICITY, story)

    assert verdict.status is Status.INVALID
    assert sum(isinstance(each, Packet) for each in shown(verdict, story)) == 2


def test_a_replayed_packet_must_be_refused_too() -> None:
    story = guarded().counters(900, "B", "A").forges(1_000, "A", "B", 1, origin=Origin.REPLAYED)

    assert judged(AUTHENTICITY, story.counters(3_500, "B", "A")).status is Status.INVALID


def test_malformed_packets_are_refused_under_other_names() -> None:
    story = guarded().counters(900, "B", "A").forges(1_000, "A", "B", 1).forges(1_001, "A", "B", 1)

    assert judged(AUTHENTICITY, story.counters(3_500, "B", "A", invalid=1, received_errors=1)).passes


def test_a_forged_packet_that_never_arrived_need_not_be_refused() -> None:
    story = guarded().counters(900, "B", "A").forges(1_000, "A", "B", 1, fate=Fate.DROPPED)

    assert judged(AUTHENTICITY, story.counters(3_500, "B", "A")).status is Status.VALID


def test_a_refusal_counts_for_one_packet_only() -> None:
    story = guarded().counters(900, "B", "A").forges(1_000, "A", "B", 1).counters(1_500, "B", "A")
    story.forges(2_000, "A", "B", 1).counters(3_500, "B", "A", authfail=1)
    story.counters(4_500, "B", "A", authfail=1)
    verdict = judged(AUTHENTICITY, story)

    assert (verdict.status, verdict.measures["cases"]) == (Status.INVALID, 1)


def test_packets_far_apart_are_judged_apart() -> None:
    story = guarded().counters(900, "B", "A").forges(1_000, "A", "B", 1)
    story.counters(4_000, "B", "A", authfail=1).forges(5_000, "A", "B", 1)
    story.counters(8_000, "B", "A", authfail=2)

    assert judged(AUTHENTICITY, story).measures["cases"] == 2


def test_without_counters_before_and_after_it_is_unknown() -> None:
    story = guarded().forges(1_000, "A", "B", 1).counters(3_500, "B", "A", authfail=1)

    assert judged(AUTHENTICITY, story).status is Status.UNKNOWN


def test_counters_that_were_asked_for_as_a_packet_arrived_do_not_prove_that_it_was_accepted() -> None:
    story = guarded().counters(900, "B", "A").forges(1_000, "A", "B", 1).counters(1_001, "B", "A")
    assert judged(AUTHENTICITY, story).status is Status.UNKNOWN

    assert judged(AUTHENTICITY, story.counters(3_500, "B", "A", authfail=1)).status is Status.VALID


def test_counters_that_tell_all_refusals_at_once_are_enough() -> None:
    story = guarded().counters(900, "B", "A").forges(1_000, "A", "B", 1)

    assert judged(AUTHENTICITY, story.counters(1_001, "B", "A", authfail=1)).status is Status.VALID


def test_counters_that_began_anew_in_between_tell_nothing() -> None:
    story = guarded().counters(900, "B", "A", authfail=9).forges(1_000, "A", "B", 1)
    story.daemon(1_100, "B", Life.STARTED).counters(3_500, "B", "A")

    assert judged(AUTHENTICITY, story).measures["cases"] == 0


def test_a_forged_term_that_spreads_is_invalid() -> None:
    story = guarded().says(900, "B", "A", term=3).forges(1_000, "A", "B", 5_000, fate=Fate.DROPPED)
    assert judged(AUTHENTICITY, story).status is Status.VALID

    verdict = judged(AUTHENTICITY, story.says(2_000, "B", "A", term=5_001))
    assert verdict.status is Status.INVALID
    assert "5000" in verdict.summary


def test_a_client_without_the_key_that_is_refused_or_ignored_is_valid() -> None:
    story = guarded().grants(1_000, "A", authentic=False, phase=Phase.FAIL, result=Result.AUTHENTICATION)
    story.grants(2_000, "A", authentic=False, phase=Phase.INFO)
    verdict = judged(AUTHENTICITY, story)

    assert (verdict.status, verdict.measures["cases"]) == (Status.VALID, 2)


@pytest.mark.parametrize("result", [Result.SUCCESS, Result.MORE, Result.OVERGRANT])
def test_a_client_without_the_key_that_gets_any_other_answer_is_invalid(result: Result) -> None:
    phase = Phase.OK if result is Result.SUCCESS else Phase.INFO
    story = guarded().grants(1_000, "A", authentic=False, phase=phase, result=result)

    assert judged(AUTHENTICITY, story).status is Status.INVALID


def test_without_a_key_nothing_is_judged() -> None:
    assert judged(AUTHENTICITY, Story().forges(1_000, "A", "B", 1)).measures["cases"] == 0
