"""The environment of the extra `fix`: python-hcl2's own `hcl2`, and ours beside it."""

from __future__ import annotations

import importlib
import pkgutil
from importlib.metadata import PackageNotFoundError, distribution

import pytest

import eks_checks


def test_checkov_is_not_here() -> None:
    with pytest.raises(PackageNotFoundError):
        distribution("checkov")


def test_hcl2_is_python_hcl2() -> None:
    hcl2 = importlib.import_module("hcl2")
    assert callable(hcl2.parses), "bc-python-hcl2 has no parses(): the two packages were mixed"
    assert hcl2.loads('a = "b"\n') == {"a": '"b"'}


def test_every_module_of_ours_imports_beside_it() -> None:
    names = [module.name for module in pkgutil.walk_packages(eks_checks.__path__, "eks_checks.")]
    ours = [
        n for n in names if not n.startswith("eks_checks.checkov_plugin.") and not n.endswith(".__main__")
    ]
    for name in ours:
        importlib.import_module(name)
