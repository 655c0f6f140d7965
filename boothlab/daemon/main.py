"""The program's door: its name and its first words choose daemon, status or client.

Everything else is imported when it is needed, for a client starts often and a daemon once.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final, NoReturn, assert_never

from boothlab.daemon.arguments import (
    CheckOptions,
    ClientOptions,
    DaemonOptions,
    GeostoreOptions,
    MisplacedOptionError,
    Request,
    Show,
    StatusOptions,
    UsageError,
    is_geostore,
    parse,
    program_name,
)
from boothlab.daemon.client.output import Speaker, tell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

FAILED: Final = 1
INTERRUPTED: Final = 130
"""What a shell makes of a process that Ctrl-C ended."""


def main() -> NoReturn:
    """Run the program of this process, and leave."""
    _prepare_streams()
    sys.exit(run(sys.argv, os.environ))


def _prepare_streams() -> None:
    """Let stdout and stderr take any text, even where a service manager has closed them."""
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name) or open(os.devnull, "w")  # noqa: PTH123, SIM115 - for good
        stream.reconfigure(errors="backslashreplace")
        setattr(sys, name, stream)


def run(argv: Sequence[str], environment: Mapping[str, str]) -> int:
    """Do what a command line asks for; return the exit code."""
    program = "geostore" if is_geostore(program_name(argv)) else "booth"
    try:
        return _run(argv, environment, program)
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        # Who read our answer has gone. Python would complain once more when it flushes.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED


def _run(argv: Sequence[str], environment: Mapping[str, str], program: str) -> int:
    try:
        request = parse(argv, environment)
    except MisplacedOptionError as error:
        Speaker(program).error(str(error))
        return FAILED
    except UsageError as error:
        sys.stderr.write(f"{error}\n")
        return FAILED
    return _dispatch(request, program)


def _dispatch(request: Request, program: str) -> int:
    # ruff: noqa: PLC0415 - see above
    match request:
        case Show():
            tell(request.text)
            return 0
        case DaemonOptions():
            from boothlab.daemon.app import run as run_daemon

            return run_daemon(request)
        case StatusOptions():
            from boothlab.daemon.status import run as run_status

            return run_status(request, Speaker(program, debugging=request.debug > 0))
        case CheckOptions():
            from boothlab.daemon.check_config import check_config

            return check_config(request.conf, as_json=request.json, out=sys.stdout)
        case ClientOptions() | GeostoreOptions():
            from boothlab.daemon.client.run import run as run_client

            return run_client(request, Speaker(program, debugging=request.debug > 0))
        case _:
            assert_never(request)
