"""A lab, a chaos suite and a conformance kit for Booth, the ticket manager of Pacemaker."""

__version__ = "0.1.0"
