"""EKS701, EKS702 and EKS703: which tags a cluster's resources and nodes carry."""

from __future__ import annotations

from dataclasses import replace

import pytest

from eks_checks.aws.knowledge import KeySet
from eks_checks.aws.tags import KINDS, NO_TAGS, Launched, NodeTags, Tag, Tagged, Tagging, TagSet
from eks_checks.checks.eks701_required_tags import eks701
from eks_checks.checks.eks702_cluster_tag import eks702
from eks_checks.checks.eks703_instance_tags import eks703
from eks_checks.settings import RequiredTag, Settings
from tests.checks import builders as b

SOMEHOW = (b.WHY,)


def tag_set(given: dict[str, str | None], *, open_: bool = False) -> TagSet:
    """Tags by key; None: the value is not known. ``open_``: there may be others."""
    sure = {key: Tag(key, value, causes=() if value is not None else SOMEHOW) for key, value in given.items()}
    return TagSet(sure, (), open_, SOMEHOW if open_ else ())


def tags(
    given: dict[str, str | None], *, open_: bool = False, type_: str = "aws_eks_cluster", certain: bool = True
) -> Tagged:
    """A resource of the cluster with these tags."""
    clusters = (
        KeySet(frozenset((b.CLUSTER,))) if certain else KeySet(maybe=frozenset((b.CLUSTER,)), causes=SOMEHOW)
    )
    return Tagged(
        f"{type_}.this", type_, tag_set(given, open_=open_), clusters, certain, "aws", location=b.HERE
    )


@pytest.mark.parametrize(
    ("tagged", "verdict"),
    [
        (tags({}), "fail"),
        (tags({"aws:eks:cluster-name": "prod"}), "fail"),
        (tags({"Owner": "me"}), "pass"),
        (tags({"Owner": None}), "pass"),
        (tags({}, open_=True), "possible"),
        (tags({"Owner": "me"}, open_=True), "pass"),
    ],
)
def test_with_no_tag_required_one_of_the_users_is_enough(tagged: Tagged, verdict: str) -> None:
    assert b.World(tagging=Tagging((tagged,))).only(eks701).verdict == verdict


OWNER = Settings(required_tags=(RequiredTag("Owner", pattern="team-[a-z]+"),))


@pytest.mark.parametrize(
    ("tagged", "verdict"),
    [
        (tags({"Owner": "team-net"}), "pass"),
        (tags({"Owner": "team-net", "More": "x"}, open_=True), "pass"),
        (tags({"Owner": "team-net2"}), "fail"),
        (tags({"Owner": "my team-net"}), "fail"),
        (tags({"owner": "team-net"}), "fail"),
        (tags({}), "fail"),
        (tags({}, open_=True), "possible"),
        (tags({"Owner": None}), "possible"),
    ],
)
def test_a_required_tag_by_key_and_whole_value(tagged: Tagged, verdict: str) -> None:
    outcome = b.World(tagging=Tagging((tagged,)), settings=OWNER).only(eks701)
    assert outcome.verdict == verdict
    if verdict != "pass":
        assert "Owner" in outcome.message


def test_a_key_alone_takes_any_value_even_one_not_known() -> None:
    settings = Settings(required_tags=(RequiredTag("Owner"),))
    assert (
        b.World(tagging=Tagging((tags({"Owner": None}),)), settings=settings).only(eks701).verdict == "pass"
    )


def test_required_for_some_types_only() -> None:
    settings = Settings(required_tags=(RequiredTag("Owner", types=("aws_subnet",)),))
    world = b.World(tagging=Tagging((tags({}), tags({}, type_="aws_subnet"))), settings=settings)
    found = world.outcomes(eks701)
    assert found["aws_eks_cluster.this"].verdict == "pass"
    assert found["aws_subnet.this"].verdict == "fail"


def test_every_fault_is_evidence_of_one_outcome() -> None:
    settings = Settings(required_tags=(RequiredTag("Owner"), RequiredTag("Env", pattern="prod|dev")))
    outcome = b.World(tagging=Tagging((tags({"Env": "test"}),)), settings=settings).only(eks701)
    assert len(outcome.evidence) == 2


