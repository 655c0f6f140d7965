"""What the documentation says is so: links, commands, options, targets, and the reference's tables."""

from __future__ import annotations

import ast
import re
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest
from ruamel.yaml import YAML
from typer.main import get_command

from boothlab.cli.main import app
from boothlab.engine import names
from boothlab.engine.distributions import DISTRIBUTIONS
from boothlab.engine.plan import NODE_CAPABILITIES, PLAIN_CAPABILITIES
from boothlab.engine.preflight.resources import memory_mb
from boothlab.engine.runtime import BASE_CAPABILITIES
from boothlab.engine.status import model as status
from boothlab.engine.topology import model as topology
from boothlab.engine.topology.load import available, load
from boothlab.faults.processes import WAYS
from boothlab.nemesis.fault import key
from boothlab.nemesis.network import NETWORK_FAULTS
from boothlab.nemesis.packets import PACKET_FAULTS
from boothlab.nemesis.vocabulary import KINDS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel

ROOT = Path(__file__).parents[2]
WALKTHROUGH = "docs/tutorial/walkthrough.md"
"""Written by a bring-up; it holds what other programs printed."""
PAGES = sorted(str(path.relative_to(ROOT)) for path in (*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")))
WRITTEN = [page for page in PAGES if page != WALKTHROUGH]

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
_SPAN = re.compile(r"`([^`\n]+(?:\n[^`\n]+)?)`")
_LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
_VERB = re.compile(r"(?<![\w./=-])boothlab ([a-z]+)\b([^\n#]*)")
_TARGET = re.compile(r"(?<![\w./-])make ([a-z][a-z-]*)")


class Block(NamedTuple):
    """A fenced block."""

    language: str
    text: str


@cache
def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def blocks(page: str) -> list[Block]:
    return [Block(*found) for found in _FENCE.findall(text(page))]


def code(page: str) -> Iterator[str]:
    """Yield the lines of fenced blocks, continued ones joined, and the inline code."""
    for block in blocks(page):
        yield from block.text.replace("\\\n", " ").splitlines()
    for span in _SPAN.findall(_FENCE.sub("", text(page))):
        yield " ".join(span.split())


def section(page: str, heading: str) -> str:
    """Return what stands under a heading, up to the next one."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text(page), re.MULTILINE | re.DOTALL)
    assert found, f"{page} has no section {heading!r}"
    return found[1]


def rows(page: str, heading: str) -> list[list[str]]:
    """Return the cells of a section's table, without its head."""
    lines = [line for line in section(page, heading).splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines[2:]]


def keys(page: str, heading: str) -> list[str]:
    """Return the keys in the first column of a section's table."""
    return [key for row in rows(page, heading) for key in re.findall(r"`([^`]+)`", row[0])]


# links


def anchors(page: str) -> set[str]:
    """Return the anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", _FENCE.sub("", text(page)), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", WRITTEN)
def test_links_inside_the_project_lead_somewhere(page: str) -> None:
    prose = _SPAN.sub("", _FENCE.sub("", text(page)))
    for link in _LINK.findall(prose):
        if link.startswith("http"):
            continue
        path, _, anchor = link.partition("#")
        target = (ROOT / page).parent / path if path else ROOT / page
        assert target.exists(), f"{page} links to {link}"
        if anchor:
            assert anchor in anchors(str(target.resolve().relative_to(ROOT))), f"{page} links to {link}"


def test_every_page_can_be_reached_from_the_readme() -> None:
    reached: set[str] = set()
    waiting = ["README.md"]
    while waiting:
        page = waiting.pop()
        reached.add(page)
        for link in _LINK.findall(text(page)):
            target = ((ROOT / page).parent / link.partition("#")[0]).resolve()
            if target.suffix == ".md" and target.is_file():
                found = str(target.relative_to(ROOT))
                waiting += [found] if found not in reached else []
    assert reached >= {page for page in PAGES if page.startswith("docs/")}


# commands


def options(verb: str) -> set[str]:
    """Return all the options of a verb, and of the verbs below it."""
    command = get_command(app).commands[verb]  # type: ignore[attr-defined]
    commands = [command, *getattr(command, "commands", {}).values()]
    return {
        option
        for each in (parameter for command in commands for parameter in command.params)
        if each.param_type_name == "option"
        for option in (*each.opts, *each.secondary_opts)
        if option not in {"--help", "-h"}
    }


def written_options(verb: str, rest: str) -> Iterator[str]:
    """Yield the options that stand behind a verb; of exec, those before the node."""
    words = iter(re.split(r"[\s\[\]]+", re.split(r" \| | && |;|\)", rest)[0].strip()))
    for word in words:
        if word.startswith("-") and word.strip("-."):
            yield word.partition("=")[0]
            if verb == "exec":
                next(words, None)  # all of its options have values
        elif verb == "exec" and word:
            return


@pytest.mark.parametrize("page", WRITTEN)
def test_commands_in_the_docs_exist_with_their_options(page: str) -> None:
    verbs = get_command(app).commands  # type: ignore[attr-defined]
    for verb, rest in (found for line in code(page) for found in _VERB.findall(line)):
        assert verb in verbs, f"{page}: boothlab {verb}{rest}"
        for option in written_options(verb, rest):
            assert option in {*options(verb), "--help"}, f"{page}: boothlab {verb}{rest}"


@pytest.mark.parametrize("verb", sorted(get_command(app).commands))  # type: ignore[attr-defined]
def test_the_reference_tells_all_options_of_every_verb(verb: str) -> None:
    told = re.findall(
        r"`(--?[a-z-]+)", " ".join(row[0] for row in rows("docs/reference/cli.md", f"boothlab {verb}"))
    )

    assert sorted(told) == sorted(options(verb))


@pytest.mark.parametrize("page", WRITTEN)
def test_make_targets_in_the_docs_exist(page: str) -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for target in (found for line in code(page) for found in _TARGET.findall(line)):
        assert target in targets, f"{page}: make {target}"


def test_the_plugins_options_in_the_docs_exist(pytestconfig: pytest.Config) -> None:
    told = {option for page in WRITTEN for option in re.findall(r"--boothlab-[a-z]+", text(page))}

    assert told
    for option in told:
        pytestconfig.getoption(option)  # raises ValueError for an unknown one


@pytest.mark.parametrize("page", WRITTEN)
def test_examples_can_be_parsed(page: str) -> None:
    for block in blocks(page):
        if block.language == "python":
            ast.parse(block.text)
        elif block.language == "yaml":
            YAML(typ="safe").load(block.text)


# tables


def test_the_readme_lists_the_shipped_topologies_with_their_memory() -> None:
    told = {re.findall(r"`([^`]+)`", row[0])[0]: row[-1] for row in rows("README.md", "Topologies")}

    assert told == {path.stem: f"{round(memory_mb(load(path).topology), -2)} MB" for path in available()}


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("The whole", topology.Topology),
        ("networks", topology.Network),
        ("sites", topology.Site),
        ("arbitrators", topology.Arbitrator),
        ("resources", topology.Resource),
        ("booth", topology.BoothOptions),
        ("tickets", topology.Ticket),
        ("implementations", topology.Implementation),
    ],
)
def test_the_reference_tells_all_keys_of_a_topology(heading: str, model: type[BaseModel]) -> None:
    page = "docs/reference/topology.md"
    fields = {field.alias or name: field for name, field in model.model_fields.items()}

    assert sorted(keys(page, heading)) == sorted(fields)
    required = {row[0].strip("`") for row in rows(page, heading) if row[1] == "required"}
    assert required == {name for name, field in fields.items() if field.is_required()}


@pytest.mark.parametrize(
    ("heading", "model"),
    [
        ("The lab", status.LabStatus),
        ("tickets", status.TicketStatus),
        ("views", status.TicketView),
        ("sites", status.SiteStatus),
        ("nodes", status.NodeStatus),
        ("resources", status.ResourceStatus),
        ("vips", status.VipStatus),
        ("tickets in the CIB", status.SiteTicket),
        ("arbitrators", status.ArbitratorStatus),
        ("members", status.MemberStatus),
        ("peers", status.PeerStatus),
    ],
)
def test_the_reference_tells_all_fields_of_the_status(heading: str, model: type[BaseModel]) -> None:
    assert sorted(keys("docs/reference/status-json.md", heading)) == sorted(model.model_fields)


def test_the_reference_tells_all_capabilities() -> None:
    told = section("docs/reference/lab-internals.md", "Capabilities")
    everyone, plain, nodes = re.split(r"^\| capability \| why \|$", told, flags=re.MULTILINE)

    assert set(re.findall(r"`([A-Z_]+)`", everyone)) == set(BASE_CAPABILITIES)
    assert set(re.findall(r"^\| `([A-Z_]+)`", plain, re.MULTILINE)) == set(PLAIN_CAPABILITIES)
    assert set(re.findall(r"^\| `([A-Z_]+)`", nodes, re.MULTILINE)) == set(NODE_CAPABILITIES)


def test_the_reference_tells_all_labels() -> None:
    labels = {value for name, value in vars(names).items() if name.startswith("LABEL")}

    assert set(keys("docs/reference/architecture.md", "Labels")) == labels | {"boothlab.image"}


def test_the_how_to_tells_every_fault_that_can_be_applied_with_its_details() -> None:
    page, network = "docs/how-to/faults.md", {each.kind for each in NETWORK_FAULTS}
    packets = {each.kind for each in PACKET_FAULTS}
    told = {
        kind: set(re.findall(r"`([a-z_]+)=`", row[1]))
        for row in rows(page, "What there is")
        for kind in re.findall(r"`([a-z-]+)`", row[0])
    }

    assert told.keys() == network | packets | WAYS.keys()
    for kind, details in told.items():
        everywhere = {"only"} if kind in network else set()
        links = {"from", "to"} if kind in (network | packets) - {"partition", "one-way"} else set()
        assert details == {key(each) for each in fields(KINDS[kind])} - everywhere - links, kind


def test_the_docs_name_every_distribution() -> None:
    assert set(DISTRIBUTIONS) <= set(re.findall(r"\w+", section("docs/reference/topology.md", "The whole")))


def test_nothing_is_left_to_be_measured() -> None:
    documents = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]

    assert [path.name for path in documents if "<!-- measure" in path.read_text()] == []
