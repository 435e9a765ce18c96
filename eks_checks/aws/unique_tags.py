"""Whether a tag tells one cluster's resources from another's, so that an IAM condition can (EKS702)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from eks_checks.aws.knowledge import NO, YES, Cause, Truth
from eks_checks.aws.tags import NO_TAGS, Tag, Tagged, Tagging


@dataclass(frozen=True)
class Shared:
    """A tag that tells its cluster well, but for a resource of another cluster that carries it too."""

    tag: Tag
    carrier: str


class UniqueTags:
    """Which tags are one cluster's own, among all that the inputs' clusters carry.

    A tag is a cluster's own where it names the cluster (its name stands in the key or the value, as a word
    of its own), or where its key is one that every cluster of the inputs carries with another value; and
    where no resource of another cluster carries the same key with the same value. With ``key`` only tags of
    that key count, and they must have the value that the cluster itself carries.
    """

    def __init__(self, tagging: Tagging, key: str = "") -> None:
        """Index who carries which tag; nothing is judged yet."""
        self._key = key
        by_resource = {each.resource: each for each in tagging.resources}
        self._clusters = {
            cluster: by_resource[resource].tags if resource in by_resource else NO_TAGS
            for cluster, resource in tagging.clusters.items()
        }
        self._carriers: dict[tuple[str, str], list[Tagged]] = {}
        self._vague: dict[str, list[Tagged]] = {}
        self._open: list[Tagged] = []
        self._perhaps: dict[tuple[str, str], tuple[Cause, ...]] = {}
        for each in tagging.resources:
            self._index(each)
        self._telling = frozenset(self._telling_keys())

    def own(self, tagged: Tagged, cluster: str) -> Truth:
        """Whether the resource carries a tag that is this cluster's own."""
        causes: list[Cause] = []
        for tag in tagged.tags.sure.values():
            truth = self._is_own(tag, cluster)
            if truth.surely:
                return YES
            causes.extend(truth.causes if truth.possibly else ())
        for tag in tagged.tags.maybe:
            causes.extend(tag.causes if self._is_own(tag, cluster).possibly else ())
        if tagged.tags.open:
            causes.extend(tagged.tags.causes)
        return Truth(None, tuple(dict.fromkeys(causes))) if causes else NO

    def shared(self, tagged: Tagged, cluster: str) -> Iterator[Shared]:
        """The tags that would be the cluster's own, if nobody of another cluster carried them."""
        for tag in tagged.tags.sure.values():
            other = self._carrier(tag, cluster)
            if other is not None and self._tells(tag, cluster).surely:
                yield Shared(tag, other)

    # --- one tag --------------------------------------------------------------------------------------

    def _is_own(self, tag: Tag, cluster: str) -> Truth:
        tells = self._tells(tag, cluster)
        if not tells.possibly or self._carrier(tag, cluster) is not None:
            return NO
        others = self._perhaps_carried(tag.key, cluster) if tells.surely else ()
        return Truth(None, others) if others else tells

    def _tells(self, tag: Tag, cluster: str) -> Truth:
        """Whether the tag says which cluster it is."""
        if not tag.users or (self._key and tag.key != self._key):
            return NO
        if self._key or tag.key in self._telling:
            found = self._as_the_cluster(tag, cluster)
            if self._key or found.surely:
                return found
        if cluster in tag.names.sure:
            return YES
        why = tag.causes or tag.names.causes or (Cause(cluster, "name", "the cluster's name is not known"),)
        return Truth(None, why) if cluster in tag.names.maybe else NO

    def _as_the_cluster(self, tag: Tag, cluster: str) -> Truth:
        """Whether the tag has the value that the cluster's own resource carries."""
        own = self._clusters.get(cluster)
        if own is None:
            why = Cause(cluster, "tags", "the cluster is in none of the inputs")
            return YES if cluster in tag.names.sure else Truth(None, (why,))
        wanted = own.sure.get(tag.key)
        if wanted is None:
            return Truth(None, own.doubts(tag.key)) if own.may_hold(tag.key) else NO
        if wanted is tag or (wanted.value is not None and wanted.value == tag.value):
            return YES
        if wanted.value is None or tag.value is None:
            same_name = cluster in wanted.names.sure and cluster in tag.names.sure
            return YES if same_name else Truth(None, (*wanted.causes, *tag.causes))
        return NO

    # --- who else carries it --------------------------------------------------------------------------

    def _carrier(self, tag: Tag, cluster: str) -> str | None:
        """A resource of another cluster, and not of this one, that carries the same key and value."""
        known = self._carriers.get((tag.key, tag.value), ()) if tag.value is not None else ()
        return next((each.resource for each in known if _of_another(each, cluster)), None)

    def _perhaps_carried(self, key: str, cluster: str) -> tuple[Cause, ...]:
        """Why a resource of another cluster may carry any value of the key; asked once for each pair."""
        if (key, cluster) not in self._perhaps:
            self._perhaps[key, cluster] = tuple(dict.fromkeys(self._vaguely(key, cluster)))
        return self._perhaps[key, cluster]

    def _vaguely(self, key: str, cluster: str) -> Iterator[Cause]:
        for each in self._vague.get(key, ()):
            # A tag that names its own cluster has another value.
            if _of_another(each, cluster) and not each.tags.sure[key].names.sure - {cluster}:
                yield from each.tags.sure[key].causes
        for each in self._open:
            if _of_another(each, cluster) and key not in each.tags.sure:
                yield from each.tags.causes

    def _index(self, tagged: Tagged) -> None:
        if not tagged.clusters.sure:
            return
        for key, tag in tagged.tags.sure.items():
            if tag.value is None:
                self._vague.setdefault(key, []).append(tagged)
            else:
                kept = self._carriers.setdefault((key, tag.value), [])
                # One carrier for each set of clusters says as much as all.
                if all(each.clusters.sure != tagged.clusters.sure for each in kept):
                    kept.append(tagged)
        if tagged.tags.open:
            self._open.append(tagged)

    def _telling_keys(self) -> Iterable[str]:
        """Keys that every cluster of the inputs, two or more, carries with a value of its own."""
        sets = list(self._clusters.values())
        if len(sets) < 2:
            return
        for key, tag in sets[0].sure.items():
            values = [each.sure[key].value for each in sets if key in each.sure]
            if tag.users and len(values) == len(sets) == len(set(values)) and None not in values:
                yield key


def _of_another(tagged: Tagged, cluster: str) -> bool:
    return cluster not in tagged.clusters.candidates