def test_what_a_cluster_may_not_use_is_possible_only() -> None:
    outcome = b.World(tagging=Tagging((tags({}, certain=False),))).only(eks701)
    assert outcome.verdict == "possible"
    assert b.WHY.resource in outcome.message


def test_a_tag_that_may_be_put_on_it_besides_leaves_it_open() -> None:
    extra = Tag("Owner", "team-net", causes=SOMEHOW)
    one = Tagged("aws_vpc.this", "aws_vpc", TagSet(maybe=(extra,)), KeySet(frozenset((b.CLUSTER,))))
    for settings in (Settings(), OWNER):
        assert b.World(tagging=Tagging((one,)), settings=settings).only(eks701).verdict == "possible"


def test_an_auto_scaling_group_is_told_to_use_tag_blocks() -> None:
    group = tags({}, type_="aws_autoscaling_group")
    outcome = b.World(tagging=Tagging((group,))).only(eks701)
    assert "tag block" in outcome.remediation


@pytest.mark.parametrize(
    ("own", "perhaps", "verdict"),
    [
        ("team-a", "team-b", "pass"),
        ("team-a", "nobody", "possible"),
        ("nobody", "team-a", "possible"),
        ("nobody", "noone", "fail"),
        ("team-a", None, "possible"),
    ],
)
def test_a_value_that_may_be_overridden(own: str, perhaps: str | None, verdict: str) -> None:
    over = Tag("Owner", perhaps, causes=SOMEHOW)
    one = Tagged("aws_vpc.this", "aws_vpc", TagSet({"Owner": Tag("Owner", own)}, (over,)))
    assert b.World(tagging=Tagging((one,)), settings=OWNER).only(eks701).verdict == verdict


# --- EKS702 ----------------------------------------------------------------------------------------------

OTHER = "aws_eks_cluster.other"


def of(
    resource: str,
    *tags_: Tag,
    clusters: tuple[str, ...] = (b.CLUSTER,),
    open_: bool = False,
    sure: bool = True,
) -> Tagged:
    """A resource of these clusters (not ``sure``: perhaps of them) with these tags."""
    held = KeySet(frozenset(clusters)) if sure else KeySet(maybe=frozenset(clusters), causes=SOMEHOW)
    found = TagSet({tag.key: tag for tag in tags_}, (), open_, SOMEHOW if open_ else ())
    return Tagged(resource, resource.partition(".")[0], found, held, sure, location=b.HERE)


def named(key: str, value: str | None, *clusters: str, maybe: bool = False) -> Tag:
    """A tag that names clusters, or perhaps does."""
    keys = frozenset(clusters)
    return Tag(key, value, KeySet(maybe=keys) if maybe else KeySet(keys), () if value else SOMEHOW)


def judged(*resources: Tagged, key: str = "") -> dict[str, str]:
    """Resource to verdict."""
    tagging = Tagging(resources, clusters={each: each for each in (b.CLUSTER, OTHER)})
    world = b.World(tagging=tagging, clusters=(b.cluster(),), settings=Settings(cluster_tag=key))
    return {resource: outcome.verdict for resource, outcome in world.outcomes(eks702).items()}


def test_a_tag_that_names_the_cluster_is_its_own() -> None:
    assert judged(of("aws_vpc.a", named("Cluster", "prod", b.CLUSTER))) == {"aws_vpc.a": "pass"}
    assert judged(of("aws_vpc.a", named("Environment", "production"))) == {"aws_vpc.a": "fail"}
    assert judged(of("aws_vpc.a", named("Cluster", "other", OTHER))) == {"aws_vpc.a": "fail"}
    assert judged(of("aws_vpc.a")) == {"aws_vpc.a": "fail"}


def test_tags_that_are_awss_do_not_count() -> None:
    assert judged(of("aws_vpc.a", named("aws:eks:cluster-name", "prod", b.CLUSTER))) == {"aws_vpc.a": "fail"}


