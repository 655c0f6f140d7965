"""How a program ends that works on labs: what a person can mend is told, and labs do not outlive it."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console

from boothlab.errors import BoothlabError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def told() -> Iterator[None]:
    """Report what a user can mend without a traceback, and exit with the error's code.

    SIGTERM, with which CI ends a job, ends the program as Ctrl-C does: what it brought up is removed.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    except BoothlabError as error:
        errors = Console(stderr=True, highlight=False, soft_wrap=True)
        errors.print(f"boothlab: {error.message}", style="red", markup=False)
        if error.remedy:
            errors.print(f"  {error.remedy}", style="yellow", markup=False)
        sys.exit(error.exit_code)
    finally:
        signal.signal(signal.SIGTERM, before)
