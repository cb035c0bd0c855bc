"""Compares a profile with a baseline by a policy.

Two kinds of rules. What the baseline or the policy states outright (types, complete columns, sets of categories, given
bounds) is kept or broken. What is a matter of chance (distributions, the range of the baseline's data, columns that
already lacked some values) is tested: each test has a p-value that knows the sizes of both samples, and all of them
together are corrected, so that the chance of any false alarm on clean data stays at ``alpha``, however many columns
there are. A distribution must, besides, differ by so much that it matters.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ropeway.drift.categories import Categories
from ropeway.drift.constraints import Constraints, Feature, Monitoring, suggest
from ropeway.drift.distances import Comparison, compare_categories, compare_numbers
from ropeway.drift.findings import ColumnResult, Finding, Result
from ropeway.drift.policy import Policy, Rule
from ropeway.drift.significance import adjusted, at_least, beyond, more_often
from ropeway.drift.summaries import Column, Profile, spelt, written

__all__ = ["check"]

_NUMERIC = ("Integral", "Fractional")
_FEW_ROWS = 2


@dataclass(frozen=True)
class _Test:
    """A test whose verdict waits for the correction.

    Attributes:
        finding: what it would say.
        p: by itself.
        alpha: its level.
        matters: the difference is large enough.
    """

    finding: Finding | None
    p: float
    alpha: float
    matters: bool = True


@dataclass
class _Case:
    """One column that both tables have, on its way through the checks."""

    feature: Feature
    monitoring: Monitoring
    before: Column
    after: Column
    policy: Policy
    findings: list[Finding]
    tests: list[_Test]
    comparison: Comparison | None = None
    method: str | None = None
    threshold: float | None = None
    drift: _Test | None = None

    def rule(self, check: str) -> Rule:
        return self.policy.rule(self.feature.name, check)

    def finding(self, check: str, text: str) -> Finding | None:
        severity = self.rule(check).severity or "error"
        return None if severity == "off" else Finding(self.feature.name, check, severity, text)

    def broken(self, check: str, text: str) -> None:
        found = self.finding(check, text)
        if found is not None:
            self.findings.append(replace(found, outright=True))

    def test(self, check: str, text: str, p: float, *, matters: bool = True) -> _Test:
        alpha = self.rule(check).alpha
        test = _Test(self.finding(check, text), p, self.policy.alpha if alpha is None else alpha, matters)
        if test.finding is not None:
            self.tests.append(test)
        return test


def check(
    data: Profile,
    baseline: Profile,
    constraints: Constraints | None = None,
    policy: Policy | None = None,
) -> Result:
    """Compare.

    Args:
        data: what is to be judged.
        baseline: what it should look like.
        constraints: what it must keep; those that the baseline suggests, by default.
        policy: what counts; the default policy, by default.
    """
    policy = policy or Policy()
    constraints = constraints or suggest(baseline)
    cases: dict[str, _Case] = {}
    for feature in constraints.features:
        after = data.columns.get(feature.name)
        if after is None or policy.ignores(feature.name):
            continue
        before = baseline.columns.get(feature.name) or Column(feature.name, declared=feature.type)
        case = _Case(feature, constraints.of(feature), before, after, policy, [], [])
        cases[feature.name] = case
        if case.monitoring.evaluate:
            _examine(case)
    tests = [(case, test) for case in cases.values() for test in case.tests]
    corrected = adjusted([test.p for _, test in tests], policy.correction)
    ps: dict[str, float] = {}
    for (case, test), p in zip(tests, corrected, strict=True):
        if test is case.drift:
            ps[case.feature.name] = p
        if p <= test.alpha and test.matters and test.finding is not None:
            case.findings.append(
                replace(test.finding, text=f"{test.finding.text.rstrip('.')} (corrected p {p:.2g})")
            )
    results = [*_listed(data, baseline, constraints, policy, cases, ps)]
    return Result((baseline.rows, data.rows), tuple(results), len(tests), policy.alpha, policy.correction)


def _listed(
    data: Profile,
    baseline: Profile,
    constraints: Constraints,
    policy: Policy,
    cases: dict[str, _Case],
    ps: dict[str, float],
) -> list[ColumnResult]:
    results = []
    for feature in constraints.features:
        name = feature.name
        case = cases.get(name)
        if case is not None:
            results.append(
                ColumnResult(
                    name,
                    case.before,
                    case.after,
                    case.comparison,
                    case.method,
                    case.threshold,
                    ps.get(name),
                    tuple(case.findings),
                )
            )
        elif not policy.ignores(name):
            found = _schema(policy, name, "missing_column", "The baseline has this column, the data do not.")
            results.append(ColumnResult(name, baseline.columns.get(name), None, findings=found))
    known = {feature.name for feature in constraints.features}
    for name, column in data.columns.items():
        if name not in known and not policy.ignores(name):
            found = _schema(policy, name, "extra_column", "The data have this column, the baseline does not.")
            results.append(ColumnResult(name, None, column, findings=found))
    return results


def _schema(policy: Policy, name: str, check: str, text: str) -> tuple[Finding, ...]:
    severity = policy.rule(name, "schema").severity or "error"
    return () if severity == "off" else (Finding(name, check, severity, text),)


def _examine(case: _Case) -> None:
    _completeness(case)
    if not case.after.present:
        return
    _type(case)
    if case.feature.type in _NUMERIC:
        _non_negative(case)
        _range(case)
    elif case.feature.type == "String":
        _categories(case)
    if case.monitoring.compare or case.rule("drift") != Rule():
        _drift(case)


def _type(case: _Case) -> None:
    share = case.rule("type").share
    wanted = case.monitoring.type_share if share is None else share
    observed = case.after.matching(case.feature.type)
    if observed < wanted:
        kind = case.feature.type
        case.broken(
            "type",
            f"Data type match requirement is not met. Expected data type: {kind}, expected match: {wanted:.1%}. "
            f"Observed: {observed:.2%} of the data is {kind}.",
        )


def _completeness(case: _Case) -> None:
    rule = case.rule("completeness")
    wanted = case.feature.completeness if rule.least is None else rule.least
    observed = case.after.completeness
    if wanted is None or observed >= wanted:
        return
    text = f"Completeness {observed:.2%} is below {wanted:.2%}."
    strict = wanted >= 1.0 and rule.alpha is None  # a policy may leave complete columns to chance, too
    if rule.least is not None or strict:
        case.broken("completeness", text)
    elif case.before.rows and abs(case.before.completeness - wanted) < 1e-9:
        chance = more_often(case.after.missing, case.after.rows, case.before.missing, case.before.rows)
        case.test("completeness", text, chance)
    else:
        case.test("completeness", text, at_least(case.after.missing, case.after.rows, 1 - wanted))


def _non_negative(case: _Case) -> None:
    wanted = case.rule("non_negative").wanted
    if (case.feature.non_negative if wanted is None else wanted) and case.after.numbers.negative:
        count = case.after.numbers.negative
        case.broken("non_negative", f"Numbers must not be negative; {count} of {case.after.present} are.")


def _range(case: _Case) -> None:
    rule, before, after = case.rule("range"), case.before.numbers, case.after.numbers
    if not after.count:
        return
    sides = (("below", rule.least, before.least), ("above", rule.greatest, before.greatest))
    items, ranks = after.sketch.weighted()
    for side, given, seen in sides:
        low = side == "below"
        bound = seen if given is None else given
        if (after.least >= bound) if low else (after.greatest <= bound):
            continue
        place = int(items.searchsorted(bound, side="left" if low else "right"))
        upto = float(ranks[place - 1]) if place else 0.0
        count = max(1, round(upto if low else ranks[-1] - upto))
        extreme = after.least if low else after.greatest
        edge = f"{'least' if low else 'greatest'}: {written(extreme)}"
        text = f"{count} of {after.count} values are {side} {written(bound)} ({edge})."
        if given is not None:
            case.broken("range", text)
        elif before.count:
            case.test("range", text, beyond(count, after.count, before.count))


def _categories(case: _Case) -> None:
    rule = case.rule("categories")
    allowed = case.feature.domains if rule.allowed is None else rule.allowed
    if allowed is None:
        return
    wanted = case.monitoring.domain_share if rule.share is None else rule.share
    known = frozenset(allowed)
    counts = _texts(case.after).counts
    strange = {text: count for text, count in counts.items() if text not in known}
    observed = 1.0 - sum(strange.values()) / max(1, sum(counts.values()))
    if strange and observed < wanted:
        most = sorted(strange, key=lambda text: (-strange[text], text))[:5]
        case.broken(
            "categories",
            f"{observed:.2%} of the values are in the set of {len(known)} that is allowed, {wanted:.1%} must be; "
            f"others: {', '.join(map(repr, most))}{', …' if len(strange) > len(most) else ''}",
        )


def _drift(case: _Case) -> None:
    rule, config = case.rule("drift"), case.monitoring
    comparison = _compared(case)
    if comparison is None:
        return
    numeric = case.feature.type in _NUMERIC
    method = rule.method or "auto"
    if method == "auto":
        method = "chi2" if comparison.discrete else "ks"
    if method not in comparison.distances:
        method = "chi2"  # categories have no order
    threshold = rule.threshold
    if threshold is None:
        other = config.categorical_threshold
        threshold = config.threshold if numeric or other is None else other
    distance = comparison.distances[method]
    simple = rule.alpha is None and numeric and config.method == "Simple"
    text = f"Baseline drift: the distance {distance.value:.3g} ({method}) reaches {threshold:g}"
    case.comparison, case.method, case.threshold = comparison, method, threshold
    matters = distance.value >= threshold
    if simple:
        if matters:
            case.broken("drift", text)
        return
    case.drift = case.test("drift", text, distance.p, matters=matters)


def _compared(case: _Case) -> Comparison | None:
    before, after = case.before, case.after
    if case.feature.type in _NUMERIC:
        if before.numbers.sketch.count < _FEW_ROWS or not after.numbers.count:
            return None
        return compare_numbers(before.numbers, after.numbers)
    if case.feature.type == "String" and before.categories.counts:
        if before.categories.distinct > before.categories.total / 2:
            return None  # names, identifiers: every batch has its own
        return compare_categories(before, replace(after, categories=_texts(after)))
    return None


def _texts(column: Column) -> Categories:
    return column.categories if column.categories.total else Categories.of(dict(spelt(column)))
