"""For all tests."""

import os

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
