"""What ``--help`` and ``--version`` print."""

from __future__ import annotations

from typing import Final

import boothlab

BOOTH_HELP: Final = """\
Usage:
  booth list    [-s SITE] [--json]             show who holds each ticket, and until when
  booth peers   [-s SITE] [--json]             show what a member heard of the others
  booth grant   [-s SITE] [-F] [-w|-C] [TICKET]  give a ticket to a site
  booth revoke  [-s SITE] [-w] [TICKET]        take a ticket back
  booth status  [-S] [-l FILE] [--json]        tell whether the daemon of this machine runs
  boothd daemon [-S] [-D] [-l FILE] [--metrics [ADDRESS:]PORT]
                                               be a member: a site or an arbitrator, as configured
  boothd check-config [CONF] [--json]          check a configuration, and show what it means

Options:
  -c CONF      the configuration: a path, or NAME for /etc/booth/NAME.conf
               (default: /etc/booth/booth.conf)
  -s SITE      ask this member instead of the local one: its address, a host name, or
               "other" for the only other site; daemon, with -D: be this member
  -t TICKET    the ticket, as the last word; both may be left out if only one is configured
  -F           grant at once, even if a site cannot be reached; a manual ticket, even if
               another site has it. Make sure yourself that no other site runs its resources!
  -w           wait as long as it takes for the outcome
  -C           wait until Pacemaker has been told (grant)
  -S           daemon: stay in the foreground and log to stderr; status: tell the reason
  -l FILE      the lock file (default: /var/run/booth/NAME.pid)
  -D           tell more; twice: still more
  --json       print JSON
  --metrics [ADDRESS:]PORT
               serve metrics in Prometheus' text format; without an address on this machine
               only. The variable BOOTHD_METRICS does the same. Off by default
  -h, --help   print this
  -V, --version  print the version (as the first word)

Without -w, grant and revoke wait until the outcome is known or the third message says that
it takes longer, but at most two minutes; then "booth list" shows it. No other command waits
longer than two minutes.

Exit status: 0 done (also when a commit is pending, or the outcome not known in time);
1 failed; 2 list and peers: no such site; 7 status: not running; 130 interrupted.

Examples:
  booth list
  booth grant ticket-A                      to the site where this is typed
  booth grant -s 192.168.101.100 ticket-A   to another one
  booth revoke ticket-A                     wherever it is
"""

GEOSTORE_HELP: Final = """\
Usage:
  geostore set    [-t TICKET] [-s SITE] NAME VALUE   set an attribute of a ticket
  geostore get    [-t TICKET] [-s SITE] NAME         print an attribute's value
  geostore delete [-t TICKET] [-s SITE] NAME         delete an attribute
  geostore list   [-t TICKET] [-s SITE]              print all attributes: name, value, when set

Attributes belong to one site: what is set there is not known to the others.

Options:
  -c CONF      the configuration: a path, or NAME for /etc/booth/NAME.conf
               (default: /etc/booth/booth.conf)
  -t TICKET    the ticket; may be left out if only one is configured
  -s SITE      ask this site instead of the local one: its address, a host name, or "other"
               for the only other site
  -D           tell more
  -h, --help   print this
  -V, --version  print the version (as the first word)

Exit status: 0 done; 1 failed; 2 get and list: no such site; 130 interrupted.

Examples:
  geostore set -t ticket-A sr_status ACTIVE
  geostore get -t ticket-A -s other sr_status
"""


def version() -> str:
    """Return the program's version."""
    return boothlab.__version__
