"""Whom the daemon becomes, and what ps shows of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

from boothlab.core.config.model import Role, Users
from boothlab.daemon import process
from boothlab.daemon.process import Identity

NOBODY = Identity(65534, 65534)


@pytest.mark.parametrize(
    ("users", "role", "expected", "problems"),
    [
        (Users(site_user="root", site_group="root"), Role.SITE, Identity(0, 0), []),
        (Users(arbitrator_user="root", arbitrator_group="daemon"), Role.ARBITRATOR, Identity(0, 1), []),
        (Users(site_user="77", site_group="88"), Role.SITE, Identity(77, 88), []),
        (Users(), Role.ARBITRATOR, NOBODY, []),
        (
            Users(site_user="ghost", site_group="root"),
            Role.SITE,
            NOBODY,
            ['User "ghost" cannot be resolved into a UID.', "running as nobody instead"],
        ),
        (
            Users(site_user="root", site_group="ghosts"),
            Role.SITE,
            Identity(0, 0),
            ['Group "ghosts" cannot be resolved into a UID.'],
        ),
    ],
)
def test_users_are_resolved_by_role_and_never_to_a_number_nobody_has(
    users: Users, role: Role, expected: Identity, problems: list[str]
) -> None:
    assert process.identity(users, role) == (expected, problems)


SHOW = """
import os, subprocess, sys
from boothlab.daemon import process
process.set_title(sys.argv[1], "boothd")
print(open("/proc/self/cmdline").read().rstrip(chr(0)))
print(open("/proc/self/comm").read(), end="")
print(subprocess.run(["sh", "-c", "echo $KEPT"], capture_output=True, text=True, env=None).stdout, end="")
"""


@pytest.mark.parametrize("title", ["t", "boothd /etc/booth/booth.conf site for [192.0.2.1]:9929" + "x" * 400])
def test_a_title_of_any_length_is_shown_and_the_environment_stays(title: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", SHOW, title],
        env={"KEPT": "still here", "PADDING": "y" * 1000, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )

    assert shown.stdout.splitlines() == [title, "boothd", "still here"]
