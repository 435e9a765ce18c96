"""Ways of more than one hop: login by login from the internet to a target."""

from __future__ import annotations

from dataclasses import replace

from eks_checks.reach.answer import Answer, Source, Verdict
from eks_checks.reach.engine import Question, Reachability
from eks_checks.reach.paths import attack_paths

NODE, BASTION, JUMP, DESK = (
    "aws_eks_node_group.workers",
    "aws_instance.bastion",
    "aws_instance.jump",
    "aws_instance.desk",
)
IN = "aws_subnet.this"
SURE, MAYBE = Verdict.REACHABLE, Verdict.POSSIBLE


class Logins(Reachability):
    """Knows who logs in where, and nothing else."""

    def __init__(self, *answers: Answer) -> None:
        self._logins = answers

    def answers(self, question: Question) -> tuple[Answer, ...]:
        """The same for every question; only from the internet where that was asked."""
        if question.sources == ("internet",):
            return tuple(_only_internet(answer) for answer in self._logins)
        return self._logins


def target(resource: str, *sources: Source, listener: str = "yes", port: str = "22") -> Answer:
    verdict = max((s.verdict for s in sources), key=lambda v: v.strength, default=Verdict.BLOCKED)
    return Answer(resource, IN, "ipv4", "tcp", port, verdict, (), "no", listener, sources)


def internet(verdict: Verdict = SURE) -> Source:
    return Source("internet", verdict, cidrs=("0.0.0.0/0",))


def by(resource: str, verdict: Verdict = SURE) -> Source:
    return Source("interface", verdict, resource, IN)


def ways(answer: Answer, *logins: Answer, question: Question | None = None) -> list[tuple[str, ...]]:
    found = attack_paths(Logins(*logins, answer), question or Question(), (answer,))
    return [
        (path.verdict.value, *(f"{hop.source}>{hop.target}:{hop.port}" for hop in path.hops))
        for path in found
    ]


def test_over_a_bastion() -> None:
    assert ways(target(NODE, by(BASTION)), target(BASTION, internet())) == [
        ("reachable", f"internet>{BASTION}:22", f"{BASTION}>{NODE}:22")
    ]


def test_the_last_hop_goes_to_the_port_that_was_asked() -> None:
    [path] = ways(
        target(NODE, by(BASTION), port="10250"),
        target(BASTION, internet()),
        question=Question(ports=(10250, 10250)),
    )
    assert path[1:] == (f"internet>{BASTION}:22", f"{BASTION}>{NODE}:10250")


def test_no_entrance_no_way() -> None:
    assert ways(target(NODE, by(BASTION)), target(BASTION, by(JUMP))) == []


def test_a_host_without_a_listener_is_no_step() -> None:
    assert ways(target(NODE, by(BASTION)), target(BASTION, internet(), listener="no")) == []


def test_a_possible_step_makes_the_way_possible() -> None:
    [path] = ways(target(NODE, by(BASTION)), target(BASTION, internet(MAYBE)))
    assert path[0] == "possible"


def test_a_certain_way_goes_before_a_shorter_possible_one() -> None:
    [path] = ways(
        target(NODE, by(BASTION), by(DESK, MAYBE)),
        target(BASTION, by(JUMP)),
        target(JUMP, internet()),
        target(DESK, internet()),
    )
    assert path == ("reachable", f"internet>{JUMP}:22", f"{JUMP}>{BASTION}:22", f"{BASTION}>{NODE}:22")


def test_of_two_certain_ways_the_shortest() -> None:
    [path] = ways(
        target(NODE, by(BASTION), by(DESK)),
        target(BASTION, by(JUMP)),
        target(JUMP, internet()),
        target(DESK, internet()),
    )
    assert path[1:] == (f"internet>{DESK}:22", f"{DESK}>{NODE}:22")


def balancer(*cidrs: str, verdict: Verdict = SURE) -> Source:
    return Source("load_balancer", verdict, "aws_lb.front", cidrs=cidrs)


def test_over_a_load_balancer_that_the_internet_may_use() -> None:
    assert ways(target(NODE, balancer("0.0.0.0/0"))) == [
        ("reachable", "internet>aws_lb.front:22", f"aws_lb.front>{NODE}:22")
    ]
    assert ways(target(NODE, balancer("10.0.0.0/8", "192.168.0.0/16"))) == []


def test_over_a_load_balancer_to_a_bastion() -> None:
    [path] = ways(target(NODE, by(BASTION)), target(BASTION, balancer("8.8.8.0/24", verdict=MAYBE)))
    assert path == (
        "possible",
        "internet>aws_lb.front:22",
        f"aws_lb.front>{BASTION}:22",
        f"{BASTION}>{NODE}:22",
    )


def test_a_login_may_be_shorter_than_a_way_over_a_load_balancer() -> None:
    [path] = ways(
        target(NODE, by(BASTION), by(DESK)),
        target(BASTION, balancer("0.0.0.0/0")),
        target(DESK, internet()),
    )
    assert path[1:] == (f"internet>{DESK}:22", f"{DESK}>{NODE}:22")


def test_an_instance_connect_endpoint_is_no_way_in_from_the_internet() -> None:
    endpoint = Source("instance_connect_endpoint", SURE, "aws_ec2_instance_connect_endpoint.this")
    assert ways(target(NODE, by(BASTION)), target(BASTION, endpoint)) == []
    assert ways(target(NODE, endpoint)) == []


class ByPort(Reachability):
    """The node takes anything from the bastion, which the internet reaches on one port."""

    def __init__(self, port: int) -> None:
        self._port = port

    def answers(self, question: Question) -> tuple[Answer, ...]:
        """Only who gets into the bastion."""
        return (target(BASTION, internet()),) if question.ports == (self._port, self._port) else ()


def test_logins_over_any_port_that_is_named() -> None:
    answer = target(NODE, by(BASTION))
    over = {
        (port, login_ports): len(attack_paths(ByPort(port), Question(), (answer,), login_ports))
        for port in (22, 3389, 2222)
        for login_ports in ((22, 3389), (2222,), ())
    }
    assert {key for key, number in over.items() if number} == {
        (22, (22, 3389)),
        (3389, (22, 3389)),
        (2222, (2222,)),
    }
    [path] = attack_paths(ByPort(3389), Question(), (answer,))
    assert [hop.port for hop in path.hops] == ["3389", "22"]


def test_a_direct_way_is_none_of_several_hops() -> None:
    assert ways(target(NODE, internet())) == []


def test_its_own_nodes_in_the_same_subnet_are_no_step() -> None:
    assert ways(target(NODE, internet(), by(NODE))) == []


def test_only_tcp_has_logins() -> None:
    answer = target(NODE, by(BASTION))
    assert ways(answer, target(BASTION, internet()), question=Question(protocol="udp")) == []


def _only_internet(answer: Answer) -> Answer:
    kept = tuple(source for source in answer.sources if source.scope == "internet")
    verdict = max((s.verdict for s in kept), key=lambda v: v.strength, default=Verdict.BLOCKED)
    return replace(answer, sources=kept, verdict=verdict)
