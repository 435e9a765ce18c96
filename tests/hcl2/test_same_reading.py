"""Our reader and python-hcl2 read the same structure, the same nesting and the same texts.

Where they differ on purpose, the reason stands at the test that shows it. In the long run,
`EKS_CHECKS_HCL_CORPUS` names a folder whose `.tf` files, of whatever origin, are compared as well.
"""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

import pytest

pytest.importorskip("hcl2", reason="python-hcl2 has an environment of its own: extra fix")

from eks_checks.terraform.hcl.read import read
from tests.hcl2 import canonical, oracle
from tests.hcl2.generated import Generator

ROOT = Path(__file__).resolve().parents[2]
FILES = sorted(
    path.relative_to(ROOT)
    for folder in ("tests/fixtures", "examples")
    for path in (ROOT / folder).rglob("*.tf")
)
CORPUS = "EKS_CHECKS_HCL_CORPUS"

# python-hcl2 leaves heredocs as they are, and what `~` trims across their lines is not worked out in our
# oracle: the tests of templates and of the real Terraform hold it.
TRIMMED = {Path("tests/fixtures/evaluation/chains-and-texts/main.tf")}


def ours(content: str) -> list[object]:
    file = read(content.encode(), "main.tf")
    assert file.problems == ()
    return canonical.body(file.body)


@pytest.mark.parametrize("path", FILES, ids=str)
def test_fixtures_and_examples(path: Path) -> None:
    content = (ROOT / path).read_text()
    if path in TRIMMED:
        with pytest.raises(oracle.TrimmedHeredocError):
            oracle.body_of(content)
    else:
        assert ours(content) == oracle.body_of(content)


def test_there_are_fixtures() -> None:
    assert len(FILES) > 50


@pytest.mark.parametrize("block", range(10))
def test_generated_files(block: int) -> None:
    assert_generated(range(block * 50, block * 50 + 50))


@pytest.mark.long
@pytest.mark.parametrize("block", range(10, 30))
def test_many_generated_files(block: int) -> None:
    assert_generated(range(block * 1000, block * 1000 + 1000))


def assert_generated(seeds: range) -> None:
    compared = 0
    for seed in seeds:
        content = Generator(seed).file()
        try:
            theirs = oracle.body_of(content)
        except oracle.CANNOT_READ:
            continue
        assert ours(content) == theirs, content
        compared += 1
    assert compared > len(seeds) * 0.6, "the generator writes too much that python-hcl2 cannot read"


# --- where python-hcl2 is wrong -------------------------------------------------------------------


def test_a_heredoc_ends_at_its_marker_though_blanks_follow() -> None:
    # HCL trims the line before it compares it with the marker (scan_tokens.rl, heredocLiteralEOL).
    content = "a = <<EOT\nx\nEOT  \nb = <<EOT\ny\nEOT\n"
    assert ours(content) == [["a", '"x\\n"'], ["b", '"y\\n"']]
    assert oracle.body_of(content) != ours(content)


def test_one_line_holds_one_argument() -> None:
    # HCL: "An argument definition must end with a newline".
    content = "a = 1 b = 2\n"
    assert read(content.encode(), "main.tf").problems
    assert oracle.body_of(content) == [["a", "1"], ["b", "2"]]


# --- files of others ------------------------------------------------------------------------------


@pytest.mark.long
def test_corpus(capsys: pytest.CaptureFixture[str]) -> None:
    folder = os.environ.get(CORPUS)
    if not folder:
        pytest.skip(f"{CORPUS} names no folder with .tf files")
    outcomes: Counter[str] = Counter()
    different = []
    for path in sorted(Path(folder).rglob("*.tf")):
        if path.is_file():
            outcome = compared(path.read_bytes())
            outcomes[outcome] += 1
            if outcome == "different":
                different.append(str(path))
    with capsys.disabled():
        print(f"\n{dict(outcomes)}", *different, sep="\n")
    # Some have heredocs whose marker blanks follow (above). More would be something new.
    assert len(different) <= outcomes.total() // 1000


def compared(content: bytes) -> str:
    """What comparing the two readings of one file says."""
    file = read(content, "corpus.tf")
    try:
        theirs = oracle.body_of(content.decode("utf-8-sig") + "\n")
    except oracle.TrimmedHeredocError:
        return "heredocs with ~: not compared"
    except (*oracle.CANNOT_READ, UnicodeDecodeError):
        return "neither can read it" if file.problems else "python-hcl2 cannot read it"
    if file.problems:
        return "we cannot read it"
    return "same" if canonical.body(file.body) == theirs else "different"
