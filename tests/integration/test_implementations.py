"""Which Booth runs in a node: the one that its topology names, whoever made it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest

import boothlab
from boothlab.engine import images
from boothlab.engine.client import connect
from boothlab.engine.files import File
from boothlab.engine.images import vendors
from boothlab.engine.implementations import FOLDER, by_node
from boothlab.engine.progress import SilentProgress
from boothlab.engine.topology.load import load

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from boothlab.engine.lab import Lab

VENDOR: Final = str(Path(__file__).parent / "data" / "vendor.yaml")
UMBRELLA: Final = ("boothlab-test/umbrella", "1")


def running(lab: Lab, nodes: Iterable[str] = ()) -> dict[str, str]:
    """Return whose daemon was started last in each node, judged by the version it told."""
    log = "cat /var/log/booth.log 2>/dev/null || journalctl --no-pager --output=cat"
    found = {}
    for node in nodes or lab.nodes:
        answer = lab.run(
            node, f"pgrep -x boothd && ({log}) | grep -o 'BOOTH .* daemon is starting' | tail -n 1"
        )
        assert "BOOTH" in answer.stdout, f"{node}: {answer.output}"
        found[node] = "python" if f" {boothlab.__version__} " in answer.stdout else "clusterlabs"
    return found


@pytest.mark.lab("standalone", subject={"B": "python"})
def test_every_member_runs_what_its_topology_says(lab: Lab) -> None:
    status = lab.status()

    assert running(lab) == by_node(lab.topology)
    assert [each.implementation for each in status.members] == ["clusterlabs", "python", "clusterlabs"]
    assert (status.tickets[0].leader_site, status.problems) == ("A", ())


@pytest.mark.lab("standalone", subject={"B": "python"})
def test_a_program_is_put_into_a_node_once_unless_it_is_another(lab: Lab) -> None:
    path = "/usr/lib/boothlab/test-once"
    for text, found in (("one", "one"), ("one", ""), ("two", "two")):
        lab.runtime.put_once("boothA", [File(path, text)])
        assert lab.run("boothA", f"cat {path} 2>/dev/null; rm -f {path}").stdout == found


@pytest.mark.lab("standalone", subject={"B": "python"})
def test_reset_brings_back_the_implementations_that_somebody_swapped(lab: Lab) -> None:
    for node, other in (("boothA", "python"), ("boothB", "clusterlabs")):
        swap = f"booth-service stop && ln -sfn {FOLDER}/{other}/* /usr/sbin/ && booth-service start"
        answer = lab.run(node, swap)
        assert answer.ok, answer.output
    assert running(lab) == {"boothA": "python", "boothB": "clusterlabs", "arbitrator": "clusterlabs"}


@pytest.mark.lab("standalone", subject={"B": "python"})
def test_after_such_a_swap_all_is_as_it_was(lab: Lab) -> None:
    """Runs after the test above, and the reset between them."""
    assert running(lab) == by_node(lab.topology)
    for name in ("clusterlabs", "python"):
        answer = lab.run("boothA", f"{FOLDER}/{name}/booth list")
        assert "leader: 192.168.101.100" in answer.stdout, f"{name}: {answer.output}"


@pytest.mark.lab("three-site-fast", subject={"B": "python"})
def test_pacemaker_and_systemd_run_it_too(lab: Lab) -> None:
    status = lab.status()

    assert status.problems == ()
    nodes = {member.node or "nowhere": member.implementation for member in status.members}
    assert running(lab, nodes) == nodes


@pytest.mark.lab(VENDOR, subject={"A": "acme", "C": "acme"})
def test_a_vendors_command_is_started_with_its_options_and_those_of_the_lab(lab: Lab) -> None:
    assert lab.status().problems == ()
    for node in ("boothA", "arbitrator"):
        assert lab.run(node, "head -n 1 /var/log/acme.log").stdout == "--acme daemon -S -c booth\n"
    assert not lab.run("boothB", "test -e /var/log/acme.log").ok


@pytest.fixture
def umbrella() -> Iterator[None]:
    """Have the vendor's image on the engine: the lab's own under another name."""
    client = connect()
    node = images.resolve(client, load(VENDOR).topology, SilentProgress()).node
    client.images.get(node).tag(*UMBRELLA)
    yield
    client.images.remove(":".join(UMBRELLA))
    client.close()


@pytest.mark.usefixtures("umbrella")
@pytest.mark.lab(VENDOR, subject={"B": "umbrella"})
def test_the_nodes_of_a_member_can_have_a_vendors_image(lab: Lab) -> None:
    assert lab.status().problems == ()
    used = {node: each.attrs["Config"]["Image"] for node, each in lab.runtime.containers().items()}
    assert [node for node, image in used.items() if image == ":".join(UMBRELLA)] == ["boothB"]


def test_an_image_that_is_not_there_is_told_with_the_way_to_make_it() -> None:
    client = connect()
    topology = load(VENDOR, subject="umbrella").topology

    with pytest.raises(images.ImageError, match="has no image boothlab-test/umbrella:1") as caught:
        vendors.require(client, topology, base="boothlab/standalone:debian12-1")

    wanted = "docker build --build-arg BASE=boothlab/standalone:debian12-1 -t boothlab-test/umbrella:1"
    assert wanted in str(caught.value)
    client.close()
