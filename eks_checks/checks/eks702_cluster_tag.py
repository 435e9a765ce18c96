"""EKS702: a resource of the cluster carries no tag whose value is unique to that cluster."""

from __future__ import annotations

from collections.abc import Iterator

from eks_checks.aws.estate import Estate
from eks_checks.aws.knowledge import Cause, Truth
from eks_checks.aws.tags import TAGGABLE, Tagged
from eks_checks.aws.unique_tags import UniqueTags
from eks_checks.checks.check import Outcome, View, check
from eks_checks.checks.phrases import decided_by, listed, open_questions, plural
from eks_checks.checks.tagged import membership_doubts
from eks_checks.findings import Evidence, Severity


@check(
    id="EKS702",
    name="cluster-tag",
    severity=Severity.LOW,
    summary="A resource of the cluster carries no tag whose value is unique to that cluster.",
    resource_types=TAGGABLE,
    parameters=("cluster_tag",),
)
def eks702(view: View) -> Iterator[Outcome]:
    """One outcome per taggable resource of one cluster; what serves several is not judged (L1, L8)."""
    tagging = view.estate.tagging
    key = view.settings.cluster_tag
    found = UniqueTags(tagging, key)
    for tagged in tagging.resources:
        if len(tagged.clusters.sure) < 2:
            yield _Judged(view.estate, found, tagged, key).outcome()


class _Judged:
    """One resource and the clusters it may be of."""

    def __init__(self, estate: Estate, tags: UniqueTags, tagged: Tagged, key: str) -> None:
        self.estate, self.tags, self.tagged, self.key = estate, tags, tagged, key

    def outcome(self) -> Outcome:
        one = self.tagged
        truths = {cluster: self.tags.own(one, cluster) for cluster in sorted(one.clusters.candidates)}
        if truths and all(truth.surely for truth in truths.values()) and not one.clusters.open:
            return Outcome(one.resource, "pass", location=one.location)
        causes = self._doubts(truths)
        if causes:
            message = f"Whether {one.resource} carries a tag of its cluster alone cannot be told: "
            told = open_questions(causes)
            return self._made("possible", f"{message}{decided_by(causes)}.", told)
        [cluster] = truths
        return self._made("fail", self._message(cluster), self._evidence(cluster))

    def _doubts(self, truths: dict[str, Truth]) -> tuple[Cause, ...]:
        one = self.tagged
        causes = [cause for truth in truths.values() if truth.possibly for cause in truth.causes]
        causes.extend(membership_doubts(one))
        if len(truths) != 1 or one.clusters.open:
            fallback = Cause(one.resource, "", "which cluster it is a resource of is not known")
            causes.extend(one.clusters.causes or (fallback,))
        return tuple(dict.fromkeys(causes))

    def _made(self, verdict: str, message: str, told: tuple[Evidence, ...]) -> Outcome:
        one = self.tagged
        return Outcome(one.resource, verdict, message, told, self._remedy(), location=one.location)

    def _message(self, cluster: str) -> str:
        carried = [f"{key} = {_shown(tag.value)}" for key, tag in sorted(self.tagged.tags.sure.items())]
        has = f"its {plural(len(carried), 'tag', 'tags')} ({listed(carried)}) may stand on any cluster's"
        missing = f"no tag {self.key} with the cluster's own value" if self.key else "no tag that names it"
        of = "" if self.tagged.type == "aws_eks_cluster" else f" is a resource of {self._name(cluster)} and"
        return (
            f"{self.tagged.resource}{of} carries {missing}: "
            f"{has if carried else 'it has no tag at all'}, so that no IAM condition on tags "
            "can tell it from another cluster's."
        )

    def _evidence(self, cluster: str) -> tuple[Evidence, ...]:
        one = self.tagged
        shared = [
            Evidence(
                one.resource,
                f'{one.attribute}: {each.tag.key} = "{each.tag.value}" is on {each.carrier} too, a resource '
                "of another cluster",
                attribute=one.attribute,
            )
            for each in self.tags.shared(one, cluster)
        ]
        text = f"{one.attribute}: {listed(sorted(one.tags.sure)) or 'none'}"
        return tuple(shared) or (Evidence(one.resource, text, attribute=one.attribute),)

    def _name(self, cluster: str) -> str:
        known = self.estate.clusters.get(cluster)
        return f"{cluster} ({known.name})" if known is not None and known.managed and known.name else cluster

    def _remedy(self) -> str:
        key = self.key or "Cluster"
        return (
            f"Give every resource of the cluster a tag such as {key} = <the cluster's name>: in the tags of "
            "the module or the resource, or in default_tags of a provider that makes this cluster alone. In "
            "IAM policies, name it in conditions (aws:ResourceTag, aws:RequestTag). Tags change in place."
        )


def _shown(value: str | None) -> str:
    return "not known yet" if value is None else f'"{value}"'
