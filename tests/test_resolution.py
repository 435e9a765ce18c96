"""The table of links: what counts as a link, and as resolved."""

from __future__ import annotations

import pytest

from benchmarks import resolution
from benchmarks.links import unknown_links
from eks_checks.terraform import plan
from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.references import References
from eks_checks.terraform.value import NULL, Collection, Known, Mapping, Reference, Unknown, Value, choice
from eks_checks.terraform.world import World

CASE = resolution.ROOT / "tests" / "fixtures" / "evaluation" / "self-managed"
A, B = (Reference(ResourceAddress.parse(f"aws_subnet.{name}"), ("id",)) for name in "ab")
READ_LATER = Reference(ResourceAddress.parse("data.aws_subnet.c"), ("id",))
UNTOLD = Unknown("untold")


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (A, "exact"),
        (Known("subnet-1"), "exact"),
        (NULL, "exact"),
        (Collection((A, B)), "exact"),
        (Collection(), "exact"),
        (choice((A, B)), "set"),
        (Collection((A,), maybe=(B,)), "set"),
        (Collection((A,), open=UNTOLD), "set"),
        (Collection((A, UNTOLD)), "set"),
        (Collection((UNTOLD,)), "none"),
        (Collection(open=UNTOLD), "none"),
        (UNTOLD, "none"),
        (READ_LATER, "none"),
        (Mapping(), "none"),
    ],
)
def test_how_much_is_resolved(value: Value, kind: str) -> None:
    assert resolution.classify(value) == kind


def test_what_is_a_link() -> None:
    world = World.after([plan.read(str(CASE / "plan.json"))])
    found = {r.address.local: {path[-1] for path in unknown_links(r)} for r in world.resources()}
    assert {"vpc_zone_identifier", "launch_template_id"} <= found["aws_autoscaling_group.this"]
    assert {"instance", "network_interface"} <= found["aws_eip.bastion"]
    assert "network_interface_id" in found["aws_instance.bastion"]
    assert "network_interface" not in found["aws_instance.bastion"]  # blocks there
    assert not found["aws_security_group.this"] & {"id", "arn", "name"}


def test_the_table_of_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    assert resolution.main([str(CASE), "--list", "without"]) == 0
    printed = capsys.readouterr().out
    assert "self-managed" in printed
    assert "not resolved exactly" in printed
    assert "which a plan does not contain" in printed


def test_both_ways_count_the_same_links() -> None:
    case = resolution.Case("case", CASE / "plan.json", CASE / "applied.json", CASE)
    without, told = resolution.measure(case, lambda document, source: References)
    assert without.total == told.total > 0
    assert without.counts == told.counts


def test_blocks_unknown_as_a_whole_are_told_once_their_number_is() -> None:
    folder = CASE.parent / "unknown-blocks"
    world = World.after([plan.read(str(folder / "plan.json"))])
    given = world.get("module.given.aws_eks_node_group.this")
    assert given is not None
    assert ("launch_template",) in set(unknown_links(given))
    assert resolution._of_blocks(given, ("launch_template",)) == "none"
    assert resolution._of_blocks(given, ("scaling_config",)) == "exact"
    assert resolution._of_blocks(given, ("scaling_config", 0, "nothing")) == "exact"
    assert resolution._of_blocks(given, ("scaling_config", 7, "nothing")) == "none"
