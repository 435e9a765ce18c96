"""Public addresses of instances that exist already: their launch has settled it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.plans import GROUP, SUBNET, VPC, R, estate, shape, word

INSTANCE = "aws_instance.bastion"
IP = "198.51.100.7"


def existing(public_ip: str | None, actions: tuple[str, ...] = ("update",), **before: Any) -> R:
    """An instance in the subnet; an update leaves its new public address open."""
    had = {
        "id": "i-0123456789abcdef0",
        "instance_type": "t3.micro",
        "subnet_id": "subnet-0123456789abcdef0",
        "public_ip": public_ip,
        **before,
    }
    values = {key: value for key, value in had.items() if key != "public_ip"}
    unknown = {} if actions == ("no-op",) else {"public_ip": True}
    kept = had if actions == ("no-op",) else {**values, "instance_type": "t3.large"}
    return R(INSTANCE, kept, unknown, actions=actions, before=had)


def stack(public: bool) -> tuple[R, ...]:
    """VPC and subnet as they stand now."""
    vpc = R(VPC.address, {**VPC.values, "id": "vpc-0123456789abcdef0"}, actions=("no-op",))
    values = {
        **SUBNET.values,
        "id": "subnet-0123456789abcdef0",
        "vpc_id": "vpc-0123456789abcdef0",
        "map_public_ip_on_launch": public,
    }
    return (vpc, R(SUBNET.address, values, actions=("no-op",)), GROUP)


def public(*resources: R, flag: bool, resource: str = INSTANCE) -> str:
    return word(shape(estate(*stack(flag), *resources), resource).public_ipv4)


@pytest.mark.parametrize("flag", [True, False])
@pytest.mark.parametrize("actions", [("update",), ("no-op",)])
@pytest.mark.parametrize(("had", "expected"), [(IP, "yes"), ("", "no"), (None, "unknown")])
def test_an_existing_instance_keeps_what_its_launch_gave_it(
    had: str | None, actions: tuple[str, ...], flag: bool, expected: str
) -> None:
    assert public(existing(had, actions), flag=flag) == expected


@pytest.mark.parametrize("flag", [True, False])
def test_a_replaced_instance_is_launched_anew(flag: bool) -> None:
    assert public(existing(IP, ("delete", "create")), flag=flag) == ("yes" if flag else "no")


def test_a_stopped_instance_shows_no_address_that_it_may_get_back() -> None:
    assert public(existing("", instance_state="stopped"), flag=False) == "unknown"
    for state in ("running", "pending", ""):
        assert public(existing("", instance_state=state), flag=True) == "no"


@pytest.mark.parametrize(("flag", "expected"), [(True, "yes"), (False, "no")])
def test_the_refreshed_setting_tells_as_well(flag: bool, expected: str) -> None:
    assert public(existing(None, associate_public_ip_address=flag), flag=not flag) == expected


@pytest.mark.parametrize(("planned", "expected"), [(True, "yes"), (False, "no")])
def test_a_changed_override_decides(planned: bool, expected: str) -> None:
    made = existing("" if planned else IP, associate_public_ip_address=not planned)
    changed = R(
        INSTANCE,
        {**made.values, "associate_public_ip_address": planned},
        made.unknown,
        actions=made.actions,
        before=made.before,
    )
    assert public(changed, flag=True) == expected


def elastic(actions: tuple[str, ...], address: str, **held: str) -> R:
    return R(
        "aws_eip_association.this",
        {"id": "eipassoc-1", "allocation_id": "eipalloc-1", "public_ip": address, **held},
        actions=actions,
    )


@pytest.mark.parametrize(
    ("address", "expected"), [(IP, "unknown"), ("198.51.100.99", "yes"), ("", "unknown")]
)
def test_an_elastic_ip_that_goes_is_no_address_of_its_own(address: str, expected: str) -> None:
    going = elastic(("delete",), address, instance_id="i-0123456789abcdef0")
    assert public(existing(IP, ("no-op",)), going, flag=False) == expected


def test_an_elastic_ip_that_stays_counts() -> None:
    kept = elastic(("no-op",), IP, instance_id="i-0123456789abcdef0")
    assert public(existing(IP), kept, flag=False) == "yes"


def test_an_elastic_ip_moved_to_another_instance_goes() -> None:
    other = R("aws_instance.other", {"id": "i-0aaaaaaaaaaaaaaaa", "public_ip": ""}, actions=("no-op",))
    held = elastic(("delete", "create"), IP, instance_id="i-0123456789abcdef0")
    moved = R(
        held.address,
        {**held.values, "instance_id": "i-0aaaaaaaaaaaaaaaa"},
        actions=held.actions,
        before=held.values,
    )
    assert public(existing(IP, ("no-op",)), other, moved, flag=False) == "unknown"


# --- on an interface of its own resource ------------------------------------------------------------

ENI = "aws_network_interface.bastion"


def on_interface(public_ip: str) -> tuple[R, R]:
    """An instance whose primary interface is a resource."""
    eni = R(
        ENI,
        {"id": "eni-0123456789abcdef0", "subnet_id": "subnet-0123456789abcdef0", "security_groups": ["sg-1"]},
        actions=("no-op",),
    )
    blocks = [{"device_index": 0, "network_interface_id": "eni-0123456789abcdef0"}]
    return eni, existing(public_ip, ("no-op",), network_interface=blocks)


@pytest.mark.parametrize(("had", "expected"), [(IP, "yes"), ("", "no")])
def test_the_instance_mirrors_its_interface(had: str, expected: str) -> None:
    assert public(*on_interface(had), flag=True, resource=ENI) == expected


def test_an_elastic_ip_that_leaves_the_interface_is_not_mirrored() -> None:
    going = elastic(("delete",), IP, network_interface_id="eni-0123456789abcdef0")
    assert public(*on_interface(IP), going, flag=False, resource=ENI) == "unknown"
    other = elastic(("delete",), "198.51.100.99", network_interface_id="eni-0123456789abcdef0")
    assert public(*on_interface(IP), other, flag=False, resource=ENI) == "yes"
