"""botocore's data, read without a look through the folders of all its services."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from botocore.exceptions import DataNotFoundError
from botocore.loaders import ExtrasProcessor, Loader

__all__ = ["ServiceLoader"]


class ServiceLoader(Loader):  # type: ignore[misc, unused-ignore] # botocore has no types
    """Reads what is asked for, once for all sessions that share it.

    botocore looks into the folders of its 400 services for each kind of data (models, endpoint rules, paginators, …),
    just to know whether the one at hand is there: a twentieth of a second of each command.
    """

    def __init__(self) -> None:
        paths = os.environ.get("AWS_DATA_PATH", "").split(os.pathsep)
        super().__init__(extra_search_paths=[str(Path(path).expanduser()) for path in paths if path])
        self._extras = ExtrasProcessor()
        self._known: dict[tuple[str, str, str | None], Any] = {}

    def load_service_model(self, service_name: str, type_name: str, api_version: str | None = None) -> Any:
        """One kind of a service's data, of the newest version where none is named.

        Raises:
            UnknownServiceError: the service has none of it.
        """
        key = (service_name, type_name, api_version)
        if key not in self._known:
            try:
                version = api_version or self.determine_latest_version(service_name, type_name)
            except DataNotFoundError:
                return super().load_service_model(
                    service_name, type_name, api_version
                )  # tells which there are
            model = self.load_data(str(Path(service_name, version, type_name)))
            self._extras.process(model, self._more(service_name, type_name, version))
            self._known[key] = model
        return self._known[key]

    def _more(self, service: str, kind: str, version: str) -> Iterator[Any]:
        for extra in self.extras_types:
            try:
                yield self.load_data(str(Path(service, version, f"{kind}.{extra}-extras")))
            except DataNotFoundError:
                continue
