"""Rules of the house that no other tool keeps."""

from __future__ import annotations

import re
import subprocess
from functools import cache
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

ROOT = Path(settings.BASE_DIR)
LONGEST_MODULE = 300
# Put together here, or this file would break its own rules.
MACHINE_PATHS = re.compile(
    "|".join((r"(?<![\w.])/wo" r"rk/", r"(?<![\w.])/ho" r"me/\w", r"(?<![\w.])/ro" r"ot/"))
)
SHARED = re.compile(r"(?<![\w/-])sha" r"red/")
REGISTRIES = re.compile(
    "|".join(
        (
            r"pypi\.o" r"rg",
            r"pythonhos" r"ted",
            r"registry\.np" r"mjs",
            r"deb\.deb" r"ian",
            r"cdn\.js" r"delivr",
        )
    )
)
GENERATED = ("requirements.txt", "requirements-dev.txt")


@cache
def files() -> list[Path]:
    """What is in the project, or would be: neither ignored nor somebody else's."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    return [
        ROOT / name
        for name in listed
        if name and (ROOT / name).is_file() and "vendor" not in Path(name).parts
    ]


def text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


def named(pattern: re.Pattern[str]) -> list[str]:
    """Where a pattern stands, but for this file."""
    return [
        f"{path.relative_to(ROOT)}: {found[0]}"
        for path in files()
        if path != Path(__file__) and (found := pattern.search(text(path)))
    ]


def test_no_file_names_a_path_of_some_machine() -> None:
    assert named(MACHINE_PATHS) == []


def test_no_file_leans_on_what_is_not_in_the_project() -> None:
    guarded = [line for line in named(SHARED) if not line.startswith("tests/")]
    assert guarded == []


def test_no_file_names_the_host_of_a_registry() -> None:
    assert named(REGISTRIES) == []


def test_requirements_are_pinned_by_hash_and_carry_no_address() -> None:
    for name in GENERATED:
        assert "://" not in text(ROOT / name)
        assert "--hash=sha256:" in text(ROOT / name)


def test_no_module_is_too_long() -> None:
    lengths = {
        str(path.relative_to(ROOT)): text(path).count("\n") for path in files() if path.suffix == ".py"
    }
    exempt = re.compile(r"^tests/|/migrations/")
    assert {n: lines for n, lines in lengths.items() if lines > LONGEST_MODULE and not exempt.search(n)} == {}


@pytest.mark.django_db
def test_migrations_are_complete() -> None:
    out = StringIO()
    call_command("makemigrations", check=True, dry_run=True, stdout=out)
    assert "No changes" in out.getvalue()


def test_commands_that_the_documents_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text(ROOT / "Makefile"), re.MULTILINE))
    commands = {path.stem for path in ROOT.glob("*/management/commands/*.py")} | {"migrate", "collectstatic"}
    commands |= {"createsuperuser", "check", "dumpdata", "changepassword"}
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        words = text(path)
        assert set(re.findall(r"(?:^|`)make ([a-z-]+)", words, re.MULTILINE)) <= targets, path
        assert set(re.findall(r"manage\.py ([a-z_]+)", words)) <= commands, path


def test_links_between_documents_lead_somewhere() -> None:
    for path in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text(path)):
            assert (path.parent / link).exists(), f"{path.name} links to {link}"


def test_every_environment_variable_of_the_settings_is_documented() -> None:
    read = set(re.findall(r'env(?:\.\w+)?\(\s*"([A-Z_]+)"', text(ROOT / "syncadmin" / "settings.py")))
    documented = set(re.findall(r"`([A-Z_]+)`", text(ROOT / "docs" / "operations.md")))
    assert read <= documented
