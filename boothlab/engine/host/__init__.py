"""An engine where there is none: start or install the distribution's own, or tell the one command."""

from boothlab.engine.host.decide import Action, Facts, decide
from boothlab.engine.host.ensure import EngineStartError, ensure_engine, gather

__all__ = ["Action", "EngineStartError", "Facts", "decide", "ensure_engine", "gather"]
