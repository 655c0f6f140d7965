"""From started containers to a working lab: the files they get and the steps they run.

``pcs`` is the article, with the real tools; ``direct`` puts finished files in before
the nodes start; ``standalone`` does the same for members without Pacemaker.
"""
