"""The report of a check: one HTML file that needs nothing else, no script and no network."""

from __future__ import annotations

from html import escape
from urllib.parse import quote

from ropeway.drift.charts import distributions
from ropeway.drift.findings import ColumnResult, Result
from ropeway.drift.summaries import Column

__all__ = ["render"]

_STATES = {"error": "violation", "warning": "warning", "ok": "in order"}
_STYLE = """
:root{color-scheme:light dark;--ink:#1c2733;--soft:#5d6b7a;--paper:#fff;--line:#d9dfe6;--band:#f4f6f8;
--before:#8a9bb0;--after:#0b7a75;--error:#b3261e;--warning:#96650a;--ok:#2e6b34}
@media(prefers-color-scheme:dark){:root{--ink:#e4e9ee;--soft:#9aa8b6;--paper:#14191f;--line:#313b46;--band:#1c232b;
--before:#7d8ea3;--after:#3fc1b8;--error:#ff8a80;--warning:#e5b454;--ok:#81c784}}
*{box-sizing:border-box}body{font:15px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);
max-width:1080px;margin:0 auto;padding:28px 20px 60px}h1{font-size:24px;margin:0 0 4px}
h2{font-size:18px;margin:36px 0 10px}
p{margin:4px 0}.soft{color:var(--soft)}.state{font-weight:600}.error{color:var(--error)}.warning{color:var(--warning)}
.ok{color:var(--ok)}.verdict{font-size:18px;border-left:5px solid;padding:8px 14px;margin:18px 0;background:var(--band)}
table{border-collapse:collapse;width:100%;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:5px 10px 5px 0;
border-bottom:1px solid var(--line)}th{font-weight:600;color:var(--soft)}td.number,th.number{text-align:right}
.scroll{overflow-x:auto}article{border:1px solid var(--line);border-radius:6px;padding:14px 18px;margin:14px 0;
display:grid;grid-template-columns:minmax(0,1fr) minmax(0,460px);gap:6px 24px}article h3{margin:0;font-size:16px}
article ul{margin:6px 0;padding-left:18px}article svg{width:100%;height:auto}article .wide{grid-column:1/-1}
@media(max-width:720px){article{grid-template-columns:1fr}}
rect.before,polygon.before{fill:var(--before)}rect.after,polygon.after{fill:var(--after)}
polygon.outline{fill-opacity:.28;stroke-width:1.6}polygon.before{stroke:var(--before)}polygon.after{stroke:var(--after)}
.axis{stroke:var(--line)}svg text{font-size:10px;fill:var(--soft)}.scale{text-anchor:end}
h3,li,.verdict,.soft{overflow-wrap:anywhere}
td a{display:inline-block;width:max-content;max-width:min(24em,45vw);overflow-wrap:anywhere}
.key i{display:inline-block;width:11px;height:11px;border-radius:2px;margin:0 5px 0 14px}a{color:inherit}
"""


def render(result: Result, name: str = "data") -> str:
    """The report.

    Args:
        result: of the check.
        name: of the data, for the title.
    """
    order = {"error": 0, "warning": 1, "ok": 2}
    columns = sorted(result.columns, key=lambda column: order[column.state])
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Drift: {escape(name)}</title><style>{_STYLE}</style></head><body>"
        f"<h1>Drift report</h1><p class='soft'>{escape(name)}</p>{_verdict(result)}"
        f"<h2>Columns</h2><div class='scroll'><table><thead><tr><th>column</th><th>state</th><th>type</th>"
        '<th class="number">complete</th><th>distance</th><th class="number">value</th><th class="number">from</th>'
        '<th class="number">corrected p</th></tr></thead><tbody>'
        f"{''.join(map(_row, columns))}</tbody></table></div>"
        "<h2>Distributions</h2><p class='soft key'><i style='background:var(--before);margin-left:0'></i>baseline"
        "<i style='background:var(--after)'></i>data</p>"
        f"{''.join(map(_article, columns))}</body></html>\n"
    )


