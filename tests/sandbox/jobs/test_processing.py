"""Processing jobs: what goes in, what comes out, and everything that goes wrong."""

from __future__ import annotations

import gzip
import io
import json
import os
import tarfile
from pathlib import Path

import pytest

from tests.sandbox.jobs.conftest import Build, World, s3_input, s3_output, wait_for, wheel

IN = "/opt/ml/processing/in"
OUT = "/opt/ml/processing/out"
RUNGS = ("mount", "user", "path")


def outputs(uri: str = "s3://bucket/out", mode: str = "EndOfJob") -> dict[str, object]:
    return {"Outputs": [s3_output("out", uri, OUT, mode)]}


def left_over(world: World) -> list[str]:
    """Processes and mounts that still know the state folder; other sandboxes of the machine may run jobs too."""
    state = str(world.state.resolve())
    tail = "/".join(Path(state).parts[-3:])  # a mount tells its source from its file system's root on
    found = []
    for pid in (entry.name for entry in Path("/proc").iterdir() if entry.name.isdigit()):
        try:
            words = Path("/proc", pid, "cmdline").read_text(encoding="utf-8", errors="replace")
            mounts = Path("/proc", pid, "mountinfo").read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        mounted = any(tail in line and " /opt/ml" in line for line in mounts.splitlines())
        if (state in words and "spawner" not in words) or mounted:
            found.append(words)
    return found


@pytest.mark.parametrize("force", RUNGS)
def test_a_script_reads_inputs_and_writes_outputs_under_opt_ml(build: Build, force: str) -> None:
    world = build(force=force)
    world.put("s3://bucket/in/a/one.txt", "one")
    world.put("s3://bucket/in/two.txt", "two")
    script = (
        "import pathlib\n"
        f"texts = [p.read_text() for p in sorted(pathlib.Path('{IN}').rglob('*.txt'))]\n"
        f"pathlib.Path('{OUT}/sub').mkdir()\n"
        f"open('{OUT}/sub/all', 'w').write('+'.join(texts))\n"
    )
    job = world.processing(
        "python3",
        "-c",
        script,
        ProcessingInputs=[s3_input("in", "s3://bucket/in", IN)],
        ProcessingOutputConfig=outputs(),
    )
    outcome = world.run(job)
    assert outcome.status == "Completed", (outcome, world.log(job))
    assert world.objects.text("s3://bucket/out/sub/all") == "one+two"


def test_a_single_object_lands_under_its_own_name(world: World) -> None:
    world.put("s3://bucket/code/script.py", "print('ran', __file__)")
    inputs = [s3_input("code", "s3://bucket/code/script.py", "/opt/ml/processing/input/code")]
    job = world.processing("python3", "/opt/ml/processing/input/code/script.py", ProcessingInputs=inputs)
    assert world.run(job).status == "Completed"
    assert "ran /opt/ml/processing/input/code/script.py" in world.log(job)


def test_a_manifest_names_the_inputs(world: World) -> None:
    world.put("s3://bucket/pool/a", "A")
    world.put("s3://bucket/pool/b", "B")
    world.put("s3://bucket/pool/c", "C")
    uri = world.put("s3://bucket/list.manifest", json.dumps([{"prefix": "s3://bucket/pool/"}, "a", "c"]))
    inputs = [s3_input("in", uri, IN, S3DataType="ManifestFile")]
    job = world.processing("/bin/sh", "-c", f"cat {IN}/*", ProcessingInputs=inputs)
    assert world.run(job).status == "Completed"
    assert "AC" in world.log(job)


def test_compressed_inputs_are_decompressed(world: World) -> None:
    world.put("s3://bucket/packed/rows.csv.gz", gzip.compress(b"1,2"))
    inputs = [s3_input("in", "s3://bucket/packed/", IN, S3CompressionType="Gzip")]
    job = world.processing("/bin/sh", "-c", f"cat {IN}/rows.csv", ProcessingInputs=inputs)
    assert world.run(job).status == "Completed"
    assert "1,2" in world.log(job)


