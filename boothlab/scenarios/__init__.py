"""What is done to a cluster, who plays it, and what is expected of it.

A scenario is a function that is given a ``Testbed``. ``catalogue`` has all of them,
``runner`` plays one on a lab and judges the history that comes out of it.
"""
