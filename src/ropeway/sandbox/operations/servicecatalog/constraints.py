"""Constraints on launching a product from a portfolio."""

from __future__ import annotations

import json
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.servicecatalog.parts import add, every, page, part, remove, unused_id

__all__: list[str] = []


@operation("servicecatalog", "CreateConstraint")
def create_constraint(call: Call) -> dict[str, Any]:
    """Keep a constraint on a product in a portfolio."""
    params = call.params
    portfolio = part(call, "Portfolio", f"portfolio/{params['PortfolioId']}")
    part(call, "Association", f"association/{params['PortfolioId']}/{params['ProductId']}")
    names = ("PortfolioId", "ProductId", "Type", "Description", "Parameters")
    document = {"Owner": call.account, **{name: params.get(name) for name in names}}
    _check_parameters(params["Parameters"])
    resource = f"constraint/{unused_id(call, 'cons')}"
    return _constraint_answer(add(call, "Constraint", resource, document, parent=portfolio.arn))


@operation("servicecatalog", "DescribeConstraint")
def describe_constraint(call: Call) -> dict[str, Any]:
    """A constraint."""
    return _constraint_answer(part(call, "Constraint", f"constraint/{call.params['Id']}"))


@operation("servicecatalog", "UpdateConstraint")
def update_constraint(call: Call) -> dict[str, Any]:
    """Change what is named."""
    found = part(call, "Constraint", f"constraint/{call.params['Id']}")
    if "Parameters" in call.params:
        _check_parameters(call.params["Parameters"])
    names = {"Description", "Parameters"} & set(call.params)
    changed = call.domain.records.update(found.arn, {name: call.params[name] for name in names})
    return _constraint_answer(changed or found)


@operation("servicecatalog", "DeleteConstraint")
def delete_constraint(call: Call) -> dict[str, Any]:
    """Forget a constraint."""
    remove(call, "Constraint", f"constraint/{call.params['Id']}")
    return {}


@operation("servicecatalog", "ListConstraintsForPortfolio")
def list_constraints(call: Call) -> dict[str, Any]:
    """A portfolio's constraints, of one product when it is named."""
    portfolio = part(call, "Portfolio", f"portfolio/{call.params['PortfolioId']}")
    wanted = call.params.get("ProductId")
    found = [
        each
        for each in every(call, "Constraint", portfolio.arn)
        if wanted in {None, each.document["ProductId"]}
    ]
    return page(call, "ConstraintDetails", found, lambda each: _constraint_answer(each)["ConstraintDetail"])


def _constraint_answer(constraint: Record) -> dict[str, Any]:
    document = dict(constraint.document)
    parameters = document.pop("Parameters")
    return {
        "ConstraintDetail": {"ConstraintId": constraint.name, **document},
        "ConstraintParameters": parameters,
        "Status": "AVAILABLE",
    }


def _check_parameters(text: str) -> None:
    try:
        json.loads(text)
    except ValueError as error:
        raise DomainError(
            f"Constraint parameters are no JSON: {error}", code="InvalidParametersException", status=400
        ) from error