@pytest.mark.parametrize("force", RUNGS)
def test_a_job_that_changes_its_inputs_changes_nothing_in_the_store(build: Build, force: str) -> None:
    world = build(force=force)
    for name in ("changed", "removed"):
        world.put(f"s3://bucket/in/{name}", "before")
    script = f"import os; open('{IN}/changed', 'w').write('after'); os.remove('{IN}/removed')"
    job = world.processing(
        "python3",
        "-c",
        script,
        ProcessingInputs=[s3_input("in", "s3://bucket/in", IN)],
        ProcessingOutputConfig={"Outputs": [s3_output("back", "s3://bucket/back", IN)]},
    )
    outcome = world.run(job)
    assert outcome.status == "Completed", (outcome, world.log(job))
    assert world.objects.text("s3://bucket/in/changed") == "before"
    assert world.objects.text("s3://bucket/in/removed") == "before"
    assert [found.key for found in world.objects.list("", "bucket", "back/")] == ["back/changed"]
    assert world.objects.text("s3://bucket/back/changed") == "after"


def test_links_are_not_uploaded(world: World) -> None:
    script = f"echo x > {OUT}/file; ln -s file {OUT}/link"
    job = world.processing("/bin/sh", "-c", script, ProcessingOutputConfig=outputs())
    assert world.run(job).status == "Completed"
    assert [found.key for found in world.objects.list("", "bucket", "out/")] == ["out/file"]


def test_continuous_outputs_are_there_while_the_job_runs(world: World) -> None:
    script = f"echo x > {OUT}/early; sleep 30"
    job = world.processing(
        "/bin/sh", "-c", script, ProcessingOutputConfig=outputs("s3://bucket/live", "Continuous")
    )
    world.runner.launch(job)
    early = world.objects.folder / "bucket/live/early"
    wait_for(early.exists)
    assert job.arn not in world.reports.outcomes
    world.runner.stop(job.arn)
    assert world.reports.wait(job.arn).status == "Stopped"


def test_a_job_has_its_configuration_and_variables(world: World) -> None:
    script = (
        "import json, os, pathlib\n"
        "config = json.loads(pathlib.Path('/opt/ml/config/processingjobconfig.json').read_text())\n"
        "hosts = json.loads(pathlib.Path('/opt/ml/config/resourceconfig.json').read_text())\n"
        "keep = ['AWS_REGION', 'AWS_ENDPOINT_URL', 'COLOUR', 'VIRTUAL_ENV', 'AWS_PROFILE', 'AWS_ACCESS_KEY_ID']\n"
        "print('RESULT', json.dumps([config['ProcessingJobArn'], hosts['current_host'],\n"
        "                            {name: os.environ.get(name) for name in keep}]))\n"
    )
    os.environ["AWS_PROFILE"] = "mine"
    os.environ["VIRTUAL_ENV"] = "/somewhere"
    try:
        job = world.processing("python3", "-c", script, Environment={"COLOUR": "red"})
        assert world.run(job).status == "Completed"
    finally:
        del os.environ["AWS_PROFILE"], os.environ["VIRTUAL_ENV"]
    line = next(line for line in world.log(job).splitlines() if line.startswith("RESULT "))
    arn, host, env = json.loads(line.removeprefix("RESULT "))
    assert (arn, host) == (job.arn, "algo-1")
    assert env["AWS_REGION"] == "eu-west-1"
    assert env["AWS_ENDPOINT_URL"] == "http://127.0.0.1:4566"
    assert env["COLOUR"] == "red"
    assert env["VIRTUAL_ENV"] is None
    assert env["AWS_PROFILE"] is None
    assert world.sessions.caller(env["AWS_ACCESS_KEY_ID"]).arn.endswith("assumed-role/Worker/SageMaker")


def test_the_log_goes_to_cloudwatch_before_the_end_is_told(world: World) -> None:
    job = world.processing("/bin/sh", "-c", "echo one; echo; echo two >&2; printf three")
    assert world.run(job).status == "Completed"
    assert world.peers.messages == ["one", " ", "two", "three"]
    names = [params for call, params in world.peers.calls if call == "logs:PutLogEvents"]
    assert names[0]["logGroupName"] == "/aws/sagemaker/ProcessingJobs"
    assert str(names[0]["logStreamName"]).startswith(f"{job.name}/algo-1-")


