"""The program inside a Lambda worker: loads a handler once and answers one event after another.

Started as ``python lambda_bootstrap.py <requests fd> <answers fd>`` in the function's folder, with Lambda's
environment. Each line on the first descriptor is a request, each line on the second an answer, both JSON, so that
the function's own output on stdout and stderr is nothing but its log. Before the first answer a line says that the
handler is loaded and begins, for its time counts from there. With each answer a mark on stdout says that the log of
that invocation is complete. When the requests end (the server is gone, whatever it was that ended
it), the worker ends at once, in the middle of a handler too, with every process it has started.

Standard library only, and lazily: a cold start is mostly this file's imports.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, NoReturn

__all__ = ["main"]

Handler = Callable[[Any, Any], Any]
MARK = "\0ropeway-end "
READY = b"ready\n"


class Context:
    """What a handler gets as its second argument: names, limits and the time left."""

    def __init__(self, request: dict[str, Any]) -> None:
        self.aws_request_id: str = request["id"]
        self.invoked_function_arn: str = request["arn"]
        self.function_name = os.environ["AWS_LAMBDA_FUNCTION_NAME"]
        self.function_version = os.environ["AWS_LAMBDA_FUNCTION_VERSION"]
        self.memory_limit_in_mb = os.environ["AWS_LAMBDA_FUNCTION_MEMORY_SIZE"]
        self.log_group_name = os.environ["AWS_LAMBDA_LOG_GROUP_NAME"]
        self.log_stream_name = os.environ["AWS_LAMBDA_LOG_STREAM_NAME"]
        self.identity = None
        self.client_context = request.get("client_context")
        self._deadline = time.monotonic() + request["seconds"]

    def get_remaining_time_in_millis(self) -> int:
        """Milliseconds until the function's timeout."""
        return max(0, int((self._deadline - time.monotonic()) * 1000))

    def log(self, message: object) -> None:
        """Write to the log without a line's end."""
        sys.stdout.write(str(message))


class _InitError(Exception):
    """The handler cannot be loaded; ``answer`` is Lambda's error object."""

    def __init__(self, kind: str, message: str, trace: list[str] | None = None) -> None:
        super().__init__(message)
        self.answer = {"errorMessage": message, "errorType": kind, "stackTrace": trace or []}


def main() -> None:
    """Serve until the requests end."""
    requests, answers = int(sys.argv[1]), int(sys.argv[2])
    for descriptor in (requests, answers):
        os.set_inheritable(descriptor, False)
    inbox: SimpleQueue[dict[str, Any]] = SimpleQueue()
    threading.Thread(target=_receive, args=(requests, inbox), daemon=True).start()
    sys.path[0] = os.environ["LAMBDA_TASK_ROOT"]
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]  # a killed function's lines are there
    own = os.getpid()
    current = {"id": ""}
    _set_up_logging(current)
    handler: Handler | None = None
    while True:
        request = inbox.get()
        current["id"] = request["id"]
        os.environ["_X_AMZN_TRACE_ID"] = f"Root=1-00000000-{request['id'].replace('-', '')[:24]};Sampled=0"
        try:
            if handler is None:
                handler = _load(os.environ["_HANDLER"])
                os.write(answers, READY)
            answer = _run(handler, request)
        except _InitError as error:
            answer = json.dumps({"error": error.answer, "init": True})
        if os.getpid() != own:  # a process that the handler forked, and that came back from it
            sys.stdout.flush()
            os._exit(0)
        _answer(answers, answer, request["id"])


def _receive(descriptor: int, inbox: SimpleQueue[dict[str, Any]]) -> NoReturn:
    with os.fdopen(descriptor, encoding="utf-8") as lines:
        for line in lines:
            inbox.put(json.loads(line))
    os.killpg(0, signal.SIGKILL)
    os._exit(0)


def _answer(descriptor: int, answer: str, request_id: str) -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os.write(1, f"{MARK}{request_id}\n".encode())
    rest = memoryview(f"{answer}\n".encode())
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _run(handler: Handler, request: dict[str, Any]) -> str:
    try:
        result = handler(request["event"], Context(request))
    except Exception as error:  # noqa: BLE001 - the border to user code: everything it raises is its answer
        return json.dumps({"error": _error_object(error)})
    except SystemExit as error:
        # Lambda's process would end here; so does this one.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(error.code if isinstance(error.code, int) else int(error.code is not None))
    try:
        return json.dumps({"result": result}, default=_plain)
    except (TypeError, ValueError) as error:
        message = f"Unable to marshal response: {error}"
        return json.dumps(
            {"error": {"errorMessage": message, "errorType": "Runtime.MarshalError", "stackTrace": []}}
        )


def _plain(value: Any) -> Any:
    """Numbers as DynamoDB gives them, which Lambda's runtime writes as numbers."""
    decimal = sys.modules.get("decimal")
    if decimal is None or not isinstance(value, decimal.Decimal):
        raise TypeError(f"Object of type {type(value).__name__} is not JSON serializable")
    return int(value) if value.is_finite() and value == value.to_integral_value() else float(value)


def _load(name: str) -> Handler:
    path, dot, function = name.rpartition(".")
    if not dot:
        raise _InitError(
            "Runtime.MalformedHandlerName",
            f"Bad handler '{name}': not enough values to unpack (expected 2, got 1)",
        )
    import importlib  # noqa: PLC0415 - only here

    try:
        module = importlib.import_module(path.replace("/", "."))
    except ImportError as error:
        text = f"Unable to import module '{path}': {error}"
        raise _InitError("Runtime.ImportModuleError", text) from error
    except SyntaxError as error:
        place = f'  File "{error.filename}" Line {error.lineno}\n    {(error.text or "").rstrip()}\n'
        text = f"Syntax error in module '{path}': {error}"
        raise _InitError("Runtime.UserCodeSyntaxError", text, [place]) from error
    except Exception as error:
        found = _error_object(error)
        raise _InitError(found["errorType"], found["errorMessage"], found["stackTrace"]) from error
    handler: Handler | None = getattr(module, function, None)
    if handler is None:
        raise _InitError(
            "Runtime.HandlerNotFound", f"Handler '{function}' missing on module '{path.replace('/', '.')}'"
        )
    return handler


def _error_object(error: BaseException) -> dict[str, Any]:
    import traceback  # noqa: PLC0415 - only when something goes wrong

    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename != __file__]
    frames = [frame for frame in frames if "importlib" not in frame.filename]
    print(f"[ERROR] {type(error).__name__}: {error}\nTraceback (most recent call last):")
    print("".join(traceback.format_list(frames)), end="")
    return {
        "errorMessage": str(error),
        "errorType": type(error).__name__,
        "requestId": "",
        "stackTrace": traceback.format_list(frames),
    }


def _set_up_logging(current: dict[str, str]) -> None:
    import logging  # noqa: PLC0415 - after the receiving thread runs

    class Line(logging.Formatter):
        converter = staticmethod(time.gmtime)

        def format(self, record: logging.LogRecord) -> str:
            record.aws_request_id = current["id"]
            return super().format(record)

    shape = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(Line(shape, "%Y-%m-%dT%H:%M:%S"))
    logging.getLogger().addHandler(handler)


if __name__ == "__main__":
    main()
