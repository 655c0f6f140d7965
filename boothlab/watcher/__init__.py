"""The program that looks, in a lab's router and nodes, and tells what it sees; it judges and changes nothing.

It runs there as one file of plain Python (see ``boothlab.observers``), so it needs the
standard library and the core alone. In the router it asks every member for its tickets and
peers: the router has a leg in each network, and what it sends itself no partition drops. In
a node it follows logs, the daemon's process and the CIB. All times are CLOCK_MONOTONIC,
which is the same in all containers, whatever a fault does to a wall clock.
"""
