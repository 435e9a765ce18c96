"""The smallest cut: known ones of small networks, and any other way to find it."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest

from eks_checks.aws.estate import Estate
from eks_checks.aws.firewall import SecurityGroup
from eks_checks.reach.answer import AttackPath, Cut, Verdict
from eks_checks.reach.cut import Cuts
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.login import Logins
from eks_checks.reach.measures import Measure, Measures
from eks_checks.reach.paths import attack_paths
from eks_checks.sets import TrafficSet
from tests.reach.networks import Host, group, network, rule

SSH, ANY = (22, 22), (0, 65535)
WORLD = "0.0.0.0/0"
CLUSTER = "cluster_group"


def paths(estate: Estate, port: int = 22, target: str = "node") -> tuple[AttackPath, ...]:
    question = Question(ports=(port, port), targets=(target,))
    reachability = Reachability(estate)
    return attack_paths(reachability, question, reachability.answers(question), cuts=True)


def cut_of(estate: Estate, port: int = 22) -> Cut:
    [path] = paths(estate, port)
    assert path.cut is not None
    return path.cut


def changes(estate: Estate, port: int = 22) -> list[tuple[str, str]]:
    """What is to be changed, of a cut that is exact and verified."""
    cut = cut_of(estate, port)
    assert (cut.exact, cut.verified) == (True, True)
    return [(change.resource, change.rule) for change in cut.changes]


def cluster_group(*more: object) -> SecurityGroup:
    return group(CLUSTER, rule(CLUSTER, None, CLUSTER, implicit=True), *more, kind="cluster")  # type: ignore[arg-type]


BASTION = group("bastion", rule("bastion", SSH, WORLD))


def test_the_rule_for_the_internet_goes_first() -> None:
    estate = network(
        [BASTION, group("inner", rule("inner", SSH, "bastion"))],
        [Host("gate", ["bastion"], public=True), Host("node", ["inner"], kind="node_group")],
    )
    assert changes(estate) == [("bastion", "22-22 from 0.0.0.0/0")]
    [change] = cut_of(estate).changes
    assert change.text == "remove 22-22 from 0.0.0.0/0"


def test_one_rule_on_several_hops_is_one_change() -> None:
    estate = network(
        [
            group("a", rule("a", SSH, WORLD)),
            group("b", rule("b", SSH, WORLD)),
            group("inner", rule("inner", SSH, "10.0.0.0/16")),
        ],
        [
            Host("gate_a", ["a"], public=True),
            Host("gate_b", ["b"], public=True),
            Host("jump", ["inner"]),
            Host("node", ["inner"], kind="node_group"),
        ],
    )
    assert changes(estate) == [("inner", "22-22 from 10.0.0.0/16")]


def test_two_bastions_with_rules_of_their_own_are_two_changes() -> None:
    estate = network(
        [
            group("a", rule("a", SSH, WORLD)),
            group("b", rule("b", SSH, WORLD)),
            group("inner", rule("inner", SSH, "a"), rule("inner", SSH, "b")),
        ],
        [
            Host("gate_a", ["a"], public=True),
            Host("gate_b", ["b"], public=True),
            Host("node", ["inner"], kind="node_group"),
        ],
    )
    assert changes(estate) == [("a", "22-22 from 0.0.0.0/0"), ("b", "22-22 from 0.0.0.0/0")]


def test_a_hop_that_several_rules_open_is_cut_when_all_of_them_are_gone() -> None:
    wide = [rule("bastion", SSH, WORLD), rule("bastion", ANY, "8.0.0.0/8"), rule("bastion", SSH, "9.0.0.0/8")]
    estate = network(
        [
            group("bastion", *wide),
            group("inner", rule("inner", SSH, "bastion"), rule("inner", (20, 25), "10.0.0.0/16")),
        ],
        [Host("gate", ["bastion"], public=True), Host("node", ["inner"], kind="node_group")],
    )
    assert changes(estate) == [("inner", "20-25 from 10.0.0.0/16"), ("inner", "22-22 from bastion")]


def test_of_a_wider_rule_the_ports_are_left_out() -> None:
    estate = network(
        [
            group("bastion", rule("bastion", SSH, WORLD), rule("bastion", SSH, "8.0.0.0/8")),
            group("inner", rule("inner", None, "bastion")),
        ],
        [Host("gate", ["bastion"], public=True), Host("node", ["inner"], kind="node_group")],
    )
    [change] = cut_of(estate).changes
    assert change.text == (
        "leave tcp 22 and tcp 3389 out of all from bastion; keep tcp 443 and 10250, tcp and udp 53, and"
        " the rest of tcp 1025-65535 among nodes and control plane"
    )


def test_what_eks_opens_again_is_not_proposed_but_the_group_left_off() -> None:
    """The gate is open by a group of which nothing is known, and the cluster group's self rule lets it in."""
    estate = network(
        [cluster_group(), replace(group("unknown"), open=True, kind="external")],
        [
            Host("gate", [CLUSTER, "unknown"], public=True, kind="node_group"),
            Host("node", [CLUSTER], kind="node_group"),
        ],
    )
    [path] = paths(estate)
    assert path.verdict is Verdict.POSSIBLE
    [change] = cut_of(estate).changes
    assert changes(estate) == [("gate", "the cluster security group of cluster_group")]
    assert "launch template that names groups of its own" in change.text


