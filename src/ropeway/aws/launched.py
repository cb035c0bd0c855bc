"""Products that people launched from the project catalog: who has what, and how it goes before the catalog does.

Terraform owns portfolio and products and cannot delete a product that is in use; its stack is the catalog's.
Found by our portfolio: what was launched from another one is not touched.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from ropeway.aws.session import Session
from ropeway.errors import AwsError

__all__ = ["Launched", "Products"]

_TRIES = 600
_BUSY = {"UNDER_CHANGE", "PLAN_IN_PROGRESS"}
_GOING = {"CREATED", "IN_PROGRESS", "IN_PROGRESS_IN_ERROR"}


@dataclass(frozen=True)
class Launched:
    """A product that stands.

    Attributes:
        id: ``pp-…``.
        name: as its user called it.
        product: the product's title.
        user: ARN of who launched it.
        status: ``AVAILABLE``, ``ERROR``, ….
    """

    id: str
    name: str
    product: str
    user: str
    status: str

    def __str__(self) -> str:
        by = f" by {self.user.rpartition(':')[2]}" if self.user else ""
        return f"{self.name} ({self.product}{by})"


class Products:
    """Those of one account.

    Args:
        session: of the apply role.
        portfolio: the portfolio's name.
        wait: waits a little.
    """

    def __init__(self, session: Session, portfolio: str, wait: Callable[[], None]) -> None:
        self._catalog = session.api("servicecatalog")
        self._portfolio = portfolio
        self._wait = wait

    def launched(self) -> list[Launched]:
        """What people launched from the portfolio; nothing when there is no portfolio."""
        titles = dict(self._titles())
        if not titles:
            return []
        found = self._pages(
            "search_provisioned_products",
            "ProvisionedProducts",
            AccessLevelFilter={"Key": "Account", "Value": "self"},
        )
        return [
            Launched(
                id=str(each["Id"]),
                name=str(each["Name"]),
                product=titles[each["ProductId"]],
                user=str(each.get("UserArn", "")),
                status=str(each["Status"]),
            )
            for each in found
            if each.get("ProductId") in titles
        ]

    def terminate(self) -> Iterator[str]:
        """Terminate all of them; what was done, line by line.

        Raises:
            AwsError: one could not be: what it made is still there.
        """
        for each in self.launched():
            if each.status in _BUSY:
                self._settle(each)
            token = uuid.uuid4().hex
            answer = self._catalog.call(
                "terminate_provisioned_product", ProvisionedProductId=each.id, TerminateToken=token
            )
            self._see_through(each, answer["RecordDetail"])
            yield f"terminated {each}"

    def _titles(self) -> Iterator[tuple[str, str]]:
        """Title by id of every product of the portfolio."""
        for portfolio in self._pages("list_portfolios", "PortfolioDetails"):
            if portfolio["DisplayName"] == self._portfolio:
                for each in self._pages(
                    "search_products_as_admin", "ProductViewDetails", PortfolioId=portfolio["Id"]
                ):
                    shown = each["ProductViewSummary"]
                    yield str(shown["ProductId"]), str(shown["Name"])

    def _settle(self, launched: Launched) -> None:
        """Wait until what is being done to it has ended."""
        for _ in range(_TRIES):
            detail = self._catalog.call("describe_provisioned_product", Id=launched.id)
            if detail["ProvisionedProductDetail"]["Status"] not in _BUSY:
                return
            self._wait()
        raise _in_vain(launched)

    def _see_through(self, launched: Launched, record: dict[str, Any]) -> None:
        for _ in range(_TRIES):
            if record["Status"] == "SUCCEEDED":
                return
            if record["Status"] not in _GOING:
                told = "; ".join(each.get("Description", "") for each in record.get("RecordErrors", ()))
                raise AwsError(
                    f"{launched} could not be terminated: {told or record['Status']}",
                    code="TerminationFailed",
                    operation="TerminateProvisionedProduct",
                    hint="see what its stack says, mend it, and run the command again",
                )
            self._wait()
            record = self._catalog.call("describe_record", Id=record["RecordId"])["RecordDetail"]
        raise _in_vain(launched)

    def _pages(self, method: str, members: str, **params: Any) -> Iterator[dict[str, Any]]:
        while True:
            answer = self._catalog.call(method, **params)
            yield from answer.get(members, ())
            if not answer.get("NextPageToken"):
                return
            params["PageToken"] = answer["NextPageToken"]


def _in_vain(launched: Launched) -> AwsError:
    return AwsError(
        f"waited in vain for {launched}",
        code="Timeout",
        operation="TerminateProvisionedProduct",
        hint="run it again",
    )
