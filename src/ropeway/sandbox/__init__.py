"""The sandbox: an AWS-compatible endpoint on one machine, where jobs, pipelines and objects are real.

A call's way: ``server`` (sockets) → ``edge`` (which operation, is the input valid) → ``operations`` (one small
function each) → ``domain`` (what it means) → ``ports``, which ``store`` (SQLite, files) and ``runners``
(processes) implement; ``compose`` puts them together. Whatever Ropeway does not own goes to moto, unpatched.
"""