def test_a_value_that_is_on_another_clusters_resource_is_nobodys() -> None:
    mine = of("aws_vpc.a", named("Cluster", "prod", b.CLUSTER))
    theirs = of("aws_vpc.b", named("Cluster", "prod", b.CLUSTER), clusters=(OTHER,))
    assert judged(mine, theirs) == {"aws_vpc.a": "fail", "aws_vpc.b": "fail"}
    both = of("aws_vpc.b", named("Cluster", "prod", b.CLUSTER), clusters=(OTHER, b.CLUSTER))
    assert judged(mine, both) == {"aws_vpc.a": "pass"}, "what serves both may carry both clusters' tags"


def test_a_value_that_is_not_known_may_be_the_same() -> None:
    mine = of("aws_vpc.a", named("Cluster", "prod", b.CLUSTER))
    unknown = of("aws_vpc.b", named("Cluster", None), clusters=(OTHER,))
    assert judged(mine, unknown)["aws_vpc.a"] == "possible"
    its_own = of("aws_vpc.b", named("Cluster", None, OTHER), clusters=(OTHER,))
    assert judged(mine, its_own)["aws_vpc.a"] == "pass", "it names its own cluster, so it is another value"
    anything = of("aws_vpc.b", clusters=(OTHER,), open_=True)
    assert judged(mine, anything)["aws_vpc.a"] == "possible"


def test_what_perhaps_names_the_cluster_is_possible() -> None:
    assert judged(of("aws_vpc.a", named("Cluster", None, b.CLUSTER, maybe=True))) == {"aws_vpc.a": "possible"}
    assert judged(of("aws_vpc.a", open_=True)) == {"aws_vpc.a": "possible"}
    assert judged(of("aws_vpc.a", sure=False)) == {"aws_vpc.a": "possible"}
    assert judged(of("aws_vpc.a", named("C", "prod", b.CLUSTER), sure=False)) == {"aws_vpc.a": "pass"}


def test_what_serves_several_clusters_is_not_judged() -> None:
    assert judged(of("aws_vpc.a", clusters=(b.CLUSTER, OTHER))) == {}


def test_a_key_that_every_cluster_carries_with_another_value_tells_them() -> None:
    own, other = of(b.CLUSTER, named("Stack", "blue")), of(OTHER, named("Stack", "green"), clusters=(OTHER,))
    vpc = of("aws_vpc.a", named("Stack", "blue"))
    assert judged(own, other, vpc) == {b.CLUSTER: "pass", OTHER: "pass", "aws_vpc.a": "pass"}
    alike = of(OTHER, named("Stack", "blue"), clusters=(OTHER,))
    assert judged(own, alike, vpc)["aws_vpc.a"] == "fail"


@pytest.mark.parametrize(
    ("tag", "verdict"),
    [
        (named("Stack", "blue"), "pass"),
        (named("Stack", "green"), "fail"),
        (named("Stack", None), "possible"),
        (named("Cluster", "prod", b.CLUSTER), "fail"),
    ],
)
def test_with_a_key_configured_its_value_must_be_the_clusters_own(tag: Tag, verdict: str) -> None:
    own = of(b.CLUSTER, named("Stack", "blue"))
    found = judged(own, of("aws_vpc.a", tag), key="Stack")
    assert found == {b.CLUSTER: "pass", "aws_vpc.a": verdict}


def test_a_cluster_without_the_configured_key_fails_with_all_it_has() -> None:
    found = judged(of(b.CLUSTER), of("aws_vpc.a", named("Stack", "blue")), key="Stack")
    assert found == {b.CLUSTER: "fail", "aws_vpc.a": "fail"}


# --- EKS703 ----------------------------------------------------------------------------------------------


def nodes(*ways: dict[str, TagSet], own: TagSet = NO_TAGS, **changes: object) -> NodeTags:
    """A managed group whose nodes come up in these ways."""
    made = tuple(
        Launched(f"aws_launch_template.t{i}", "tag_specifications", way) for i, way in enumerate(ways)
    )
    return replace(NodeTags(b.NODES, "managed", own, made, location=b.HERE), **changes)  # type: ignore[arg-type]