def test_a_script_that_raises_fails_the_job_and_keeps_what_it_wrote(world: World) -> None:
    script = f"open('{OUT}/partial', 'w').write('x'); raise ValueError('no such column')"
    job = world.processing("python3", "-c", script, ProcessingOutputConfig=outputs())
    outcome = world.run(job)
    assert outcome.status == "Failed"
    assert outcome.failure_reason == "AlgorithmError: , exit code: 1"
    assert any("ValueError: no such column" in message for message in world.peers.messages)
    assert world.objects.text("s3://bucket/out/partial") == "x"


def test_a_script_s_own_reason_and_message_are_told(world: World) -> None:
    script = "cd /opt/ml/output; echo rows missing > failure; echo 12 rows > message; exit 3"
    outcome = world.run(world.processing("/bin/sh", "-c", script))
    assert outcome.failure_reason == "AlgorithmError: rows missing, exit code: 3"
    assert outcome.exit_message == "12 rows"


def test_a_killed_script_has_the_signal_in_its_exit_code(world: World) -> None:
    outcome = world.run(world.processing("/bin/sh", "-c", "kill -9 $$"))
    assert outcome.failure_reason == "AlgorithmError: , exit code: 137"


def test_a_program_that_does_not_exist_fails_with_127(world: World) -> None:
    job = world.processing("no-such-program")
    assert world.run(job).failure_reason == "AlgorithmError: , exit code: 127"
    assert "no-such-program" in world.log(job)


def test_a_missing_input_is_named(world: World) -> None:
    inputs = [s3_input("in", "s3://bucket/nothing", IN)]
    outcome = world.run(world.processing("true", ProcessingInputs=inputs))
    assert outcome.status == "Failed"
    assert str(outcome.failure_reason).startswith("ClientError: ")
    assert "s3://bucket/nothing" in str(outcome.failure_reason)


def test_a_missing_bucket_is_named(world: World) -> None:
    inputs = [s3_input("in", "s3://no-bucket/x", IN)]
    outcome = world.run(world.processing("true", ProcessingInputs=inputs))
    assert "s3://no-bucket/x" in str(outcome.failure_reason)


def test_an_unknown_image_names_the_file_to_add_it_to(world: World) -> None:
    outcome = world.run(world.processing("true", image="example.com/own/image:1"))
    assert outcome.status == "Failed"
    assert "example.com/own/image:1" in str(outcome.failure_reason)
    assert ".ropeway/runtimes.toml" in str(outcome.failure_reason)


def test_an_image_of_one_s_own_runs_once_it_is_in_the_file(world: World) -> None:
    file = world.state.parent / "runtimes.toml"
    file.write_text('[[runtime]]\nname = "own"\nimage = "example.com/own/*"\nenv = {OWN = "yes"}\n')
    job = world.processing("/bin/sh", "-c", "echo own=$OWN", image="example.com/own/image:1")
    assert world.run(job).status == "Completed"
    assert "own=yes" in world.log(job)


def test_a_wrong_file_of_runtimes_fails_the_job_and_names_the_key(world: World) -> None:
    file = world.state.parent / "runtimes.toml"
    file.write_text('[[runtime]]\nname = "own"\nimage = "example.com/*"\nkind = "torch"\n')
    outcome = world.run(world.processing("true"))
    assert outcome.status == "Failed"
    assert "runtimes.toml: runtime[0].kind: must be one of" in str(outcome.failure_reason)


def test_a_job_over_its_time_is_stopped(world: World) -> None:
    job = world.processing("sleep", "60", StoppingCondition={"MaxRuntimeInSeconds": 1})
    outcome = world.run(job)
    assert outcome.status == "Stopped"
    assert "MaxRuntime" in str(outcome.failure_reason)


def test_a_script_that_ignores_the_stop_is_killed_after_its_grace(build: Build) -> None:
    world = build(grace=0.3)
    job = world.processing("/bin/sh", "-c", "trap '' TERM; echo up; while :; do sleep 0.1; done")
    world.runner.launch(job)
    wait_for(lambda: "up" in log_of(world, job.name))
    world.runner.stop(job.arn)
    assert world.reports.wait(job.arn).status == "Stopped"
    assert left_over(world) == []


