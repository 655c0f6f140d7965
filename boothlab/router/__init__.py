"""The program in the lab's router that keeps the faults of the network: which there are, and their work.

It runs there as one file of plain Python (see ``boothlab.faults.router``), so it needs the
standard library alone. What is lost entirely is the kernel's business (nftables). What is
late, doubled, damaged or lost by chance passes through this program (NFQUEUE), the same on
every kernel, and with chances that a seed repeats.
"""
