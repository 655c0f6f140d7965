"""What happened in a run: one format for the simulation and for labs.

``header`` says what took part, ``records`` and ``observations`` what happened and what was
seen. A ``Recorder`` gives each record its index and its time; ``store`` writes and reads files.
Nothing here judges; that is the business of ``boothlab.checkers``.
"""
