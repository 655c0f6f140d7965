"""What a run was like, for people and for CI: a page with a timeline, JUnit XML, a summary, JSON.

``timeline`` lays a history out, ``thinning`` keeps it small, ``page``, ``junit``, ``summary`` and
``document`` write it down, and ``folder`` knows where. Nothing here judges: verdicts come from
``boothlab.checkers``.
"""
