"""What the browser complains of is noticed: a missing file, something forbidden, a script that fails."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.processes import eventually

TROUBLES = {
    "404 (Not Found)": "fetch('/nowhere/')",
    "Content Security Policy": "document.body.append(Object.assign(new Image(), {src: '//x.example/'}))",
    "went wrong": "setTimeout(() => { throw new Error('went wrong') })",
}


@pytest.mark.parametrize("complaint", TROUBLES)
def test_a_complaint_of_the_browser_is_noticed(complaint: str, viewer_page: Page, errors: list[str]) -> None:
    viewer_page.goto("/campaigns/")
    viewer_page.evaluate(f"() => {{ {TROUBLES[complaint]} }}")
    eventually(lambda: viewer_page.title() and complaint in "".join(errors))
    errors.clear()
