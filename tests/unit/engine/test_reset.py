"""Reset: in which order a used lab is brought back, for every topology."""

from __future__ import annotations

from functools import cache
from graphlib import TopologicalSorter

import pytest

from boothlab.engine.reset import steps
from boothlab.engine.steps import Record, Step, perform
from boothlab.engine.topology.load import available, load

VARIANTS = {
    **{path.stem: (path.stem, ()) for path in available()},
    "another instance": ("three-site-fast", ("booth.name=geo",)),
    "no arbitrator": ("three-site-fast", ("arbitrators=[]",)),
}
every_lab = pytest.mark.parametrize("variant", VARIANTS)
pacemaker_labs = pytest.mark.parametrize(
    "variant", [each for each in VARIANTS if not each.startswith("standalone")]
)


@cache
def found(variant: str, *, grant: bool = True) -> tuple[Step, ...]:
    name, overrides = VARIANTS[variant]
    return tuple(steps(load(name, overrides=overrides).topology, grant=grant))


def before(variant: str, step: Step) -> set[str]:
    """Return the names of all steps that have surely ended when this one begins."""
    needs = {each.name: each.needs for each in found(variant)}
    seen: set[str] = set()
    todo = list(step.needs)
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += needs[name]
    return seen


def named(variant: str, beginning: str) -> list[Step]:
    picked = [step for step in found(variant) if step.name.startswith(beginning)]
    assert picked, f"no step is named {beginning}..."
    return picked


def names(picked: list[Step]) -> set[str]:
    return {step.name for step in picked}


@every_lab
@pytest.mark.parametrize("grant", [True, False])
def test_names_are_unique_needs_are_known_and_the_order_can_be_carried_out(
    variant: str, *, grant: bool
) -> None:
    all_steps = found(variant, grant=grant)

    assert len({step.name for step in all_steps}) == len(all_steps)
    TopologicalSorter({step.name: step.needs for step in all_steps}).prepare()
    ran = perform(all_steps, lambda step: Record(step, "", 0, 0, 0))
    assert [record.step for record in ran] == list(all_steps)


@every_lab
def test_the_list_is_in_an_order_in_which_it_could_be_done_by_hand(variant: str) -> None:
    done: set[str] = set()
    for step in found(variant):
        assert done.issuperset(step.needs), step.name
        done.add(step.name)


def starts(variant: str) -> list[Step]:
    """Return the steps that start Booth; in a lab without Pacemaker they wait for it as well."""
    return named(variant, "booth " if variant.startswith("standalone") else "again ")


@every_lab
def test_impairments_and_pauses_go_before_anything_else(variant: str) -> None:
    going_on = [step for step in found(variant) if "kill -CONT" in step.command]
    healing = names([*named(variant, "router"), *going_on])
    rest = [step for step in found(variant) if step.name not in healing]

    assert len(healing) == 1 + len(
        load(VARIANTS[variant][0], overrides=VARIANTS[variant][1]).topology.hosts()
    )
    assert all(healing <= before(variant, step) for step in rest)


@every_lab
def test_every_node_forgets_what_a_booth_remembers_beside_the_cib_once_it_is_stopped(variant: str) -> None:
    for step in named(variant, "stop "):
        stop, _, forget = step.command.rpartition(" && ")
        assert stop
        # A guard that lives on would revoke the ticket of the Booth that starts next.
        assert forget == "{ pkill -KILL -x booth-guard; rm -rf /run/booth/*; }"


@every_lab
def test_every_booth_is_stopped_before_any_ticket_is_forgotten(variant: str) -> None:
    stops = named(variant, "stop ")
    forgets = [
        step
        for step in found(variant)
        if "ticket_state" in step.command or "--cleanup --force" in step.command
    ]

    assert {step.node for step in stops} == {step.node for step in starts(variant)}
    assert forgets
    assert all(names(stops) <= before(variant, step) for step in forgets)


@pacemaker_labs
def test_every_site_has_forgotten_before_any_booth_starts(variant: str) -> None:
    forgets = named(variant, "forget ")

    assert all(names(forgets) <= before(variant, step) for step in named(variant, "again "))


def test_a_standalone_member_forgets_every_ticket_before_its_own_booth_starts() -> None:
    for step in starts("standalone"):
        forgetting, starting = (
            step.command.index("crm_ticket --ticket apacheticket"),
            step.command.index("start"),
        )
        assert forgetting < starting


@pacemaker_labs
def test_each_site_has_its_configuration_back_before_booth_is_stopped(variant: str) -> None:
    restored = names(named(variant, "configuration "))

    assert all(restored <= before(variant, step) for step in named(variant, "stop "))


@pacemaker_labs
def test_pacemaker_looks_away_while_booth_is_restarted_and_again_at_every_site_afterwards(
    variant: str,
) -> None:
    held = {step.name for step in found(variant) if "maintenance-mode --update true" in step.command}
    released = [step for step in found(variant) if "maintenance-mode --delete" in step.command]
    restarted = names([*named(variant, "again "), *named(variant, "booth "), *named(variant, "grant ")])

    assert len(held) == len(released) > 0
    assert all(held <= before(variant, step) for step in named(variant, "stop "))
    assert all(restarted <= before(variant, step) for step in released)
    assert {step.name for step in released} <= {step.name for step in found(variant, grant=False)}


@every_lab
def test_the_grant_waits_for_every_members_booth(variant: str) -> None:
    name, overrides = VARIANTS[variant]
    members = {f"booth {each.name}" for each in load(name, overrides=overrides).topology.members}
    (grant,) = named(variant, "grant ")

    assert members <= before(variant, grant)
    assert names(starts(variant)) <= before(variant, grant)


@every_lab
def test_without_a_grant_the_tickets_stay_with_nobody(variant: str) -> None:
    left = found(variant, grant=False)

    assert not [
        step for step in left if "grant" in step.command or step.name.startswith(("running", "answer"))
    ]
    assert {step.name for step in left} < {step.name for step in found(variant)}


def test_another_instance_is_reset_under_its_own_name() -> None:
    commands = "\n".join(step.command for step in found("another instance"))

    assert "booth@geo" in commands
    assert "/etc/booth/geo.conf" in commands
    assert "booth@booth" not in commands
