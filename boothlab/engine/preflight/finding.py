"""What a check before a bring-up found."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Iterable

Severity = Literal["ok", "warning", "error"]


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    severity: Severity
    """``error``: a lab cannot start. ``warning``: it can, with the restriction told."""
    code: str
    """Stable name of the check and its outcome, e.g. ``subnet.host``."""
    what: str
    """What is so."""
    remedy: str = ""
    """What to do about it; empty when nothing is to do."""


class PreflightError(BoothlabError):
    """The lab cannot start on this machine; ``findings`` are all the reasons."""

    def __init__(self, lab: str, findings: Iterable[Finding]) -> None:
        self.findings = tuple(findings)
        reasons = "".join(f"\n- {each.what}\n  {each.remedy}" for each in self.findings)
        super().__init__(
            f"lab {lab} cannot start here:{reasons}",
            remedy=f"`boothlab doctor {lab}` checks again without starting anything",
        )
