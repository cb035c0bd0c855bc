"""Every failure that the guide to provisioning documents is tried by a test, and says what the guide says."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs" / "guides" / "provision.md"
# The first words of each row, and the test that makes it happen.
TRIED = {
    "is account": (
        "cli/infra/test_failures.py",
        "another_accounts_credentials_are_refused_before_anything_is_done",
    ),
    "The security token": ("cli/infra/test_failures.py", "expired_credentials_are_told"),
    "the state is locked": ("cli/infra/test_failures.py", "a_locked_state_says_who_and_how_to_unlock"),
    "api error KMS.NotFoundException": (
        "unit/infra/test_diagnostics.py",
        "a_key_that_is_not_there_is_no_lock",
    ),
    "Failed to query": ("cli/infra/test_failures.py", "a_missing_provider_is_told_with_the_mirror"),
    "the saved plan is not applied": ("cli/infra/test_apply.py", "a_plan_is_refused_when_the_state_moved_on"),
    "what it had begun is finished and in the state": (
        "cli/infra/test_interrupts.py",
        "an_interrupt_ends_cleanly_and_the_next_apply_goes_on",
    ),
    "was killed by signal": (
        "cli/infra/test_interrupts.py",
        "when_terraform_is_killed_the_lock_is_told_and_the_rest_is_made",
    ),
    "another ropeway infra works": (
        "cli/infra/test_interrupts.py",
        "meanwhile_nobody_else_works_in_the_folder",
    ),
    "is not prepared": ("cli/infra/test_failures.py", "an_account_that_is_not_prepared_is_told"),
    "names are too long": (
        "cli/infra/test_failures.py",
        "a_name_that_is_too_long_and_an_account_listed_twice_are_told_with_their_lines",
    ),
    "is listed twice": (
        "cli/infra/test_failures.py",
        "a_name_that_is_too_long_and_an_account_listed_twice_are_told_with_their_lines",
    ),
    "may not take the role": (
        "unit/usecases/test_infra_access.py",
        "a_role_that_lets_nobody_in_is_told_with_the_ways_out",
    ),
    "could not be terminated": (
        "cli/infra/test_launched.py",
        "one_that_cannot_go_is_told_with_what_its_stack_says",
    ),
    "is too old": ("unit/infra/test_process.py", "what_is_too_old_or_no_terraform_is_told"),
}


def rows() -> list[str]:
    """What the table of the guide's last section says that it says."""
    section = GUIDE.read_text(encoding="utf-8").partition("## When it fails")[2]
    found = re.findall(r"^\| (.+?) \| .+ \|$", section, re.MULTILINE)
    return [row for row in found if row not in {"what it says", "---"}]


def test_each_documented_failure_has_a_test_that_is_there() -> None:
    for start, (file, name) in TRIED.items():
        text = (ROOT / "tests" / file).read_text(encoding="utf-8")
        assert f"def test_{name}(" in text, f"{start}: no {name} in {file}"


def test_each_row_is_tried() -> None:
    for row in rows():
        words = row.replace("`", "").replace("…", "").strip()
        assert any(start in words for start in TRIED), f"nothing tries {row!r}"
    for start in TRIED:
        assert any(start in row for row in rows()), f"the guide does not tell of {start!r}"


def test_the_messages_are_those_of_the_code() -> None:
    code = "\n".join(file.read_text(encoding="utf-8") for file in (ROOT / "src" / "ropeway").rglob("*.py"))
    told = {"api error", "Failed to query", "The security token"}  # by AWS and Terraform
    for start in TRIED:
        assert start in code or any(start.startswith(each) for each in told), f"no message says {start!r}"
