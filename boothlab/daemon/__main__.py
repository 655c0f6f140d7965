"""``python -m boothlab.daemon``."""

from __future__ import annotations

from boothlab.daemon.main import main

main()
