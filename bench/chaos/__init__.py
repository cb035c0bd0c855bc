"""Kills a sandbox again and again while clients use it, and holds it to every answer that it gave.

``python -m bench.chaos --kills 200 --seed 1`` starts a sandbox by the command line, as a user would. Threads put and
delete objects, upload in parts, tag, register and approve versions, call moto's services, run pipelines (processing,
training, condition, Lambda, registration) and jobs (processing, training, transform). Meanwhile the server is killed
by SIGKILL at random moments: mostly it alone, sometimes the spawner of its jobs, sometimes both, sometimes a server
that is just starting. At the end everything is checked:

- what was acknowledged is there (``facts``), and no half object;
- every job ran at most once, and exactly once when it completed: jobs append to a file outside the sandbox;
- executions have ended, and those that failed can be retried and then succeed;
- everything lists and describes; no call was answered by a 5xx; each job's lines are in its log stream, once;
- after ``ropeway sandbox stop`` no process, no mount, no workspace is left.

    machine   the sandbox: start, kill, what is left
    scene     what the load needs: bucket, pipeline, function, model
    facts     what was acknowledged, and what may or may not have happened
    load      the clients
    verify    the checks
    campaign  puts them together
"""

from __future__ import annotations

from bench.chaos.campaign import Campaign, campaign

__all__ = ["Campaign", "campaign", "run"]


def run() -> list[dict[str, object]]:
    """A short campaign as a measurement."""
    return [campaign(Campaign(kills=20, seed=1)).row()]
