"""What a cluster's attributes mean, whatever providers wrote into a state."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.plans import R, estate


def creator_admin(**access: Any) -> str:
    values = {"name": "prod", "access_config": [access] if access else []}
    [found] = estate(R("aws_eks_cluster.this", values, {"id": True})).clusters.values()
    return str(found.creator_admin)


@pytest.mark.parametrize(
    ("access", "admin"),
    [
        ({}, "yes"),
        ({"authentication_mode": "API"}, "yes"),
        ({"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": None}, "yes"),
        ({"authentication_mode": "API", "bootstrap_cluster_creator_admin_permissions": False}, "no"),
        # EKS refuses that, so it is what a provider made up for a value that AWS does not tell.
        ({"authentication_mode": "CONFIG_MAP", "bootstrap_cluster_creator_admin_permissions": False}, "yes"),
    ],
)
def test_who_creates_a_cluster_administers_it_unless_that_was_turned_off(
    access: dict[str, Any], admin: str
) -> None:
    assert creator_admin(**access) == admin
