"""The clients: each a thread that does one kind of work until it is told to end, through every kill.

A call that the kill cut off has an unknown end; a call that was answered is a fact. Any 5xx is a fault, and so is a
refusal that the work does not expect.
"""

from __future__ import annotations

import hashlib
import random
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from bench.chaos.facts import Facts
from bench.chaos.scene import BUCKET, Scene, job_requests

__all__ = ["CutOffError", "Load", "digest", "run", "started"]

_PART = 5 * 1024 * 1024
_ENDED = {"Completed", "Failed", "Stopped"}


def digest(body: bytes) -> str:
    """What a content is known by."""
    return hashlib.sha256(body).hexdigest()


class CutOffError(Exception):
    """Nobody knows what became of the call."""


class Load:
    """Everything that the clients share.

    Attributes:
        up: set while a server is thought to listen.
        over: set when the clients are to end.
    """

    def __init__(self, scene: Scene, facts: Facts, seed: int) -> None:
        self.scene = scene
        self.facts = facts
        self.seed = seed
        self.up = threading.Event()
        self.over = threading.Event()
        self.unknown = 0

    def client(self, number: int, service: str) -> Client:
        """A client of one thread."""
        return Client(self, self.scene.client(service), random.Random(f"{self.seed} {number} {service}"))


class Client:
    """One boto3 client under the load's rules."""

    def __init__(self, load: Load, boto: Any, source: random.Random) -> None:
        self.load = load
        self.facts = load.facts
        self.source = source
        self._boto = boto

    def __call__(self, operation: str, *, expect: tuple[str, ...] = (), **params: Any) -> Any:
        """One call.

        Args:
            operation: the method.
            expect: error codes that are an answer; None is returned then.

        Raises:
            CutOffError: the server was killed meanwhile, or was not there.
        """
        try:
            answer = getattr(self._boto, operation)(**params)
        except ClientError as error:
            self.facts.called()
            code = error.response["Error"]["Code"]
            if code not in expect:
                self.facts.complain(f"{operation}: {error}")
                raise CutOffError from error
            return None
        except BotoCoreError as error:
            self.load.unknown += 1
            raise CutOffError from error
        if len(answer) == 1 and answer["ResponseMetadata"]["HTTPHeaders"].get("content-length", "0") > "2":
            raise CutOffError  # botocore takes a head whose body never came for an empty answer
        self.facts.called()
        return answer

    def pause(self) -> None:
        """Wait for the next server, or a moment."""
        self.load.over.wait(0.02)
        while not self.load.up.wait(0.1) and not self.load.over.is_set():
            pass


def _objects(number: int, load: Load) -> Callable[[], None]:
    s3 = load.client(number, "s3")

    def work() -> None:
        key = f"objects/{number}/{s3.source.randrange(40)}"
        if s3.source.random() < 0.15:
            with load.facts.writing("object", key, None):
                s3("delete_object", Bucket=BUCKET, Key=key)
            return
        body = s3.source.randbytes(s3.source.choice([0, 10, 5_000, 400_000]))
        with load.facts.writing("object", key, digest(body)):
            s3("put_object", Bucket=BUCKET, Key=key, Body=body)
        found = s3("get_object", Bucket=BUCKET, Key=key)
        try:
            read = found["Body"].read()
        except BotoCoreError as error:  # cut off in the middle
            raise CutOffError from error
        if read != body:
            load.facts.complain(f"{key}: read something else than was just written")

    return work


def _parts(number: int, load: Load) -> Callable[[], None]:
    """One upload at a time, which goes on after a kill where it was."""
    s3 = load.client(number, "s3")
    state: dict[str, Any] = {}

    def work() -> None:
        if not state:
            key = f"parts/{number}/{s3.source.randrange(8)}"
            answer = s3("create_multipart_upload", Bucket=BUCKET, Key=key)
            bodies = [s3.source.randbytes(_PART), s3.source.randbytes(1000)]
            state.update(key=key, id=answer["UploadId"], bodies=bodies, parts={})
        where = {"Bucket": BUCKET, "Key": state["key"], "UploadId": state["id"]}
        for index, body in enumerate(state["bodies"], start=1):
            if index not in state["parts"]:
                state["parts"][index] = s3("upload_part", **where, PartNumber=index, Body=body)["ETag"]
        parts = [{"PartNumber": index, "ETag": tag} for index, tag in sorted(state["parts"].items())]
        value = digest(b"".join(state["bodies"]))
        key = state["key"]
        state.clear()
        with load.facts.writing("object", key, value):
            s3("complete_multipart_upload", **where, MultipartUpload={"Parts": parts})

    return work


