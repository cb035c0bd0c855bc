"""botocore's service models, loaded once.

The models are data: what an operation takes and gives, with patterns, enums and lengths. They are the
specification that requests are validated against.
"""

from __future__ import annotations

import threading
from functools import cache

from botocore.loaders import Loader
from botocore.model import ServiceModel

__all__ = ["service_model"]

_lock = threading.Lock()


def service_model(service: str) -> ServiceModel:
    """The newest model of a service by botocore's name (``sagemaker``, ``s3``, …)."""
    with _lock:
        return _load(service)


@cache
def _load(service: str) -> ServiceModel:
    return ServiceModel(_loader().load_service_model(service, "service-2"), service)


@cache
def _loader() -> Loader:
    """One for all, as each looks through the folders of all services once."""
    return Loader()
