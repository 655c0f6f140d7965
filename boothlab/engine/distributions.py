"""What differs between the distributions of the nodes: data, in this one place.

Provisioning and image building read it; neither asks which distribution it is.
Paths are those inside a node.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from boothlab.engine.topology.model import Distribution


# Older than any release here, so that all take it and raise it to their own.
_CIB_OF_ANY_PACEMAKER_2: Final = MappingProxyType(
    {"crm_feature_set": "3.1.0", "validate-with": "pacemaker-3.2"}
)


@dataclass(frozen=True, kw_only=True)
class DistributionData:
    """One distribution, as the lab has to know it."""

    title: str
    """Its name for people."""
    image: str
    """Folder of its node image under ``lab/images``."""
    bases: tuple[str, ...]
    """Short names of base images that can be pulled, by preference."""
    debootstrap_suite: str | None = None
    """Suite that debootstrap can make a base image of."""

    apache_config: str
    """``configfile`` of ocf:heartbeat:apache."""
    document_root: str = "/var/www/html"
    """Folder of Apache's pages."""
    python: str = "/usr/bin/python3"
    """A Python of version 3.11 or newer, which runs boothlab's own Booth."""
    has_firewalld: bool
    """Whether firewalld is in the image, so that the article's service is enabled in it."""
    booth_globals: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Options that this Booth needs in booth.conf; where there are any, its pcs writes them itself."""
    cib_attributes: Mapping[str, str] = field(default_factory=lambda: _CIB_OF_ANY_PACEMAKER_2)
    """Attributes of the root of a CIB that is put in before Pacemaker's first start."""


def _rocky(release: str) -> DistributionData:
    return DistributionData(
        title=f"Rocky Linux {release}",
        image="rocky",
        bases=(f"rockylinux:{release}", f"rockylinux/rockylinux:{release}"),
        apache_config="/etc/httpd/conf/httpd.conf",
        python="/usr/bin/python3.11",  # its python3 is older, and the system's own
        has_firewalld=True,
        # Its fix of CVE-2022-2553 keeps old configurations working: without this
        # option Booth goes on ignoring authfile.
        booth_globals=MappingProxyType({"enable-authfile": "yes"}),
    )


DISTRIBUTIONS: Final[Mapping[Distribution, DistributionData]] = MappingProxyType(
    {
        "rocky8": _rocky("8"),
        "rocky9": _rocky("9"),
        "debian12": DistributionData(
            title="Debian 12",
            image="debian",
            bases=("debian:bookworm-slim",),
            debootstrap_suite="bookworm",
            apache_config="/etc/apache2/apache2.conf",
            has_firewalld=False,
        ),
    }
)
"""Every distribution a topology can name."""
