"""The Booth protocol and the ticket's state machine: pure, standard library only.

Nothing here reads a clock, a socket, a file or a global source of randomness. The
daemon and the simulator are two shells around the same ``Member``.
"""
