"""Operations from begin to end."""

from __future__ import annotations

from unit.history.samples import HEADER

from boothlab.history.calls import pair
from boothlab.history.history import History
from boothlab.history.records import Mark, Operation, Phase, Verb


def step(index: int, process: str, phase: Phase, verb: Verb = Verb.GRANT) -> Operation:
    return Operation(index=index, at_ns=index, process=process, phase=phase, verb=verb, ticket="t")


def test_begins_and_ends_are_put_together_process_by_process() -> None:
    every = [
        step(0, "p", Phase.INVOKE),
        step(1, "q", Phase.INVOKE),
        step(2, "p", Phase.OK),
        step(3, "q", Phase.FAIL),
    ]
    found = pair(every)

    assert [(each.asked.process, each.outcome, each.ended_ns) for each in found.calls] == [
        ("p", Phase.OK, 2),
        ("q", Phase.FAIL, 3),
    ]
    assert found.calls[0].evidence == (0, 2)
    assert found.misfits == ()


def test_what_never_ends_may_have_happened() -> None:
    (call,) = pair([step(0, "p", Phase.INVOKE)]).calls

    assert (call.outcome, call.ended_ns, call.evidence) == (Phase.INFO, None, (0,))


def test_what_does_not_fit_together_is_named() -> None:
    assert pair([step(0, "p", Phase.OK)]).misfits == (0,)
    assert pair([step(0, "p", Phase.INVOKE), step(1, "p", Phase.INVOKE)]).misfits == (1,)
    assert pair([step(0, "p", Phase.INVOKE), step(1, "p", Phase.OK, Verb.REVOKE)]).misfits == (1,)


def test_no_begin_is_lost_where_something_does_not_fit() -> None:
    found = pair([step(0, "p", Phase.INVOKE), step(1, "p", Phase.INVOKE), step(2, "p", Phase.OK)])

    assert [each.evidence for each in found.calls] == [(0,), (1, 2)]


def test_a_history_tells_its_records_by_class_and_by_index() -> None:
    mark, asked = Mark(index=0, at_ns=9, name="begin"), step(1, "p", Phase.INVOKE)
    history = History(HEADER, (mark, asked))

    assert history.of(Mark) == (mark,)
    assert history.record(1) is asked
    assert history.ended_ns == 9
    assert [each.asked for each in history.calls] == [asked]
