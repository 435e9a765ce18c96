"""What a person sets the variables of a folder to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Given:
    """What a person sets variables to.

    ``environment`` has what ``TF_VAR_name`` is set to, by name; ``files`` are those of ``--var-file`` and
    ``options`` the ``K=V`` of ``--var``, in their order.
    """

    environment: Mapping[str, str] = field(default_factory=dict)
    files: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


NOTHING_GIVEN = Given()
