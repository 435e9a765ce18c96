"""What a cluster's attributes mean, whatever providers wrote into a state."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.plans import R, estate

FLAG = "bootstrap_cluster_creator_admin_permissions"


def creator_admin(access: dict[str, Any], action: str = "create", configured: bool = False) -> str:
    values = {"name": "prod", "access_config": [access] if access else []}
    written = {"access_config": [{FLAG: {"constant_value": access.get(FLAG)}}]} if configured else {}
    cluster = R("aws_eks_cluster.this", values, {}, written, actions=(action,))
    [found] = estate(cluster).clusters.values()
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
    assert creator_admin(access) == admin


def test_what_a_state_says_may_be_the_providers_own_false() -> None:
    access = {"authentication_mode": "API", FLAG: False}
    assert creator_admin(access, "no-op") == "unknown"
    assert creator_admin(access, "no-op", configured=True) == "no"
    assert creator_admin({**access, FLAG: True}, "no-op") == "yes"