def test_a_rule_beside_the_self_rule_goes_only_with_it() -> None:
    """Two rules for the world at the gate: closing it takes two changes, leaving the group off one."""
    estate = network(
        [cluster_group(), group("edge", rule("edge", SSH, "8.0.0.0/8"), rule("edge", SSH, "9.0.0.0/8"))],
        [
            Host("gate", [CLUSTER, "edge"], public=True, kind="node_group"),
            Host("node", [CLUSTER], kind="node_group"),
        ],
    )
    assert len(changes(estate)) == 1


def test_where_nothing_known_opens_the_way_no_change_cuts_it() -> None:
    estate = network(
        [BASTION, replace(group("unknown"), open=True, kind="external")],
        [
            Host("gate", ["unknown"], public=True),
            Host("node", ["unknown"], kind="node_group"),
        ],
    )
    [path] = paths(replace(estate, interfaces=(estate.interfaces[0], estate.interfaces[1])))
    assert path.cut == Cut((), exact=True, verified=False)


def test_what_nodes_need_of_each_other_stays() -> None:
    """On 10250 the nodes' own rule is needed (J1): the gate is closed instead, rule by rule."""
    estate = network(
        [
            group("edge", rule("edge", SSH, "8.0.0.0/8"), rule("edge", SSH, "9.0.0.0/8")),
            group("nodes", rule("nodes", ANY, "nodes")),
        ],
        [
            Host("gate", ["edge", "nodes"], public=True, kind="node_group"),
            Host("node", ["nodes"], kind="node_group"),
        ],
    )
    assert changes(estate, 10250) == [("edge", "22-22 from 8.0.0.0/8"), ("edge", "22-22 from 9.0.0.0/8")]
    assert changes(estate, 22) == [("nodes", "0-65535 from nodes")]


def test_a_rule_that_lets_out_is_proposed_where_it_is_the_only_one() -> None:
    """The gate and the node take in too much to be closed in one change; the one rule out of the gate can."""
    out = rule("gate", SSH, "10.0.0.0/16")
    estate = network(
        [
            group("gate", rule("gate", SSH, "8.0.0.0/8"), rule("gate", SSH, "9.0.0.0/8"), egress=[out]),
            group("inner", rule("inner", SSH, "gate"), rule("inner", SSH, "10.0.0.0/16")),
        ],
        [Host("gate", ["gate"], public=True), Host("node", ["inner"], kind="node_group")],
    )
    assert changes(estate) == [("gate", "22-22 from 10.0.0.0/16")]


def test_a_cut_that_may_not_be_tried_out_is_of_the_ways_found() -> None:
    estate = network(
        [BASTION, group("inner", rule("inner", SSH, "bastion"))],
        [Host("gate", ["bastion"], public=True), Host("node", ["inner"], kind="node_group")],
    )
    logins = Logins(Reachability(estate))
    [answer] = logins.reachability.answers(Question(targets=("node",)))
    untried = Cuts(logins, most=0).of(answer)
    assert [change.rule for change in untried.changes] == ["22-22 from 0.0.0.0/0"]
    assert (untried.exact, untried.verified) == (False, False)
    spared = frozenset({("bastion", "22-22 from 0.0.0.0/0", None)})
    [change] = Cuts(logins, spared=spared).of(answer).changes
    assert (change.resource, change.rule) == ("inner", "22-22 from bastion")


