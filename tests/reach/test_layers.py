"""All layers of a flow together: most look at one end, the reply couples both."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from eks_checks.reach.answer import Verdict
from eks_checks.reach.layers import Crossing, Ends, Layer, ReplyLayer
from eks_checks.sets import TCP, AddressSet, Bounds, Product, TrafficSet, union_of

SOURCES = ("10.0.1.0", "10.0.1.1")
TARGETS = ("10.0.2.0", "10.0.2.1")
CLIENT_PORTS = (1024, 40000)
NOTHING = AddressSet.empty()


def of(*addresses: str) -> AddressSet:
    return union_of((AddressSet.from_address(a) for a in addresses), NOTHING)


def layer(end: str, lower: AddressSet, upper: AddressSet | None = None, kind: str = "nacl") -> Layer:
    bounds = Bounds(lower, lower if upper is None else upper)
    return Layer(kind, end, f"aws_{kind}.{end}", bounds, f"{kind} at the {end}", lambda _: (), lambda *_: ())


def reply(end: str, passes: dict[str, TrafficSet]) -> ReplyLayer:
    made: Product[AddressSet, TrafficSet] = Product.empty()
    for address, traffic in passes.items():
        made = made | Product.of(of(address), traffic)
    return ReplyLayer(end, f"aws_network_acl.{end}", Bounds.exact(made), "reply", lambda _: (), lambda *_: ())


def crossing(
    *layers: Layer | ReplyLayer, sources_fixed: bool = False, targets_fixed: bool = False
) -> Crossing:
    ends = Ends(of(*SOURCES), of(*TARGETS), sources_fixed, targets_fixed)
    return Crossing(
        ends,
        tuple(one for one in layers if isinstance(one, Layer)),
        tuple(one for one in layers if isinstance(one, ReplyLayer)),
    )


LOW, HIGH = TrafficSet.tcp(1024, 32767), TrafficSet.tcp(32768, 65535)


def everywhere(addresses: tuple[str, ...], traffic: TrafficSet) -> dict[str, TrafficSet]:
    return dict.fromkeys(addresses, traffic)


def test_one_client_port_must_pass_both_lists() -> None:
    """Each list alone lets replies through; no port passes both, and so nothing is answered (B10, M3)."""
    out, back = reply("source", everywhere(SOURCES, LOW)), reply("target", everywhere(TARGETS, HIGH))
    assert crossing(out).verdict is Verdict.REACHABLE
    assert crossing(back).verdict is Verdict.REACHABLE
    both = crossing(out, back)
    assert both.verdict is Verdict.BLOCKED
    [(kind, names, text)] = both.blockers(of(*SOURCES))
    assert kind == "nacl"
    assert names == "aws_network_acl.source and aws_network_acl.target"
    assert "no client port" in text


def test_one_common_port_is_enough() -> None:
    shared = TrafficSet.tcp(32767, 40000)
    both = crossing(reply("source", everywhere(SOURCES, LOW)), reply("target", everywhere(TARGETS, shared)))
    assert both.verdict is Verdict.REACHABLE


def test_the_ports_may_fit_for_some_pairs_only() -> None:
    out = reply("source", {SOURCES[0]: LOW, SOURCES[1]: HIGH})
    back = reply("target", everywhere(TARGETS, LOW))
    found = crossing(out, back)
    assert found.admitted == Bounds.exact(of(SOURCES[0]))
    assert found.verdict is Verdict.POSSIBLE, "the source's own address in its subnet is not known"


def test_a_target_that_may_have_either_address() -> None:
    """A rule for half the subnet: possible for an unknown address, reachable where both are the target's."""
    half = layer("target", of(TARGETS[0]))
    assert crossing(half).verdict is Verdict.POSSIBLE
    assert crossing(half, targets_fixed=True).verdict is Verdict.REACHABLE
    assert crossing(layer("target", NOTHING)).verdict is Verdict.BLOCKED


def test_a_source_that_has_all_its_addresses() -> None:
    half = layer("source", of(SOURCES[0]))
    assert crossing(half).verdict is Verdict.POSSIBLE
    assert crossing(half, sources_fixed=True).verdict is Verdict.REACHABLE


def test_an_undecided_layer_is_possible_and_says_so() -> None:
    found = crossing(layer("source", NOTHING, of(*SOURCES)))
    assert found.verdict is Verdict.POSSIBLE
    assert found.admitted.undecided == of(*SOURCES)


def test_without_takes_a_kind_of_layer_away() -> None:
    found = crossing(layer("source", NOTHING, kind="route"), layer("source", of(*SOURCES), kind="nacl"))
    assert found.verdict is Verdict.BLOCKED
    assert found.without("route").verdict is Verdict.REACHABLE
    assert [kind for kind, _, _ in found.blockers(of(*SOURCES))] == ["route"]


subsets = {
    end: st.sets(st.sampled_from(addresses)).map(lambda chosen: of(*sorted(chosen)))
    for end, addresses in (("source", SOURCES), ("target", TARGETS))
}
ports = st.sampled_from([TrafficSet.empty(), LOW, HIGH, LOW | HIGH])


@given(
    st.lists(subsets["source"], max_size=2),
    st.lists(subsets["target"], max_size=2),
    st.lists(st.tuples(*(ports for _ in SOURCES)), max_size=2),
    st.lists(st.tuples(*(ports for _ in TARGETS)), max_size=2),
)
def test_what_gets_in_and_gets_an_answer(
    by_source: list[AddressSet],
    by_target: list[AddressSet],
    out: list[tuple[TrafficSet, ...]],
    back: list[tuple[TrafficSet, ...]],
) -> None:
    """Known layers: exactly the sources that reach every target address they may meet, or some."""
    replies = [reply("source", dict(zip(SOURCES, given_, strict=True))) for given_ in out]
    replies += [reply("target", dict(zip(TARGETS, given_, strict=True))) for given_ in back]
    layers = [layer("source", each) for each in by_source] + [layer("target", each) for each in by_target]

    def answered(source: str, target: str) -> bool:
        if not all(source in each for each in by_source) or not all(target in each for each in by_target):
            return False
        lists = [given_[SOURCES.index(source)] for given_ in out]
        lists += [given_[TARGETS.index(target)] for given_ in back]
        return any(all(each.contains(TCP, port) for each in lists) for port in CLIENT_PORTS)

    ways = {pair: answered(*pair) for pair in itertools.product(SOURCES, TARGETS)}
    every = {s for s in SOURCES if all(ways[s, t] for t in TARGETS)}
    some = {s for s in SOURCES if any(ways[s, t] for t in TARGETS)}
    free, fixed = crossing(*layers, *replies), crossing(*layers, *replies, targets_fixed=True)
    assert free.admitted == Bounds(of(*sorted(every)), of(*sorted(some)))
    assert fixed.admitted == Bounds.exact(of(*sorted(some)))
