"""Members without Pacemaker: Booth's two files, its start, the grant."""

from __future__ import annotations

from boothlab.engine.provision import standalone
from boothlab.engine.steps import Record, perform
from boothlab.engine.topology.load import load

LAB = load("standalone").topology


def test_every_member_gets_the_same_configuration_and_key_and_nothing_else() -> None:
    found = standalone.files(LAB)

    assert set(found) == {"boothA", "boothB", "arbitrator"}
    (files,) = {tuple(each) for each in found.values()}
    assert [file.path for file in files] == ["/etc/booth/booth.conf", "/etc/booth/booth.key"]


def test_all_start_at_once_then_all_are_asked_then_the_ticket_is_granted() -> None:
    steps = standalone.steps(LAB)

    assert [step.name for step in steps] == [
        *("start boothA", "start boothB", "start arbitrator"),
        *("booth A", "booth B", "booth C"),
        "grant apacheticket",
    ]
    assert {step.needs for step in steps[:3]} == {()}
    assert {step.needs for step in steps[3:6]} == {tuple(step.name for step in steps[:3])}
    assert steps[6].needs == tuple(step.name for step in steps[3:6])
    assert len(perform(steps, lambda step: Record(step, "", 0, 0, 0))) == 7


def test_nothing_is_waited_for_that_only_pacemaker_could_run() -> None:
    assert not [step for step in standalone.steps(LAB) if "crm_" in step.command or "curl" in step.command]


def test_another_instance_is_started_under_its_name() -> None:
    steps = standalone.steps(load("standalone", overrides=["booth.name=geo"]).topology)

    assert steps[0].command == "booth-service start geo"
    assert all("geo" in step.command.split() for step in steps)
