"""A seeded generator of small AWS worlds, tuned so that about as many questions are answered
`reachable` as `blocked`.  The nouns are in `model`; network and EKS parts in `make_network`, `make_eks`."""

from __future__ import annotations

from .make_eks import EksMaker
from .make_network import NetworkMaker
from .model import World
from .random_names import Maker

__all__ = ["World", "random_world"]


def random_world(seed: int) -> World:
    maker = Maker(seed)
    world = NetworkMaker(maker).make()
    EksMaker(maker, world).make()
    return world
