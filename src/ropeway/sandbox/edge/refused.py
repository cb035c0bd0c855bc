"""Operations that moto would answer, but with something that never happens: refused, each with its reason.

moto creates these resources finished at birth (``InService``, ``COMPLETED``, ``Completed``) with nothing behind
them. A caller would wait for a result, get one at once, and believe it. What only describes (model cards) stays with
moto, which keeps it as sent.

An operation that Ropeway owns never comes here: owning one makes its line dead, and a test asks for its removal.
"""

from __future__ import annotations

from ropeway.sandbox.domain.errors import NotThere

__all__ = ["REFUSED", "refuse"]

_NOTEBOOKS = "the sandbox runs no notebook instances"

REFUSED: dict[tuple[str, str], str] = {
    ("events", "CreatePartnerEventSource"): "the sandbox has no partner event sources",
    ("events", "PutPartnerEvents"): "the sandbox has no partner event sources: nobody would get the events",
    (
        "lambda",
        "CreateEventSourceMapping",
    ): "the sandbox polls no queues and streams for functions: none would be called. "
    "A rule, a topic or a bucket's notification calls them",
    ("lambda", "CreateFunctionUrlConfig"): "the sandbox serves no function URLs: nothing would answer there",
    ("sagemaker", "CreateAutoMLJobV2"): "the sandbox has no AutoML: no candidate would be trained",
    ("sagemaker", "CreateCluster"): "the sandbox has no HyperPod clusters",
    ("sagemaker", "CreateCompilationJob"): "the sandbox does not compile models",
    ("sagemaker", "CreateFeatureGroup"): "the sandbox has no feature store: no record could be put or read",
    ("sagemaker", "CreateNotebookInstance"): _NOTEBOOKS,
    ("sagemaker", "StartNotebookInstance"): _NOTEBOOKS,
}


def refuse(service: str, operation: str) -> None:
    """Stop a call that moto would only pretend to do.

    Raises:
        NotThere: it would.
    """
    reason = REFUSED.get((service, operation))
    if reason is not None:
        raise NotThere(
            f"The sandbox does not implement {service} {operation}: {reason}. See docs/reference/conformance.md."
        )