def _verdict(result: Result) -> str:
    errors = len(result.violations)
    warnings = len(result.findings) - errors
    state = "error" if errors else "warning" if warnings else "ok"
    if errors:
        named = dict.fromkeys(each.column for each in result.violations)
        words = f"{_count(errors, 'violation')} in {escape(', '.join(named))}"
    else:
        words = "No violations"
    if warnings:
        words += f", {_count(warnings, 'warning')}"
    tested = f"{_count(result.tests, 'test')}, level {result.alpha:g} for all of them together ({result.correction})"
    if result.correction != "holm":
        tested = f"{_count(result.tests, 'test')}, level {result.alpha:g}, correction: {result.correction}"
    return (
        f"<div class='verdict {state}'>{words}</div><p class='soft'>{result.rows[1]:,} rows against a baseline of "
        f"{result.rows[0]:,}; {tested}.</p>"
    )


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _row(column: ColumnResult) -> str:
    seen = column.after or column.before
    assert seen is not None
    cells = [
        f"<td><a href='#{quote(column.name)}'>{escape(column.name)}</a></td>",
        f"<td class='state {column.state}'>{_STATES[column.state]}</td>",
        f"<td>{_types(column)}</td>",
        f"<td class='number'>{f'{seen.completeness:.1%}' if column.after else 'not there'}</td>",
        f"<td>{column.method or ''}</td>",
        *(f"<td class='number'>{text}</td>" for text in _figures(column)),
    ]
    return f"<tr>{''.join(cells)}</tr>"


def _figures(column: ColumnResult) -> tuple[str, str, str]:
    if column.distance is None or column.threshold is None:
        return "", "", ""
    return f"{column.distance:.3g}", f"{column.threshold:g}", "" if column.p is None else f"{column.p:.2g}"


def _types(column: ColumnResult) -> str:
    kinds = dict.fromkeys(side.type for side in (column.before, column.after) if side is not None)
    return " → ".join(kinds)


def _article(column: ColumnResult) -> str:
    findings = "".join(f"<li class='{each.severity}'>{escape(each.text)}</li>" for each in column.findings)
    facts = "".join(
        f"<tr><th>{title}</th><td class='number'>{before}</td><td class='number'>{after}</td></tr>"
        for title, before, after in _facts(column)
    )
    distances = ""
    if column.comparison is not None:
        distances = "<p class='soft wide'>" + " · ".join(
            f"{name} {found.value:.3g} (p {found.p:.2g})"
            for name, found in column.comparison.distances.items()
        )
        distances += "</p>"
    return (
        f"<article id='{escape(column.name)}'><div><h3>{escape(column.name)} "
        f"<span class='state {column.state}'>{_STATES[column.state]}</span></h3>"
        f"{f'<ul>{findings}</ul>' if findings else ''}"
        f"<table><thead><tr><th></th><th class='number'>baseline</th><th class='number'>data</th></tr></thead>"
        f"<tbody>{facts}</tbody></table></div><div>{distributions(column)}</div>{distances}</article>"
    )


def _facts(column: ColumnResult) -> list[tuple[str, str, str]]:
    sides = [_side(side) for side in (column.before, column.after)]
    titles = list(dict.fromkeys([*sides[0], *sides[1]]))
    return [(title, sides[0].get(title, ""), sides[1].get(title, "")) for title in titles]


def _side(column: Column | None) -> dict[str, str]:
    if column is None:
        return {}
    told = {"values": f"{column.present:,}", "missing": f"{column.missing:,}"}
    if column.numbers.count and column.type != "String":
        numbers = column.numbers
        told |= {
            "mean": f"{numbers.mean:.4g}",
            "deviation": f"{numbers.deviation:.4g}",
            "least": f"{numbers.least:.4g}",
            "greatest": f"{numbers.greatest:.4g}",
        }
    if column.categories.counts:
        told["different"] = f"{column.categories.distinct:,}"
    return told
