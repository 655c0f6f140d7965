"""The lab: topology, images, networks, nodes, provisioning, reset, teardown.

The engine knows no faults, no scenarios and no checkers.
"""
