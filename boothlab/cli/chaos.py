"""``boothlab chaos``: play scenarios on labs, judge what happened, play a run again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table
from rich.text import Text

from boothlab.cli.options import AsJson, Overrides, console, print_json
from boothlab.cli.progress_view import shown
from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from boothlab.scenarios.outcome import Run
    from boothlab.scenarios.runner import Wish
    from boothlab.scenarios.scenario import Scenario

app = typer.Typer(help="Play scenarios and judge what happened.", no_args_is_help=True)

RunsFolder = Annotated[Path, typer.Option("--runs", help="Where the runs' folders go.", metavar="FOLDER")]
Junit = Annotated[
    Path | None, typer.Option("--junit", help="Write all runs as JUnit XML, too.", metavar="FILE")
]
Keep = Annotated[bool, typer.Option("--keep", help="Leave the lab up when the runs are over.")]


@app.command("list")
def list_scenarios(as_json: AsJson = False) -> None:
    """List the scenarios, the suites that they are in, and whom they are known to fail with."""
    from boothlab.scenarios.catalogue import SCENARIOS  # noqa: PLC0415 - other verbs start sooner without

    rows = [_scenario_data(each) for each in SCENARIOS.values()]
    if as_json:
        print_json(rows)
        return
    table = Table(box=None, pad_edge=False)
    for title in ("scenario", "suites", "topologies", "what happens"):
        table.add_column(title, no_wrap=title == "scenario")
    for row in rows:
        known = "".join(f" [{each['subject']} fails: {each['link']}]" for each in row["known"])
        table.add_row(
            *map(Text, (row["scenario"], ", ".join(row["suites"]), ", ".join(row["topologies"]))),
            Text(" ".join(str(row["says"]).split()) + known),
        )
    console().print(table)


def _scenario_data(scenario: Scenario) -> dict[str, Any]:
    return {
        "scenario": scenario.name,
        "says": scenario.says,
        "suites": list(scenario.all_suites),
        "topologies": list(scenario.topologies),
        "subjects": list(scenario.subjects),
        "also": list(scenario.also),
        "settings": list(scenario.settings),
        "link": scenario.link,
        "must_see": sorted(scenario.must_see),
        "known": [
            {"subject": each.subject, "checkers": sorted(each.checkers), "link": each.link, "why": each.why}
            for each in scenario.known
        ],
    }


@app.command()
def run(  # noqa: PLR0913, PLR0917 - what a command line can say
    names: Annotated[
        list[str], typer.Argument(help="Scenarios and suites (see `list`).", metavar="SCENARIO|SUITE...")
    ],
    subject: Annotated[
        str,
        typer.Option(
            "--subject",
            help="Which Booth all members run, e.g. clusterlabs; or some: A=python,B=clusterlabs. "
            "Left out: what each scenario's suite plays it with.",
            metavar="NAME",
        ),
    ] = "",
    topology: Annotated[
        str, typer.Option("--topology", help="A topology's name or file; each scenario's own by default.")
    ] = "",
    seed: Annotated[int, typer.Option("--seed", help="For everything that is left to chance.")] = 0,
    times: Annotated[int, typer.Option("--times", help="Play everything so often.", min=1)] = 1,
    overrides: Overrides = None,
    runs: RunsFolder = Path("runs"),
    junit: Junit = None,
    keep: Keep = False,
    as_json: AsJson = False,
) -> None:
    """Play scenarios or suites: `boothlab chaos run standard`. Exit code 1 unless all is as expected."""
    wishes = _wishes(names, subject, topology, seed)
    settings = tuple(overrides or [])
    wished = [
        replace(each, settings=settings, seed=each.seed + number)
        for each in wishes
        for number in range(times)
    ]
    _play(wished, runs, junit, keep=keep, as_json=as_json)


@app.command()
def replay(
    folder: Annotated[Path, typer.Argument(help="A run's folder, below runs/.", metavar="RUN")],
    subject: Annotated[
        str, typer.Option("--subject", help="With other members than then.", metavar="NAME")
    ] = "",
    times: Annotated[int, typer.Option("--times", help="Play it so often.", min=1)] = 1,
    runs: RunsFolder = Path("runs"),
    keep: Keep = False,
    as_json: AsJson = False,
) -> None:
    """Play a run again, with the faults that stand in its schedule.jsonl now: shrink it by hand."""
    from boothlab.scenarios.campaign import wish_of  # noqa: PLC0415

    wish = wish_of(folder)
    wish = replace(wish, subject=subject) if subject else wish
    _play([wish] * times, runs, None, keep=keep, as_json=as_json)


@app.command()
def play(
    schedule: Annotated[Path, typer.Argument(help="A schedule: YAML or JSON lines.", metavar="FILE")],
    topology: Annotated[str, typer.Option("--topology", help="A topology's name or file.")] = "standalone",
    subject: Annotated[
        str, typer.Option("--subject", help="Which Booth all members run, or some.", metavar="NAME")
    ] = "python",
    seed: Annotated[int, typer.Option("--seed", help="For everything that is left to chance.")] = 0,
    runs: RunsFolder = Path("runs"),
    keep: Keep = False,
    as_json: AsJson = False,
) -> None:
    """Play a schedule of faults that you wrote while the first site holds the ticket."""
    from boothlab.engine.topology.load import load  # noqa: PLC0415
    from boothlab.faults import shape_of  # noqa: PLC0415
    from boothlab.scenarios.catalogue import scenario_named  # noqa: PLC0415
    from boothlab.scenarios.runner import Wish  # noqa: PLC0415
    from boothlab.scenarios.schedule_file import read  # noqa: PLC0415

    found = read(schedule, shape_of(load(topology, subject=subject).topology))
    wish = Wish(scenario_named("schedule"), topology, subject, seed, schedule=found)
    _play([wish], runs, None, keep=keep, as_json=as_json)


def _wishes(names: list[str], subject: str, topology: str, seed: int) -> list[Wish]:
    """Return what to play, ordered by topology, so that each lab is brought up once."""
    from boothlab.scenarios.catalogue import SCENARIOS, scenario_named, suite, suites  # noqa: PLC0415
    from boothlab.scenarios.runner import Wish  # noqa: PLC0415

    found: list[Wish] = []
    for name in names:
        if name in suites() and name not in SCENARIOS:
            every = suite(name)
        else:
            one = scenario_named(name)
            every = {one: one.all_subjects}
        found += [
            Wish(each, topology or each.topologies[0], who, seed)
            for each, subjects in every.items()
            for who in ((subject,) if subject else subjects)
        ]
    order = list(dict.fromkeys(each.topology for each in found))
    return sorted(found, key=lambda wish: order.index(wish.topology))


def _play(wishes: list[Wish], runs: Path, junit: Path | None, *, keep: bool, as_json: bool) -> None:
    from boothlab.cli import chaos_view  # noqa: PLC0415
    from boothlab.scenarios.campaign import Campaign  # noqa: PLC0415

    done = 0

    def tell(run: Run) -> None:
        nonlocal done
        done += 1
        if not as_json:
            console().print(chaos_view.line(run, done, len(wishes)))

    with shown() as progress:
        campaign = Campaign(runs, progress, tell, keep=keep)
        try:
            campaign.play(wishes)
        finally:
            campaign.write_summary()
            if junit:
                campaign.write_junit(junit)
    if as_json:
        print_json([each.as_data() for each in campaign.done])
    else:
        for line in chaos_view.summary(campaign.done):
            console().print(line, soft_wrap=True)
    bad = [each for each in campaign.done if not each.outcome.is_good]
    if bad:
        raise BoothlabError(
            f"{len(bad)} of {len(campaign.done)} runs are not as expected",
            remedy=f"look at {bad[0].folder / 'report.html'}",
        )