def everywhere(given: dict[str, str | None], *, open_: bool = False) -> dict[str, TagSet]:
    """The same tags on all kinds."""
    return dict.fromkeys(KINDS, tag_set(given, open_=open_))


TEAM = {"Owner": "team-net"}


def at_nodes(found: NodeTags, settings: Settings = OWNER) -> str:
    """The verdict on one node group."""
    return b.World(tagging=Tagging(nodes=(found,)), settings=settings).only(eks703).verdict


def test_each_kind_must_carry_the_required_tags() -> None:
    assert at_nodes(nodes(everywhere(TEAM))) == "pass"
    for kind in KINDS:
        assert at_nodes(nodes({**everywhere(TEAM), kind: NO_TAGS})) == "fail"
        assert at_nodes(nodes({**everywhere(TEAM), kind: tag_set({}, open_=True)})) == "possible"
    assert at_nodes(nodes(everywhere({"Owner": "net"}))) == "fail"
    assert at_nodes(nodes(everywhere({"Owner": None}))) == "possible"


def test_every_template_of_a_group_counts() -> None:
    assert at_nodes(nodes(everywhere(TEAM), everywhere({}))) == "fail"


def test_a_kind_that_cannot_be_tagged_in_this_way_is_not_asked_about() -> None:
    assert at_nodes(nodes({"instance": tag_set(TEAM), "volume": tag_set(TEAM)})) == "pass"


def test_types_of_a_required_tag_are_those_of_the_kinds() -> None:
    settings = Settings(required_tags=(RequiredTag("Backup", types=("aws_ebs_volume",)),))
    assert at_nodes(nodes({**everywhere({}), "volume": tag_set({"Backup": "daily"})}), settings) == "pass"
    assert at_nodes(nodes(everywhere({})), settings) == "fail"
    groups = Settings(required_tags=(RequiredTag("Owner", types=("aws_eks_node_group",)),))
    assert at_nodes(nodes(everywhere({})), groups) == "pass"


def test_with_none_required_the_groups_own_tags_are_wanted_at_its_nodes() -> None:
    own = tag_set({"Owner": "team-net"})
    assert at_nodes(nodes(everywhere({"Owner": "x"}), own=own), Settings()) == "pass"
    assert at_nodes(nodes(everywhere({"Name": "x"}), own=own), Settings()) == "fail"


def test_with_none_at_all_one_of_the_users_is_enough() -> None:
    assert at_nodes(nodes(everywhere({"Name": "x"})), Settings()) == "pass"
    assert at_nodes(nodes(everywhere({})), Settings()) == "fail"
    assert at_nodes(nodes(everywhere({}, open_=True)), Settings()) == "possible"


def test_a_group_that_may_make_no_nodes_is_possible_only() -> None:
    assert at_nodes(nodes(everywhere({}), causes=SOMEHOW)) == "possible"
    assert at_nodes(nodes(everywhere(TEAM), causes=SOMEHOW)) == "pass"


def test_one_finding_says_which_kinds_lack_what_and_where() -> None:
    found = nodes({**everywhere({}), "volume": tag_set(TEAM)}, idle=("aws_autoscaling_group_tag.x",))
    outcome = b.World(tagging=Tagging(nodes=(found,)), settings=OWNER).only(eks703)
    assert "instances and network interfaces lack Owner" in outcome.message
    told = [(item.resource, item.attribute) for item in outcome.evidence]
    assert told == [("aws_launch_template.t0", "tag_specifications"), ("aws_autoscaling_group_tag.x", "tag")]


def test_keys_that_eks_may_set_by_itself_are_not_missing_for_certain() -> None:
    theirs = dict.fromkeys(KINDS, TagSet(prefixes=("kubernetes.io/cluster/",)))
    settings = Settings(required_tags=(RequiredTag("kubernetes.io/cluster/prod"),))
    assert at_nodes(nodes(theirs), settings) == "possible"
