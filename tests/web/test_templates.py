"""What holds for every template and every vendored file."""

from __future__ import annotations

import hashlib
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.template.loader import get_template

ROOT = Path(settings.BASE_DIR)
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NAMES = [str(template.relative_to(ROOT / "templates")) for template in TEMPLATES]
ICONS = sorted((ROOT / "templates" / "icons").glob("*.svg"))

INLINE_STYLE = re.compile(r"\sstyle\s*=|<style\b", re.IGNORECASE)
INLINE_SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>|\son[a-z]+\s*=|javascript:", re.IGNORECASE)
ADDRESS = re.compile(r"(?:src|href|action)\s*=\s*[\"'](?:https?:)?//", re.IGNORECASE)


@pytest.mark.parametrize("template", TEMPLATES, ids=NAMES)
def test_nothing_a_strict_policy_would_block(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    assert not INLINE_STYLE.search(source)
    assert not INLINE_SCRIPT.search(source)
    assert not ADDRESS.search(source)


@pytest.mark.parametrize("name", NAMES)
def test_templates_compile(name: str) -> None:
    get_template(name)


def test_templates_are_clean() -> None:
    command = [sys.executable, "-m", "djlint", "--lint", "--quiet", "templates"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("icon", ICONS, ids=lambda icon: icon.stem)
def test_icons_take_the_colour_of_the_text_and_are_silent(icon: Path) -> None:
    source = icon.read_text(encoding="utf-8")
    assert 'stroke="currentColor"' in source
    assert 'aria-hidden="true"' in source
    assert not source.endswith("\n")


@pytest.mark.parametrize("name", NAMES)
def test_icons_and_files_that_are_named_exist(name: str) -> None:
    source = (ROOT / "templates" / name).read_text(encoding="utf-8")
    for icon in re.findall(r"icons/([a-z0-9-]+)\.svg", source) + re.findall(r'{% icon "([^"]+)" %}', source):
        assert (ROOT / "templates" / "icons" / f"{icon}.svg").exists(), icon
    for path in re.findall(r"{% static '([^']+)' %}", source):
        assert finders.find(path), path


def test_vendored_files_are_those_on_the_list() -> None:
    vendor = ROOT / "static" / "vendor"
    listed = dict(
        re.findall(r"`([\w./-]+\.(?:css|js))` .*`([0-9a-f]{64})`", (vendor / "VENDOR.md").read_text())
    )
    found = {
        str(file.relative_to(vendor)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in vendor.rglob("*")
        if file.suffix in {".css", ".js"}
    }
    assert found == listed


def test_static_files_name_no_maps() -> None:
    for file in (ROOT / "static").rglob("*"):
        if file.suffix in {".css", ".js"}:
            assert "sourceMappingURL" not in file.read_text(encoding="utf-8"), file
