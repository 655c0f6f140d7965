"""Parameters that differ between sites."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from boothlab.engine.topology.problems import Problem, write_one_of
from boothlab.engine.topology.rules import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from boothlab.engine.topology.model import Topology


def parameters_name_every_site(topology: Topology) -> Iterator[Problem]:
    """A parameter with a value per site has one for each site, and for nothing else."""
    sites = [site.name for site in topology.sites]
    for place, resource in walk.resources(topology):
        for key, values in resource.parameters.items():
            if not isinstance(values, dict):
                continue
            path = (*place, "parameters", key)
            missing = [site for site in sites if site not in values]
            for name in values:
                if name not in sites:
                    yield Problem(
                        (*path, name), f"there is no site {name!r}", write_one_of(name, missing or sites)
                    )
            if missing:
                named = ", ".join(f"{site}: ..." for site in missing)
                yield Problem(path, f"has no value for {_named(missing)}", f"add {named}")


def _named(sites: list[str]) -> str:
    return f"site {sites[0]}" if len(sites) == 1 else f"sites {', '.join(sites)}"


WHOLE: Final = (parameters_name_every_site,)
