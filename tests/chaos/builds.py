"""Broken daemons as a vendor's implementations: boothlab's own Booth, patched as it starts."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from boothlab.engine import pyz
from boothlab.engine.assets import lab_folder

BROKEN: Final = Path(__file__).parent / "broken"
"""A module a daemon; what is wrong with it says its docstring."""
_HOME: Final = "/opt/broken"
_PROGRAM_MODE: Final = 0o755
_BOOTHD: Final = f"""\
#!/usr/bin/python3 -IS
\"\"\"Run boothlab's own boothd after the patch that the first argument names.\"\"\"

import sys
from importlib import import_module

sys.path[:0] = ["{_HOME}", "{_HOME}/booth.pyz"]
import_module(sys.argv.pop(1)).patch()

from boothlab.daemon.main import main

main()
"""


def names() -> list[str]:
    """Return all broken daemons."""
    return sorted(path.stem for path in BROKEN.glob("*.py"))


def says(name: str) -> str:
    """Return what is wrong with one."""
    return (BROKEN / f"{name}.py").read_text(encoding="utf-8").split('"""')[1]


def topology(folder: Path) -> Path:
    """Write the standalone topology with all broken daemons as implementations; return its file.

    Args:
        folder: where it is written, and what goes into the nodes beside it.
    """
    build = folder / "build"
    build.mkdir()
    (build / "booth.pyz").write_bytes(pyz.pack())
    (build / "boothd").write_text(_BOOTHD, encoding="utf-8")
    (build / "boothd").chmod(_PROGRAM_MODE)
    lines = ["", "implementations:"]
    for name in names():
        (build / f"{name}.py").write_bytes((BROKEN / f"{name}.py").read_bytes())
        lines += [
            f"  {implementation(name)}:",
            f"    boothd: {_HOME}/boothd {name}",
            f"    files: {{{_HOME}: build}}",
        ]
    standalone = (lab_folder() / "topologies" / "standalone.yaml").read_text(encoding="utf-8")
    path = folder / "broken.yaml"
    path.write_text(standalone + "\n".join(lines) + "\n", encoding="utf-8")
    return path


def implementation(name: str) -> str:
    """Return a broken daemon's name in topologies."""
    return name.replace("_", "-")
