"""What must hold before a lab can start, checked without changing anything."""

from boothlab.engine.preflight.check import check, check_host, require
from boothlab.engine.preflight.finding import Finding, PreflightError, Severity
from boothlab.engine.preflight.grants import check_grants

__all__ = ["Finding", "PreflightError", "Severity", "check", "check_grants", "check_host", "require"]
