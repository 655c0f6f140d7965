"""The error that stops a bring-up before it begins."""

from __future__ import annotations

from boothlab.engine.preflight import Finding, PreflightError


def test_a_preflight_error_tells_every_reason_with_its_remedy() -> None:
    error = PreflightError(
        "mine",
        [
            Finding("error", "memory", "too little memory", "end something"),
            Finding("error", "subnet.lab", "lab yours is up", "boothlab down --lab yours"),
        ],
    )

    assert "too little memory\n  end something" in str(error)
    assert "lab yours is up\n  boothlab down --lab yours" in str(error)
    assert "boothlab doctor mine" in error.remedy
    assert [each.code for each in error.findings] == ["memory", "subnet.lab"]
