"""Traffic: which protocols have selectors, edges, and the words for it."""

from __future__ import annotations

import pytest

from eks_checks.sets import ICMPV6, IntervalSet, TrafficSet, union_of

ALL_PORTS = IntervalSet.of((0, 65535))


def test_port_zero_and_protocol_zero_count() -> None:
    assert TrafficSet.tcp(0, 0)
    assert TrafficSet.tcp(0, 0).ports(6) == IntervalSet.point(0)
    assert TrafficSet.tcp(0, 0) != TrafficSet.tcp(0, 65535)
    assert TrafficSet.protocol(0).protocols() == IntervalSet.point(0)
    assert TrafficSet.tcp(0, 0).first() == (6, 0)


def test_protocols_without_ports_are_whole_or_absent() -> None:
    assert TrafficSet.of(47, IntervalSet.point(0)) == TrafficSet.protocol(47)
    assert TrafficSet.of(47, IntervalSet.point(9)).ports(47) == ALL_PORTS
    assert TrafficSet.of(47, IntervalSet.empty()) == TrafficSet.empty()
    assert (~TrafficSet.protocol(47)).ports(47) == IntervalSet.empty()


def test_everything_is_the_union_of_all_protocols() -> None:
    assert union_of(map(TrafficSet.protocol, range(256)), TrafficSet.empty()) == TrafficSet.everything()
    assert TrafficSet.everything().protocols() == IntervalSet.of((0, 255))
    assert TrafficSet.tcp(0, 65535) == TrafficSet.protocol(6)
    assert TrafficSet.udp(53, 53).ports(6) == IntervalSet.empty()


def test_icmp() -> None:
    assert TrafficSet.icmp(None, None) == TrafficSet.protocol(1)
    assert TrafficSet.icmp(None, None, ICMPV6) == TrafficSet.protocol(58)
    assert TrafficSet.icmp(8, None).ports(1) == IntervalSet.of((2048, 2303))
    assert TrafficSet.icmp(0, 0).ports(1) == IntervalSet.point(0)
    assert TrafficSet.icmp(3, 4) < TrafficSet.icmp(3, None) < TrafficSet.icmp(None, None)
    assert TrafficSet.icmp(255, 255).ports(1) == IntervalSet.point(65535)


def test_wrong_numbers_are_refused() -> None:
    for number in (-1, 256):
        with pytest.raises(ValueError, match=f"{number} is not within 0-255"):
            TrafficSet.protocol(number)
        with pytest.raises(ValueError, match=f"{number} is not within 0-255"):
            TrafficSet.icmp(number, None)
        with pytest.raises(ValueError, match=f"{number} is not within 0-255"):
            TrafficSet.icmp(3, number)
    with pytest.raises(ValueError, match="not within 0-65535"):
        TrafficSet.tcp(0, 65536)
    with pytest.raises(ValueError, match="not within 0-65535"):
        TrafficSet.udp(-1, 5)
    with pytest.raises(ValueError, match="ends before it starts"):
        TrafficSet.tcp(5, 4)
    with pytest.raises(ValueError, match="without a type"):
        TrafficSet.icmp(None, 0)
    with pytest.raises(ValueError, match="protocol 6 has no ICMP types"):
        TrafficSet.icmp(8, 0, 6)
    with pytest.raises(ValueError, match="no lowest"):
        TrafficSet.empty().first()


@pytest.mark.parametrize(
    ("traffic", "words"),
    [
        (TrafficSet.empty(), "no traffic"),
        (TrafficSet.everything(), "all traffic"),
        (TrafficSet.tcp(22, 22), "tcp 22"),
        (TrafficSet.tcp(0, 0), "tcp 0"),
        (TrafficSet.tcp(1024, 65535), "tcp 1024-65535"),
        (TrafficSet.tcp(0, 65535), "all tcp"),
        (TrafficSet.udp(53, 53) | TrafficSet.tcp(53, 53), "tcp 53, udp 53"),
        (TrafficSet.tcp(9, 9) | TrafficSet.tcp(80, 81), "tcp 9, tcp 80-81"),
        (TrafficSet.protocol(0), "protocol 0"),
        (TrafficSet.protocol(50) | TrafficSet.protocol(47), "gre, esp"),
        (TrafficSet.protocol(50) | TrafficSet.protocol(51), "protocols 50-51"),
        (TrafficSet.icmp(None, None), "all icmp"),
        (TrafficSet.icmp(8, None), "icmp echo request"),
        (TrafficSet.icmp(8, 0), "icmp echo request code 0"),
        (TrafficSet.icmp(42, None, 58), "icmpv6 type 42"),
        (TrafficSet.icmp(128, None, 58), "icmpv6 echo request"),
        (TrafficSet.icmp(0, None) | TrafficSet.icmp(1, None), "icmp types 0-1"),
        (
            TrafficSet.of(1, IntervalSet.of((3 * 256 + 4, 6 * 256 + 1))),
            "icmp destination unreachable code 4-255, icmp types 4-5, icmp type 6 code 0-1",
        ),
        (~TrafficSet.tcp(22, 22), "all traffic except tcp 22"),
        (~TrafficSet.protocol(6), "all traffic except all tcp"),
    ],
)
def test_words(traffic: TrafficSet, words: str) -> None:
    assert traffic.describe() == words
    assert repr(traffic) == f"<TrafficSet {words}>"
