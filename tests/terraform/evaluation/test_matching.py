"""Which written block a planned one is: the true one is always among the candidates."""

from __future__ import annotations

import random
from typing import Any

import pytest

from eks_checks.terraform.address import ResourceAddress
from eks_checks.terraform.evaluation.matching import Planned, assigned
from eks_checks.terraform.value import NULL, Collection, Known, Reference, Unknown, Value

GROUP = Reference(ResourceAddress((), "managed", "aws_security_group", "a"), ("id",), filled=True)
OTHER = Reference(ResourceAddress((), "managed", "aws_security_group", "b"), ("id",), filled=True)
NOT_SAID = Unknown("a function that nobody evaluates")
MADE_OF_AN_ID = Unknown("a text made of aws_security_group.a.id", parts=(Known("x-"), GROUP))

Block = dict[str, Value | None]
LATER = object()
"""In a planned block: known after apply."""


def planned(**values: Any) -> Planned:
    """A block as a plan has it: what is known after apply is absent, and marked."""
    known = {name: value for name, value in values.items() if value is not LATER}
    return Planned(known, {name: True for name, value in values.items() if value is LATER})


def ports(*numbers: int) -> list[Block]:
    return [{"port": Known(number)} for number in numbers]


def members(*values: Value, ordered: bool = True) -> Collection:
    return Collection(values, ordered=ordered)


def test_blocks_in_the_order_they_are_written() -> None:
    there = [planned(port=22), planned(port=443)]
    assert assigned(there, ports(22, 443), exact=True) == [(0,), (1,)]


def test_a_set_in_an_order_of_its_own() -> None:
    there = [planned(port=443), planned(port=80), planned(port=22)]
    assert assigned(there, ports(22, 80, 443), exact=True) == [(2,), (1,), (0,)]


def test_numbers_and_texts_are_converted() -> None:
    there = [planned(port="443", public="true"), planned(port="22", public="false")]
    written: list[Block] = [
        {"port": Known(22), "public": Known(False)},
        {"port": Known(443), "public": Known(True)},
    ]
    assert assigned(there, written, exact=True) == [(1,), (0,)]


def test_what_only_apply_tells_is_no_constant() -> None:
    """Terraform knows a constant at plan: so the one it does not know is the reference."""
    there = [planned(group=LATER, port=1), planned(group="sg-1", port=1)]
    written: list[Block] = [{"group": Known("sg-1")}, {"group": GROUP}]
    assert assigned(there, written, exact=True) == [(1,), (0,)]


def test_a_text_made_of_an_id_is_not_planned() -> None:
    there = [planned(name=LATER), planned(name="x-1")]
    written: list[Block] = [{"name": NOT_SAID}, {"name": MADE_OF_AN_ID}]
    assert assigned(there, written, exact=True) == [(1,), (0,)]


def test_evaluation_may_know_what_the_plan_does_not() -> None:
    """Then the constants fit nowhere at first sight, and what else is known decides."""
    there = [planned(port=443, open=LATER), planned(port=22, open=LATER)]
    written: list[Block] = [
        {"port": Known(22), "open": Known(True)},
        {"port": Known(443), "open": Known(False)},
    ]
    assert assigned(there, written, exact=True) == [(1,), (0,)]


def test_settling_one_settles_the_others() -> None:
    """The second can only be the last, hence the first only the middle one, hence the third the first."""
    there = [planned(port=1, to=2), planned(port=1, to=3), planned(port=9, to=2)]
    written: list[Block] = [
        {"port": NOT_SAID, "to": Known(2)},
        {"port": Known(1), "to": NOT_SAID},
        {"port": Known(1), "to": Known(3)},
    ]
    assert assigned(there, written, exact=True) == [(1,), (2,), (0,)]


def test_blocks_that_look_alike_are_dealt_out_in_order() -> None:
    """Either order is right, since nothing in the plan tells them apart."""
    there = [planned(port=22, group=LATER), planned(port=22, group=LATER)]
    written: list[Block] = [{"port": Known(22), "group": GROUP}, {"port": Known(22), "group": OTHER}]
    assert assigned(there, written, exact=True) == [(0,), (1,)]


def test_alike_ones_behind_another() -> None:
    there = [planned(port=22, group=LATER), planned(port=22, group=LATER), planned(port=443, group=LATER)]
    written: list[Block] = [
        {"port": Known(443), "group": GROUP},
        {"port": Known(22), "group": GROUP},
        {"port": Known(22), "group": OTHER},
    ]
    assert assigned(there, written, exact=True) == [(1,), (2,), (0,)]


def test_ambiguous_ones_keep_all_candidates() -> None:
    """The plan tells them apart by what evaluation does not know."""
    there = [planned(port=22, group=LATER), planned(port=443, group=LATER)]
    written: list[Block] = [{"port": NOT_SAID, "group": GROUP}, {"port": NOT_SAID, "group": OTHER}]
    assert assigned(there, written, exact=True) == [(0, 1), (0, 1)]


def test_others_than_the_written_ones_may_be_there() -> None:
    """Where blocks are open, nothing is settled by elimination: two may be of one that fits both."""
    there = [planned(port=22), planned(port=22), planned(port=9)]
    written: list[Block] = [{"port": Known(22)}, {"port": Known(443)}, {"port": NOT_SAID}]
    assert assigned(there, written, exact=False) == [(0, 2), (0, 2), (2,)]


def test_more_written_than_planned() -> None:
    """A set keeps equal blocks once."""
    assert assigned([planned(port=22)], ports(22, 22), exact=True) == [(0, 1)]