def test_ways_that_are_meant_are_not_cut() -> None:
    estate = network(
        [
            group("a", rule("a", SSH, WORLD)),
            group("b", rule("b", SSH, WORLD)),
            group("inner", rule("inner", SSH, "a"), rule("inner", SSH, "b")),
        ],
        [
            Host("gate_a", ["a"], public=True),
            Host("gate_b", ["b"], public=True),
            Host("node", ["inner"], kind="node_group"),
        ],
    )
    logins = Logins(Reachability(estate), meant=lambda answer, _: answer.resource == "gate_a")
    [answer] = logins.reachability.answers(Question(targets=("node",)))
    cut = Cuts(logins).of(answer)
    assert [change.resource for change in cut.changes] == ["b"]
    assert cut.verified


# --- any other way to find it ----------------------------------------------------------------------

GROUPS = ("a", "b", "c")


def random_network(seed: int) -> Estate:
    pick = random.Random(seed)
    peers = (WORLD, "8.0.0.0/8", "10.0.0.0/16", "10.0.0.0/25", *GROUPS, CLUSTER)
    ports = (SSH, SSH, ANY, (3389, 3389), (20, 30), None)
    groups = [
        group(
            key,
            *{
                r.origin.text: r
                for r in (
                    rule(key, pick.choice(ports), pick.choice(peers)) for _ in range(pick.randint(0, 3))
                )
            }.values(),
        )
        for key in GROUPS
    ]
    if pick.random() < 0.2:
        groups[2] = replace(groups[2], open=True)
    hosts = [
        Host(
            name,
            pick.sample((*GROUPS, CLUSTER), pick.randint(1, 2)),
            public=pick.choice((True, None, False)) if name != "node" else False,
            kind=pick.choice(("instance", "node_group")) if name != "node" else "node_group",
            maybe=["b"] if pick.random() < 0.15 else (),
        )
        for name in ("gate", "jump", "desk", "node")
    ]
    return network([*groups, cluster_group()], hosts)


def universe(estate: Estate) -> list[Measure]:
    """Every change that may be proposed: explicit rules narrowed, the cluster group left off."""
    rules = [
        Measure(r.origin.resource, r.origin.text)
        for g in estate.security_groups.values()
        for r in g.ingress
        if not r.origin.implicit
    ]
    carried = [i.resource for i in estate.interfaces if CLUSTER in i.shapes[0].groups.candidates]
    return [*rules, *(Measure(name, group=CLUSTER) for name in carried)]


def is_cut(estate: Estate, measures: Measures, chosen: tuple[Measure, ...], port: int) -> bool:
    return not paths_without_cuts(measures.taken(chosen), port)


def paths_without_cuts(estate: Estate, port: int) -> tuple[AttackPath, ...]:
    question = Question(ports=(port, port), targets=("node",))
    reachability = Reachability(estate)
    return attack_paths(reachability, question, reachability.answers(question))


def least(estate: Estate, port: int) -> int | None:
    """The number of changes of the smallest cut, by trying every set of them."""
    ports = TrafficSet.tcp(*SSH) | TrafficSet.tcp(3389, 3389) | TrafficSet.tcp(port, port)
    measures = Measures(estate, ports)
    possible = universe(estate)
    for size in range(len(possible) + 1):
        for chosen in itertools.combinations(possible, size):
            if is_cut(estate, measures, chosen, port):
                return size
    return None


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_no_smaller_set_of_changes_is_a_cut(first: int) -> None:
    wrong = []
    for seed in range(first, first + 50):
        estate = random_network(seed)
        port = (22, 3389, 8080)[seed % 3]
        for path in paths(estate, port):
            cut = path.cut
            assert cut is not None
            want = least(estate, port)
            told = len(cut.changes) if cut.verified else None
            if told != want or not cut.exact:
                wrong.append(f"world {seed}: {want} changes cut it, told {cut}")
    assert not wrong, "\n".join(wrong[:5])


def test_random_networks_have_cuts_of_several_sizes() -> None:
    sizes = {
        len(path.cut.changes)
        for seed in range(150)
        for path in paths(random_network(seed), (22, 3389, 8080)[seed % 3])
        if path.cut is not None
    }
    assert sizes >= {0, 1, 2}
