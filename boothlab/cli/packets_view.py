"""A captured conversation as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from rich.console import Group
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

_STYLES: Final = {"RJC!": "red", "RVot": "yellow", "VtFr": "yellow", "Revk": "magenta"}
_NUMBERS: Final = frozenset({"S", "TERM", "VALID"})


def render(data: Sequence[dict[str, Any]]) -> RenderableType:
    """Return a capture's messages as something rich can print: one a line."""
    if not data:
        return Text("no message of Booth in this capture")
    rows = [_cells(each, data[0]["at_s"]) for each in data]
    table = Table(box=None, pad_edge=False, header_style="bold dim", padding=(0, 1, 0, 0))
    titles = [title for title in rows[0] if any(row[title].plain for row in rows)]
    for title in titles:
        table.add_column(title, justify="right" if title in _NUMBERS else "left", no_wrap=title != "SAYS")
    for row in rows:
        table.add_row(*(row[title] for title in titles))
    return Group(table, *_lost(data))


def _cells(each: dict[str, Any], start_s: float) -> dict[str, Text]:
    """Return a message's cells by their column's title; columns without any text are not shown."""
    return {
        "S": Text(f"{each['at_s'] - start_s:.3f}"),
        "FROM": Text(_short(each["source"])),
        "TO": Text(_short(each["destination"])),
        "MESSAGE": _message(each["command"], each["request"]),
        "TICKET": Text(each.get("ticket") or ""),
        "LEADER": Text(each.get("leader") or ""),
        "TERM": Text(str(each.get("term", ""))),
        "VALID": Text(str(each.get("valid", ""))),
        "SAYS": Text(_says(each)),
        "KEY": _key(each),
        "ROUTER MS": Text(" ".join(f"+{ms:.2f}" for ms in each["forwarded_ms"])),
    }


def _message(command: str, request: str | None) -> Text:
    if request is None:
        return Text(command, _STYLES.get(command, "bold"))
    return Text(f"{command} to {request}", _STYLES.get(command, "dim"))


def _short(end: str) -> str:
    """Return an end without Booth's own port, which says nothing new."""
    return end.removesuffix(":9929")


def _says(each: dict[str, Any]) -> str:
    attribute = "=".join(filter(None, (each.get("attribute"), each.get("value"))))
    lines = each.get("text", "").splitlines()
    text = lines[0] + (f" ... ({len(lines)} lines)" if len(lines) > 1 else "") if lines else ""
    words = (each["reason"], each["result"], each["options"], attribute, text)
    return ", ".join(filter(None, words))


def _key(each: dict[str, Any]) -> Text:
    if each["genuine"] is None:
        return Text()
    if each["genuine"]:
        return Text("ok", "green")
    return Text("another" if each["signed"] else "unsigned", "bold red")


def _lost(data: Sequence[dict[str, Any]]) -> list[Text]:
    """Return what to say about messages that did not leave the router, if it is seen passing any on."""
    lost = sum(not each["forwarded_ms"] for each in data)
    if lost in {0, len(data)}:
        return []
    return [Text(f"\n{lost} of {len(data)} messages were not seen to leave the router", "yellow")]
