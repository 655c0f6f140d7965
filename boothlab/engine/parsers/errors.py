"""The one error of all parsers."""

from __future__ import annotations

from typing import Final

from boothlab.errors import BoothlabError

_SHOWN_CHARACTERS: Final = 160


class ParseError(BoothlabError):
    """A tool printed something that cannot be read."""

    def __init__(self, command: str, problem: str, line: str = "") -> None:
        """Name the command as one types it, what is wrong, and the line where it is."""
        shown = line if len(line) <= _SHOWN_CHARACTERS else f"{line[:_SHOWN_CHARACTERS]}..."
        where = f": {shown!r}" if line else ""
        super().__init__(
            f"cannot read what `{command}` printed: {problem}{where}",
            remedy=f"run `{command}` in the node by hand (boothlab shell NODE): if it looks whole there, "
            "its version prints a form that boothlab does not know yet; please report it with the output",
        )
        self.command = command
        self.problem = problem
        self.line = line
