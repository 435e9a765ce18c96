"""Text reports at 100 columns, against files that were read line by line; and what holds for any of them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from eks_checks.render import catalogue_text, interfaces_text, reach_text, scan_text
from eks_checks.render.page import Page, visible
from tests.render import samples

GOLDEN = Path(__file__).parent / "golden"
PAGES: dict[str, Callable[[], Page]] = {
    "scan": lambda: scan_text.page(samples.SCAN),
    "scan-verbose": lambda: scan_text.page(samples.SCAN, verbose=True),
    "scan-quiet": lambda: scan_text.page(samples.SCAN, quiet=True),
    "scan-clean": lambda: scan_text.page(samples.CLEAN),
    "reach": lambda: reach_text.page(samples.REACH),
    "reach-explain": lambda: reach_text.page(samples.REACH, explain=True, verbose=True),
    "reach-quiet": lambda: reach_text.page(samples.REACH, quiet=True),
    "interfaces": lambda: interfaces_text.page(samples.INTERFACES),
    "checks": lambda: catalogue_text.page(samples.CATALOGUE),
    "config": lambda: catalogue_text.settings_page("c.yaml", [("strict", "true", "c.yaml:3")]),
}


@pytest.mark.parametrize("name", PAGES)
def test_golden(name: str) -> None:
    assert PAGES[name]().text(100) == (GOLDEN / f"{name}.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("width", [20, 60, 100, 120])
def test_no_width_changes_the_words(name: str, width: int) -> None:
    page = PAGES[name]()
    text = page.text(width)
    assert text.split() == page.text(100_000).split()
    assert not re.search(r"[^\S\n]\n|\n\n\n|^\n", text), "trailing blanks or gaps"
    if width >= 100:
        assert all(len(line) <= width or len(longest_word(line)) > 60 for line in text.splitlines())


def longest_word(line: str) -> str:
    return max(re.findall(r'(?:\["[^"]*"\]|[^ ])+', line), key=len)


@pytest.mark.parametrize("name", PAGES)
def test_colour_is_all_that_a_terminal_adds(name: str) -> None:
    page = PAGES[name]()
    stream = io.StringIO()
    page.show(stream, 100)
    colored = stream.getvalue()
    assert "\x1b[" in colored
    assert re.sub(r"\x1b\[[0-9;]*m", "", colored) == page.text(100)


def test_an_address_stays_whole_at_any_width() -> None:
    assert samples.LONG in scan_text.page(samples.SCAN).text(20)


def test_what_steers_a_terminal_is_made_visible() -> None:
    page = Page()
    page.line('aws_subnet.a["\x1b[31m\x07\u202e"]\n\tb')
    assert page.text(100) == 'aws_subnet.a["\\x1b[31m\\x07\\u202e"] b\n'
    assert visible("plain – text") == "plain – text"


def test_square_brackets_are_no_markup() -> None:
    page, stream = Page(), io.StringIO()
    page.line("aws_subnet.a[0] [bold]x[/bold] :smile:")
    page.show(stream, 100)
    assert stream.getvalue() == "aws_subnet.a[0] [bold]x[/bold] :smile:\n"


def test_empty_reports() -> None:
    nothing = samples.ReachReport((), samples.Coverage())
    assert reach_text.page(nothing).text(100) == (
        "Result: no targets: the inputs have no EKS nodes, or none with an address of the family asked for\n"
        "        (--all asks of every interface)\n"
    )
    none = samples.InterfacesReport((), samples.Coverage())
    assert interfaces_text.page(none).text(100) == "The inputs have no interface of an EKS node.\n"
