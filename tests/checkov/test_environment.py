"""The environment of the extra `checkov`: Checkov works beside ours, with the networkx it pins."""

from __future__ import annotations

import importlib
from importlib.metadata import PackageNotFoundError, version

import networkx
import pytest


def test_checkov_imports() -> None:
    importlib.import_module("checkov.main")


def test_python_hcl2_is_not_here() -> None:
    with pytest.raises(PackageNotFoundError):
        version("python-hcl2")


def test_networkx_is_the_pinned_one() -> None:
    assert networkx.__version__.startswith("2.6.")