def _registry(number: int, load: Load) -> Callable[[], None]:
    sagemaker = load.client(number, "sagemaker")
    group = f"group-{number}"
    made: list[str] = []

    def work() -> None:
        if not made:
            sagemaker(
                "create_model_package_group", ModelPackageGroupName=group, expect=("ValidationException",)
            )
        if len(made) < 2 or sagemaker.source.random() < 0.2:
            answer = sagemaker(
                "create_model_package",
                ModelPackageGroupName=group,
                ModelApprovalStatus="PendingManualApproval",
            )
            arn = answer["ModelPackageArn"]
            made.append(arn)
            with load.facts.writing("approval", arn, "PendingManualApproval"):
                return
        arn = sagemaker.source.choice(made)
        status = sagemaker.source.choice(["Approved", "Rejected"])
        with load.facts.writing("approval", arn, status):
            sagemaker("update_model_package", ModelPackageArn=arn, ModelApprovalStatus=status)

    return work


def _tags(number: int, load: Load) -> Callable[[], None]:
    sagemaker, ssm = load.client(number, "sagemaker"), load.client(number, "ssm")
    arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/chaos"

    def work() -> None:
        value = uuid.uuid4().hex
        key = f"key-{number}-{sagemaker.source.randrange(10)}"
        if sagemaker.source.random() < 0.5:
            with load.facts.writing("tag", (arn, key), value):
                sagemaker("add_tags", ResourceArn=arn, Tags=[{"Key": key, "Value": value}])
        else:
            with load.facts.writing("parameter", key, value):
                ssm("put_parameter", Name=key, Value=value, Type="String", Overwrite=True)

    return work


def started(call: Client, token: str) -> str:
    """Start the pipeline until that is acknowledged; the token makes it one execution."""
    answer = call("start_pipeline_execution", PipelineName="chaos", ClientRequestToken=token)
    return str(answer["PipelineExecutionArn"])


def _executions(number: int, load: Load) -> Callable[[], None]:
    sagemaker = load.client(number, "sagemaker")
    state: dict[str, str] = {}

    def work() -> None:
        if "arn" not in state:
            token = state.setdefault("token", uuid.uuid4().hex)
            with load.facts.writing("token", token, "there"):
                state["arn"] = started(sagemaker, token)
            with load.facts.writing("execution", state["arn"], token):
                pass
        arn = state["arn"]
        deadline = time.monotonic() + 60
        while not load.over.is_set():
            answer = sagemaker("describe_pipeline_execution", PipelineExecutionArn=arn)
            sagemaker("list_pipeline_execution_steps", PipelineExecutionArn=arn)
            if answer["PipelineExecutionStatus"] not in {"Executing", "Stopping"}:
                with load.facts.writing("ended", arn, answer["PipelineExecutionStatus"]):
                    break
            if time.monotonic() > deadline:
                load.facts.complain(f"{arn} does not end")
                break
            load.over.wait(0.2)
        state.clear()

    return work


def _jobs(number: int, load: Load) -> Callable[[], None]:
    sagemaker = load.client(number, "sagemaker")
    requests = job_requests(load.scene.script)
    state: dict[str, str] = {}

    def work() -> None:
        if "name" not in state:
            kind = sagemaker.source.choice(sorted(requests))
            name = f"{kind.lower()}-{uuid.uuid4().hex[:12]}"
            with load.facts.writing("job", (kind, name), "there"):
                sagemaker(f"create_{kind.lower()}_job", **requests[kind](name))
            state.update(kind=kind, name=name)
        kind, name = state["kind"], state["name"]
        deadline = time.monotonic() + 60
        while not load.over.is_set():
            answer = sagemaker(f"describe_{kind.lower()}_job", **_named(kind, name))
            if answer[f"{kind}JobStatus"] in _ENDED:
                with load.facts.writing("outcome", (kind, name), answer[f"{kind}JobStatus"]):
                    break
            if time.monotonic() > deadline:
                load.facts.complain(f"{name} does not end")
                break
            load.over.wait(0.2)
        state.clear()

    return work


def _named(kind: str, name: str) -> dict[str, Any]:
    return {f"{kind}JobName": name}


_KINDS = (_objects, _objects, _parts, _registry, _tags, _executions, _executions, _executions, _jobs, _jobs)


def run(load: Load) -> list[threading.Thread]:
    """Start the clients."""
    threads = []
    for number, kind in enumerate(_KINDS):
        thread = threading.Thread(
            target=_go, args=(load, kind, number), name=f"{kind.__name__}-{number}", daemon=True
        )
        thread.start()
        threads.append(thread)
    return threads


def _go(load: Load, kind: Callable[[int, Load], Callable[[], None]], number: int) -> None:
    work = kind(number, load)
    pause = load.client(number, "s3").pause
    while not load.over.is_set():
        try:
            work()
            load.over.wait(0.03)
        except CutOffError:
            pause()
        except Exception as error:  # noqa: BLE001 - border of a thread: told at the end
            load.facts.complain(f"{kind.__name__}: {type(error).__name__}: {error}")
