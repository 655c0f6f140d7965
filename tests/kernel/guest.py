#!/usr/bin/python3
# ruff: noqa: EXE001 - it is made executable where it runs
"""The first process of the guest: it makes a system of the files, runs the tests, and switches off."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
from pathlib import Path
from typing import Final

_MOUNTS: Final = {"/proc": "proc", "/sys": "sysfs", "/dev": "devtmpfs", "/run": "tmpfs", "/tmp": "tmpfs"}  # noqa: S108
_POWER_OFF: Final = 0x4321FEDC
_INIT_MODULE: Final = 175  # on x86-64


def main() -> None:
    """Do it all; whatever happens, the guest ends."""
    kernel = ctypes.CDLL(None, use_errno=True)
    try:
        _mount(kernel)
        _load_modules(kernel)
        print(f"guest: exit code {_run_tests()}", flush=True)
    finally:
        kernel.reboot(_POWER_OFF)


def _mount(kernel: ctypes.CDLL) -> None:
    for folder, kind in _MOUNTS.items():
        Path(folder).mkdir(exist_ok=True)
        kernel.mount(kind.encode(), folder.encode(), kind.encode(), 0, None)


def _load_modules(kernel: ctypes.CDLL) -> None:
    for path in sorted(Path("/modules").iterdir()):
        content = path.read_bytes()
        if kernel.syscall(_INIT_MODULE, content, len(content), b"") != 0:
            print(f"guest: no {path.name}: {os.strerror(ctypes.get_errno())}")


def _run_tests() -> int:
    os.environ["PATH"] = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    tests = json.loads(Path("/tests.json").read_text())
    if tests[0].startswith("/"):
        return subprocess.run(tests, check=False).returncode
    environment = {
        **os.environ,
        "PYTHONPATH": "/repository:/repository/tests:/packages",
        "HOME": "/tmp",  # noqa: S108
        "COLUMNS": "110",
    }
    command = [
        "python3",
        "-m",
        "pytest",
        "-p",
        "no:boothlab",
        "-p",
        "kernel.namespaces",
        "--color=no",
        *tests,
    ]
    return subprocess.run(command, cwd="/repository", env=environment, check=False).returncode


if __name__ == "__main__":
    main()
