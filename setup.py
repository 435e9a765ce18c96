"""Puts the pages of docs/ that the program prints into the built package; everything else is in setup.cfg."""

from __future__ import annotations

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
COMPANIONS = ("node-groups.md",)
"""Pages of docs/ itself that stand below a check's own (eks_checks/checks/pages.py)."""


class BuildWithPages(build_py):
    """Copies docs/checks/ID.md, and what belongs to one, to eks_checks/pages/ of what is built.

    An editable install builds nothing: there the loader reads docs/checks/ itself.
    """

    def run(self) -> None:
        """Build the modules, then put the pages beside them."""
        super().run()
        if self.editable_mode:
            return
        for source, target in self._pages():
            target.parent.mkdir(parents=True, exist_ok=True)
            self.copy_file(str(source), str(target))

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """Every file that is built, pages included."""
        pages = [] if self.editable_mode else [str(target) for _, target in self._pages()]
        return super().get_outputs(include_bytecode) + pages

    def _pages(self) -> list[tuple[Path, Path]]:
        folder = Path(self.build_lib, "eks_checks", "pages")
        docs = HERE / "docs"
        pages = [*sorted((docs / "checks").glob("*.md")), *(docs / name for name in COMPANIONS)]
        return [(page, folder / page.name) for page in pages]


setup(cmdclass={"build_py": BuildWithPages})
