"""Runs of scenarios for people: a line each as they end, and what all came to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from rich.text import Text

from boothlab.scenarios.outcome import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from boothlab.scenarios.outcome import Run

_STYLES: Final = {
    Outcome.PASSED: "green",
    Outcome.KNOWN: "yellow",
    Outcome.FAILED: "bold red",
    Outcome.MENDED: "bold red",
}


def line(run: Run, number: int, count: int) -> Text:
    """Return what a run came to, and how many of all have ended."""
    why = "" if run.outcome is Outcome.PASSED else f"  {', '.join(run.broken)}"
    return Text.assemble(
        (f"[{number}/{count}] ", "dim"),
        f"{run.scenario.name} ({run.subject}) ",
        _outcome(run),
        (f" {run.seconds:.1f} s", "dim"),
        why,
    )


def summary(runs: Sequence[Run]) -> Iterator[Text]:
    """Yield lines about what is not simply good, the worst last, and one that counts."""
    odd = [each for each in runs if each.outcome is not Outcome.PASSED]
    for each in sorted(odd, key=lambda run: not run.outcome.is_good):
        yield Text.assemble(_outcome(each), f"  {each.scenario.name} ({each.subject}): {_reason(each)}")
        yield Text(f"    {each.folder / 'report.html'}", "dim")
    counts = Counter(each.outcome for each in runs)
    told = ", ".join(f"{each.value} {counts[each]}" for each in Outcome if counts[each])
    good = all(each.outcome.is_good for each in runs)
    yield Text(f"runs {len(runs)}: {told or 'none'}", "green" if good else "red")


def _outcome(run: Run) -> tuple[str, str]:
    return run.outcome.value, _STYLES[run.outcome]


def _reason(run: Run) -> str:
    """Return why a run is not simply good, in a sentence."""
    known = run.scenario.known_of(run.subject)
    if known and run.outcome is Outcome.KNOWN:
        return f"{known.why} {known.link}"
    if known and run.outcome is Outcome.MENDED:
        return f"this did not show: {known.why} {known.link}"
    name = run.broken[0]
    return f"{name}: {run.judgement.verdicts[name].summary}"
