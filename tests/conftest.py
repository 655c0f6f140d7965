"""For all tests."""

import os
import signal

from hypothesis import HealthCheck, settings

pytest_plugins = ["pytester"]

# A slow machine is no failure. CI repeats the same examples, so that what fails there fails here.
settings.register_profile(
    "boothlab",
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
    derandomize=bool(os.environ.get("CI")),
)
settings.load_profile("boothlab")

# Started in the background by a script, this process ignores Ctrl-C, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)