def test_where_a_provider_has_changed_a_block_nobody_takes_its_place() -> None:
    """AWS's provider plans protocol "6" as "tcp": two want to be the one that is written so."""
    there = [planned(protocol="tcp", own=False), planned(protocol="tcp", own=True), planned(protocol="udp")]
    written: list[Block] = [
        {"protocol": Known("6"), "own": NOT_SAID},
        {"protocol": Known("tcp"), "own": NOT_SAID},
        {"protocol": Known("udp")},
    ]
    assert assigned(there, written, exact=True) == [(), (), (2,)]


UNSET: list[tuple[Value | None, Any]] = [
    (NULL, "default"),  # left to the provider
    (None, "default"),  # not set at all
    (Known("x"), None),  # an attribute that is not in the plan
    (GROUP, "sg-1"),  # has become known since
    (NOT_SAID, "x"),
    (NOT_SAID, LATER),
    (members(Known("a")), ["a"]),
    (members(Known("b"), Known("a")), ["a", "b"]),
    (members(GROUP, OTHER), [None]),  # two ids that turn out to be one, in a set
    (members(Known("a")), LATER),
    (Collection((Known("a"),), open=NOT_SAID), ["a", "b"]),
]


@pytest.mark.parametrize(("value", "there"), UNSET)
def test_what_does_not_speak_against_a_block(value: Value | None, there: Any) -> None:
    assert assigned([planned(name=there)], [{"name": value}], exact=True) == [(0,)]


AGAINST: list[tuple[Value, Any]] = [
    (Known("x"), "y"),
    (Known(22), 23),
    (GROUP, None),
    (GROUP, ""),
    (MADE_OF_AN_ID, "x-1"),
    (members(Known("a")), ["b"]),
    (members(Known("a"), Known("b")), ["a"]),
    (members(Known("a")), ["a", "b"]),
]


@pytest.mark.parametrize(("value", "there"), AGAINST)
def test_what_speaks_against_a_block(value: Value, there: Any) -> None:
    assert assigned([planned(name=there)], [{"name": value}], exact=True) == [()]


# --- whatever the order and whatever is hidden ----------------------------------------------------------


NAMES = ("port", "group", "text")


class Example:
    """Blocks as they are written, as a plan has them in another order, and which is which."""

    def __init__(self, seed: int, hidden: float, later: float) -> None:
        """``hidden``: the share that evaluation cannot tell; ``later``: what only apply tells."""
        rng = random.Random(seed)
        count = rng.randint(1, 5)
        self.written: list[Block] = []
        there: list[Planned] = []
        for position in range(count):
            block: Block = {}
            values: dict[str, Any] = {}
            for name in NAMES:
                value = rng.randint(0, 2)
                values[name] = LATER if rng.random() < later else value
                known = Known(value) if values[name] is not LATER else reference(position)
                block[name] = NOT_SAID if rng.random() < hidden else known
            self.written.append(block)
            there.append(planned(**values))
        self.order = rng.sample(range(count), count)
        self.planned = [there[index] for index in self.order]

    def unlike(self) -> bool:
        """Whether no two blocks are planned alike."""
        return all(one not in self.planned[:position] for position, one in enumerate(self.planned))


def reference(position: int) -> Reference:
    return Reference(ResourceAddress((), "managed", "aws_vpc", f"v{position}"), ("id",), filled=True)


def lost(example: Example, found: list[tuple[int, ...]]) -> list[int]:
    """The written blocks that are not among the candidates of the planned ones like their own."""
    return [
        true
        for true, there in zip(example.order, example.planned, strict=True)
        if not any(true in found[i] for i, other in enumerate(example.planned) if other == there)
    ]


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("hidden", [0.0, 0.3, 0.7])
def test_the_true_block_is_among_the_candidates(hidden: float, exact: bool) -> None:
    for seed in range(600):
        example = Example(seed, hidden, later=0.3)
        found = assigned(example.planned, example.written, exact=exact)
        assert lost(example, found) == [], seed


def test_the_true_block_is_alone_where_the_known_parts_tell() -> None:
    told = 0
    for seed in range(600):
        example = Example(seed, hidden=0.0, later=0.3)
        if example.unlike():
            told += 1
            found = assigned(example.planned, example.written, exact=True)
            assert found == [(true,) for true in example.order], seed
    assert told > 200


def test_no_written_block_is_given_to_two() -> None:
    """Alike ones are dealt out: what is settled for one is nobody else's."""
    alike = 0
    for seed in range(600):
        example = Example(seed, hidden=0.3, later=0.8)
        alike += not example.unlike()
        found = assigned(example.planned, example.written, exact=True)
        for position, candidates in enumerate(found):
            others = found[:position] + found[position + 1 :]
            assert len(candidates) > 1 or not any(candidates[0] in other for other in others), seed
    assert alike > 100


@pytest.mark.parametrize("hidden", [0.0, 0.3])
def test_what_evaluation_knows_beyond_the_plan_misleads_nobody(hidden: float) -> None:
    """Constants that the plan leaves open."""
    for seed in range(600):
        example = Example(seed, hidden, later=0.3)
        rng = random.Random(seed)
        for true, there in zip(example.order, example.planned, strict=True):
            for name in NAMES:
                if name in there.unknown and rng.random() < 0.5:
                    example.written[true][name] = Known(rng.randint(0, 2))
        assert lost(example, assigned(example.planned, example.written, exact=True)) == [], seed
