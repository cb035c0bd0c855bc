"""Portfolios, their products, principals and shares."""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.servicecatalog.parts import (
    add,
    arn_of,
    every,
    missing,
    page,
    part,
    remove,
    retag,
    unused_id,
)

__all__ = ["detail"]

_HANGING = ("Association", "Principal", "Constraint", "Share")


@operation("servicecatalog", "CreatePortfolio")
def create(call: Call) -> dict[str, Any]:
    """Keep a new portfolio."""
    params = call.params
    document = {name: params.get(name) for name in ("DisplayName", "Description", "ProviderName")}
    made = add(call, "Portfolio", f"portfolio/{unused_id(call, 'port')}", document)
    return {"PortfolioDetail": detail(made), "Tags": call.domain.tags.list(made.arn)}


@operation("servicecatalog", "DescribePortfolio")
def describe(call: Call) -> dict[str, Any]:
    """A portfolio with its tags."""
    found = _portfolio(call, call.params["Id"])
    tags = call.domain.tags.list(found.arn)
    return {"PortfolioDetail": detail(found), "Tags": tags, "TagOptions": [], "Budgets": []}


@operation("servicecatalog", "UpdatePortfolio")
def update(call: Call) -> dict[str, Any]:
    """Change what is named."""
    found = _portfolio(call, call.params["Id"])
    names = {"DisplayName", "Description", "ProviderName"} & set(call.params)
    changed = call.domain.records.update(found.arn, {name: call.params[name] for name in names})
    return {"PortfolioDetail": detail(changed or found), "Tags": retag(call, found.arn)}


@operation("servicecatalog", "DeletePortfolio")
def delete(call: Call) -> dict[str, Any]:
    """Forget a portfolio that nothing hangs on."""
    remove(call, "Portfolio", f"portfolio/{call.params['Id']}", _HANGING)
    return {}


@operation("servicecatalog", "ListPortfolios")
def list_portfolios(call: Call) -> dict[str, Any]:
    """All portfolios of the account and region."""
    return page(call, "PortfolioDetails", every(call, "Portfolio"), detail)


@operation("servicecatalog", "AssociateProductWithPortfolio")
def associate_product(call: Call) -> dict[str, Any]:
    """Put a product into a portfolio; again is no error."""
    portfolio, product = call.params["PortfolioId"], call.params["ProductId"]
    parent = _portfolio(call, portfolio)
    part(call, "Product", f"product/{product}")
    resource = f"association/{portfolio}/{product}"
    if call.domain.records.get(arn_of(call, resource)) is None:
        add(
            call, "Association", resource, {"PortfolioId": portfolio, "ProductId": product}, parent=parent.arn
        )
    return {}


@operation("servicecatalog", "DisassociateProductFromPortfolio")
def disassociate_product(call: Call) -> dict[str, Any]:
    """Take a product out of a portfolio; its constraints there must be gone."""
    portfolio, product = call.params["PortfolioId"], call.params["ProductId"]
    parent = _portfolio(call, portfolio)
    if any(each.document["ProductId"] == product for each in every(call, "Constraint", parent.arn)):
        raise DomainError(
            f"Product {product} has constraints in portfolio {portfolio}.",
            code="ResourceInUseException",
            status=400,
        )
    remove(call, "Association", f"association/{portfolio}/{product}")
    return {}


@operation("servicecatalog", "ListPortfoliosForProduct")
def list_portfolios_for_product(call: Call) -> dict[str, Any]:
    """The portfolios that a product is in."""
    product = call.params["ProductId"]
    part(call, "Product", f"product/{product}")
    found = [each for each in every(call, "Association") if each.document["ProductId"] == product]
    holders = [_portfolio(call, each.document["PortfolioId"]) for each in found]
    return page(call, "PortfolioDetails", holders, detail)


@operation("servicecatalog", "AssociatePrincipalWithPortfolio")
def associate_principal(call: Call) -> dict[str, Any]:
    """Let a principal launch what is in a portfolio; again is no error."""
    parent = _portfolio(call, call.params["PortfolioId"])
    resource = _principal(call)
    document = {name: call.params[name] for name in ("PrincipalARN", "PrincipalType")}
    if call.domain.records.get(arn_of(call, resource)) is None:
        add(call, "Principal", resource, document, parent=parent.arn, name=document["PrincipalARN"])
    return {}


@operation("servicecatalog", "DisassociatePrincipalFromPortfolio")
def disassociate_principal(call: Call) -> dict[str, Any]:
    """Take that back."""
    _portfolio(call, call.params["PortfolioId"])
    remove(call, "Principal", _principal(call))
    return {}


@operation("servicecatalog", "ListPrincipalsForPortfolio")
def list_principals(call: Call) -> dict[str, Any]:
    """Who may launch what is in a portfolio."""
    parent = _portfolio(call, call.params["PortfolioId"])
    return page(call, "Principals", every(call, "Principal", parent.arn), lambda each: dict(each.document))


@operation("servicecatalog", "CreatePortfolioShare")
def create_share(call: Call) -> dict[str, Any]:
    """Share a portfolio with an account or a part of the organization."""
    parent = _portfolio(call, call.params["PortfolioId"])
    kind, principal = _share(call)
    document = {
        "PrincipalId": principal,
        "Type": kind,
        "Accepted": False,
        "ShareTagOptions": call.params.get("ShareTagOptions", False),
        "SharePrincipals": call.params.get("SharePrincipals", False),
    }
    add(call, "Share", f"share/{call.params['PortfolioId']}/{kind}/{principal}", document, parent=parent.arn)
    return {}


@operation("servicecatalog", "DescribePortfolioShares")
def describe_shares(call: Call) -> dict[str, Any]:
    """A portfolio's shares of one type."""
    parent = _portfolio(call, call.params["PortfolioId"])
    wanted = call.params["Type"]
    found = [each for each in every(call, "Share", parent.arn) if each.document["Type"] == wanted]
    return page(call, "PortfolioShareDetails", found, lambda each: dict(each.document))


@operation("servicecatalog", "ListPortfolioAccess")
def list_access(call: Call) -> dict[str, Any]:
    """The accounts that a portfolio is shared with."""
    parent = _portfolio(call, call.params["PortfolioId"])
    shares = every(call, "Share", parent.arn)
    return {
        "AccountIds": [each.document["PrincipalId"] for each in shares if each.document["Type"] == "ACCOUNT"]
    }


@operation("servicecatalog", "DeletePortfolioShare")
def delete_share(call: Call) -> dict[str, Any]:
    """End a share."""
    _portfolio(call, call.params["PortfolioId"])
    kind, principal = _share(call)
    remove(call, "Share", f"share/{call.params['PortfolioId']}/{kind}/{principal}")
    return {}


def detail(portfolio: Record) -> dict[str, Any]:
    """A portfolio as the API tells it."""
    return {
        "Id": portfolio.name,
        "ARN": portfolio.arn,
        "CreatedTime": pages.moment(portfolio.created),
        **portfolio.document,
    }


def _portfolio(call: Call, name: str) -> Record:
    return part(call, "Portfolio", f"portfolio/{name}")


def _principal(call: Call) -> str:
    return f"principal/{call.params['PortfolioId']}/{call.params['PrincipalARN']}"


def _share(call: Call) -> tuple[str, str]:
    if "AccountId" in call.params:
        return "ACCOUNT", call.params["AccountId"]
    node = call.params.get("OrganizationNode", {})
    if not node.get("Value"):
        raise missing("Share", "without AccountId or OrganizationNode")
    return node.get("Type", "ORGANIZATION"), node["Value"]
