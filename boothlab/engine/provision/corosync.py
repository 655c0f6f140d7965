"""corosync.conf, in the form pcs writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from boothlab.engine.topology.model import Site


def render(site: Site) -> str:
    """Return corosync.conf for a site's cluster."""
    nodes = "".join(
        "    node {\n"
        f"        ring0_addr: {address}\n"
        f"        name: {name}\n"
        f"        nodeid: {number}\n"
        "    }\n"
        for number, (name, address) in enumerate(site.nodes.items(), start=1)
    )
    two_nodes = "    two_node: 1\n" if len(site.nodes) == 2 else ""  # noqa: PLR2004 - that is its name
    return (
        "totem {\n"
        "    version: 2\n"
        f"    cluster_name: {site.cluster_name}\n"
        "    transport: knet\n"
        "    crypto_cipher: aes256\n"
        "    crypto_hash: sha256\n"
        "}\n"
        f"nodelist {{\n{nodes}}}\n"
        f"quorum {{\n    provider: corosync_votequorum\n{two_nodes}}}\n"
        "logging {\n"
        "    to_logfile: yes\n"
        "    logfile: /var/log/corosync/corosync.log\n"
        "    to_syslog: yes\n"
        "    timestamp: on\n"
        "}\n"
    )
