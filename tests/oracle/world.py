"""A seeded generator of small AWS worlds, tuned so that about as many questions are answered
`reachable` as `blocked`.  The nouns are in `model_*`, their makers in `make_*`."""

from __future__ import annotations

from .make_connections import ConnectionsMaker
from .make_eks import EksMaker
from .make_network import NetworkMaker
from .make_pods import PodsMaker
from .make_rules import RulesMaker
from .make_services import ServicesMaker
from .model import World
from .random_names import Maker

__all__ = ["World", "random_world"]


def random_world(seed: int) -> World:
    maker = Maker(seed)
    network = NetworkMaker(maker)
    world = network.make()
    EksMaker(maker, world, world.vpc).make()
    connections = ConnectionsMaker(maker, world)
    connections.make(network)
    PodsMaker(maker, world).make()
    services = ServicesMaker(maker, world)
    services.make()
    RulesMaker(maker, world, connections.far, {**connections.only, **services.only}).make()
    services.open_up()
    return world