def test_a_script_may_tidy_up_when_it_is_stopped(world: World) -> None:
    script = f"trap 'echo tidy > {OUT}/last; exit 0' TERM; echo up; while :; do sleep 0.1; done"
    job = world.processing("/bin/sh", "-c", script, ProcessingOutputConfig=outputs())
    world.runner.launch(job)
    wait_for(lambda: "up" in log_of(world, job.name))
    world.runner.stop(job.arn)
    assert world.reports.wait(job.arn).status == "Stopped"
    assert world.objects.text("s3://bucket/out/last") == "tidy\n"


def test_a_job_that_waits_for_a_slot_is_stopped_without_running(build: Build) -> None:
    world = build(slots=1)
    first = world.processing("sleep", "60")
    second = world.processing("/bin/sh", "-c", "echo ran")
    world.runner.launch(first)
    world.runner.launch(second)
    world.runner.stop(second.arn)
    assert world.reports.wait(second.arn).status == "Stopped"
    assert log_of(world, second.name) == ""
    world.runner.stop(first.arn)
    assert world.reports.wait(first.arn).status == "Stopped"


@pytest.mark.parametrize("force", ["mount", "user"])
def test_two_jobs_at_once_see_their_own_opt_ml(build: Build, force: str) -> None:
    world = build(force=force)
    script = f"echo $NAME > {OUT}/$NAME; while ! [ -e {world.state}/go ]; do sleep 0.05; done; ls {OUT}"
    jobs = [
        world.processing(
            "/bin/sh", "-c", script, Environment={"NAME": name}, ProcessingOutputConfig=outputs()
        )
        for name in ("a", "b")
    ]
    for job in jobs:
        world.runner.launch(job)
    wait_for(lambda: len(list(world.state.glob("jobs/*/*/*/*/work/algo-1/ml/processing/out/*"))) == 2)
    (world.state / "go").touch()
    for job, name in zip(jobs, ("a", "b"), strict=True):
        assert world.reports.wait(job.arn).status == "Completed"
        assert world.log(job).split() == [name]


def test_nothing_is_left_of_a_job_not_even_its_daemons(world: World) -> None:
    job = world.processing(
        "/bin/sh", "-c", f"setsid sleep 98765 & sleep 0.1; echo x > {OUT}/x", ProcessingOutputConfig=outputs()
    )
    assert world.run(job).status == "Completed"
    wait_for(lambda: not any("98765" in words for words in command_lines()))
    assert left_over(world) == []
    folder = world.state / "jobs/111111111111/eu-west-1/processing-job" / job.name
    wait_for(lambda: not (folder / "work").exists())


@pytest.mark.parametrize("ended", [False, True], ids=["still-running", "ended-meanwhile"])
def test_a_restarted_server_finishes_the_job(build: Build, ended: bool) -> None:
    first = build()
    script = f"echo up; while ! [ -e {first.state}/go ]; do sleep 0.05; done; echo done > {OUT}/result"
    job = first.processing("/bin/sh", "-c", script, ProcessingOutputConfig=outputs())
    first.runner.launch(job)
    wait_for(lambda: "up" in log_of(first, job.name))
    first.runner.close()
    first.processes.close()
    go = first.state / "go"
    if ended:
        go.touch()
        wait_for((first.state / "jobs").joinpath(*job_path(job.name), "work/algo-1/exit.json").exists)
    second = build()
    second.runner.recover(job)
    go.touch()
    assert second.reports.wait(job.arn).status == "Completed"
    assert second.objects.text("s3://bucket/out/result") == "done\n"
    assert job.arn not in first.reports.outcomes


def test_a_job_that_had_not_started_is_queued_again_after_a_restart(world: World) -> None:
    job = world.processing("/bin/sh", "-c", "echo ran")
    world.runner.recover(job)
    assert world.reports.wait(job.arn).status == "Completed"


def test_a_job_whose_process_is_lost_fails_and_says_why(world: World) -> None:
    job = world.processing("true")
    folder = (world.state / "jobs").joinpath(*job_path(job.name), "work/algo-1")
    folder.mkdir(parents=True)
    (folder / "process.json").write_text('{"pid": 1, "started": "0", "id": "x"}')
    world.runner.recover(job)
    outcome = world.reports.wait(job.arn)
    assert outcome.status == "Failed"
    assert "sandbox was restarted" in str(outcome.failure_reason)


