"""What a server before left of ended jobs is removed; what this one has begun stays."""

from __future__ import annotations

from tests.sandbox.jobs.conftest import World, wait_for


def test_only_what_the_server_before_left_is_removed(world: World) -> None:
    gone = world.state / "jobs" / "111111111111" / "eu-west-1" / "processing-job" / "ended" / "work"
    kept = gone.parents[1] / "unfinished" / "work"
    for folder in (gone, kept):
        (folder / "inputs").mkdir(parents=True)
    # Begun by a pipeline that went on before the jobs of the server before were looked at.
    job = world.processing("sh", "-c", "echo up; while [ ! -e /opt/ml/processing/go ]; do sleep 0.05; done")
    world.runner.launch(job)
    workspace = world.state / "jobs" / job.account / job.region / job.kind.value / job.name / "work"
    wait_for(lambda: (workspace.parent / "output.log").is_file() and "up" in world.log(job))

    world.runner.tidy(["arn:aws:sagemaker:eu-west-1:111111111111:processing-job/unfinished"])
    assert not gone.exists()
    assert kept.is_dir()
    assert workspace.is_dir()
    world.runner.stop(job.arn)
    assert world.reports.wait(job.arn).status == "Stopped"
