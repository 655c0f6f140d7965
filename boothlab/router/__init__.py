"""The program in the lab's router that keeps the faults of the network: which there are, and their work.

It runs there as one file of plain Python (see ``boothlab.faults.router``), so it needs the
standard library alone. What is lost entirely is the kernel's business (nftables). What is
late, doubled or lost by chance is the kernel's too where it has netem. Where it has not, and
what netem cannot do, passes through this program (NFQUEUE), the same on every kernel.
"""