def test_a_lost_job_stays_lost_when_the_server_dies_before_it_says_so(build: Build) -> None:
    first = build()
    job = first.processing("true")
    folder = (first.state / "jobs").joinpath(*job_path(job.name), "work/algo-1")
    folder.mkdir(parents=True)
    (folder / "process.json").write_text('{"pid": 1, "started": "0", "id": "x"}')
    first.runner.close()
    first.runner.recover(job)  # a runner that is closed starts nothing: it ends where a killed one would
    second = build()
    second.runner.recover(job)
    assert second.reports.wait(job.arn).status == "Failed"


def test_a_job_ends_even_when_its_log_cannot_be_kept(world: World) -> None:
    world.peers.broken = True
    assert world.run(world.processing("/bin/sh", "-c", "echo said")).status in {"Completed", "Failed"}


def test_pip_inside_a_job_installs_for_that_job_alone(world: World) -> None:
    name = "only_here-1.0-py3-none-any.whl"
    world.put(f"s3://bucket/wheels/{name}", wheel("only_here", "1.0", "WHERE = __file__\n"))
    script = (
        f"python3 -m pip install -q --no-index {IN}/{name} && "
        "python3 -c 'import only_here; print(only_here.WHERE)'"
    )
    inputs = [s3_input("in", "s3://bucket/wheels", IN)]
    job = world.processing("/bin/bash", "-c", script, ProcessingInputs=inputs)
    assert world.run(job).status == "Completed", world.log(job)
    assert f"{job.name}/work/python-" in world.log(job)
    again = world.processing("python3", "-c", "import only_here")
    assert world.run(again).status == "Failed"


def job_path(name: str) -> tuple[str, ...]:
    return ("111111111111", "eu-west-1", "processing-job", name)


def log_of(world: World, name: str) -> str:
    path = (world.state / "jobs").joinpath(*job_path(name), "output.log")
    return path.read_text(encoding="utf-8") if path.exists() else ""


def command_lines() -> list[str]:
    lines = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                lines.append((entry / "cmdline").read_text(encoding="utf-8", errors="replace"))
            except OSError:
                continue
    return lines


def test_a_framework_processor_s_shell_script_runs_as_it_is(world: World) -> None:
    """The shape of the SDK's runproc.sh: unpack the code, install its requirements, run it."""
    content = io.BytesIO()
    name = "only_here-1.0-py3-none-any.whl"
    files = {
        "main.py": b"import only_here, sys; print('ARGS', sys.argv[1:], only_here.VALUE)",
        "requirements.txt": f"--no-index\n./{name}\n".encode(),
        name: wheel("only_here", "1.0", "VALUE = 7\n"),
    }
    with tarfile.open(fileobj=content, mode="w:gz") as tar:
        for path, data in files.items():
            entry = tarfile.TarInfo(path)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    world.put("s3://bucket/fw/sourcedir.tar.gz", content.getvalue())
    runproc = (
        "#!/bin/bash\nset -e\ncd /opt/ml/processing/input/code/\ntar -xzf sourcedir.tar.gz\n"
        "if [[ -f 'requirements.txt' ]]; then\n  pip install -q -r requirements.txt\nfi\n"
        'python3 main.py "$@"\n'
    )
    world.put("s3://bucket/fw/runproc.sh", runproc)
    base = "/opt/ml/processing/input"
    job = world.processing(
        "/bin/bash",
        f"{base}/entrypoint/runproc.sh",
        ProcessingInputs=[
            s3_input("code", "s3://bucket/fw/sourcedir.tar.gz", f"{base}/code"),
            s3_input("entrypoint", "s3://bucket/fw/runproc.sh", f"{base}/entrypoint"),
        ],
        image="python:3.11",
    )
    request = dict(job.request)
    request["AppSpecification"] = {**request["AppSpecification"], "ContainerArguments": ["--size", "3"]}
    job = world.job(job.kind, request, "framework")
    assert world.run(job).status == "Completed", world.log(job)
    assert "ARGS ['--size', '3'] 7" in world.log(job)
