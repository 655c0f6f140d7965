"""Verdicts as JUnit XML, as Jenkins, GitLab and the like read it (schema xunit2)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from boothlab.checkers.verdict import Status

if TYPE_CHECKING:
    from collections.abc import Sequence

    from boothlab.report.judged import Judged
    from boothlab.report.report import Report

_FORBIDDEN: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What XML cannot say, not even escaped."""
_ELEMENTS: Final = {Status.INVALID: "failure", Status.UNKNOWN: "error"}


def junit(reports: Sequence[Report]) -> str:
    """Return runs as JUnit XML: a suite a run, a case a checker.

    INVALID is a failure, UNKNOWN an error: neither passes.
    """
    root = ET.Element("testsuites", name="boothlab")
    for report in reports:
        root.append(_suite(report))
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(report: Report) -> ET.Element:
    statuses = [each.verdict.status for each in report.judged]
    header = report.history.header
    suite = ET.Element(
        "testsuite",
        name=_clean(report.title),
        tests=str(len(statuses)),
        failures=str(statuses.count(Status.INVALID)),
        errors=str(statuses.count(Status.UNKNOWN)),
        skipped="0",
        time=f"{report.duration_s:.3f}",
        timestamp=_clean(header.started_utc.removesuffix("Z")),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in _properties(report):
        ET.SubElement(properties, "property", name=_clean(name), value=_clean(value))
    for each in report.judged:
        suite.append(_case(report, each))
    return suite


def _properties(report: Report) -> list[tuple[str, str]]:
    header = report.history.header
    told = [
        ("run", header.run),
        ("testbed", header.testbed),
        ("topology", header.topology),
        ("seed", "" if header.seed is None else str(header.seed)),
        ("subjects", " ".join(f"{each.name}={each.subject}" for each in header.members)),
        ("kernel", header.kernel),
        ("impairment", header.impairment),
        ("reproduce", report.reproduce),
        *((f"version.{name}", version) for name, version in (header.versions or {}).items()),
    ]
    return [(name, value) for name, value in told if value]


def _case(report: Report, judged: Judged) -> ET.Element:
    case = ET.Element("testcase", classname=_clean(report.title), name=_clean(judged.name), time="0.000")
    verdict = judged.verdict
    element = _ELEMENTS.get(verdict.status)
    if element is not None:
        told = ET.SubElement(case, element, message=_clean(verdict.summary), type=verdict.status.value)
        told.text = _clean("\n".join(_lines(report, judged)))
    return case


def _lines(report: Report, judged: Judged) -> list[str]:
    """Return what a reader of CI's page needs: the finding, where to look, how to see it again."""
    verdict = judged.verdict
    measures = ", ".join(f"{name} {value:g}" for name, value in verdict.measures.items())
    lines = [verdict.summary, judged.says, measures]
    lines += [f"evidence: records {', '.join(map(str, verdict.evidence))}"] if verdict.evidence else []
    lines += [f"again: {report.reproduce}"] if report.reproduce else []
    return [line for line in lines if line]


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)
