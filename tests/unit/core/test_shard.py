from __future__ import annotations

import pytest

from ackord.core.shard import Shard, shard_numbers


@pytest.mark.parametrize("text", ["", "2", "0/5", "6/5", "2/0", "a/b", "2/5/7", "-1/5", "2 / 5", "2/99999"])
def test_only_a_number_of_a_count_is_a_shard(text: str) -> None:
    with pytest.raises(ValueError, match="such as 2/5"):
        shard_numbers(text)


def shards(count: int, *profiles: str) -> list[Shard]:
    return [Shard(number, count, 7, profiles, "again") for number in range(1, count + 1)]


def test_profiles_are_dealt_out_each_once_with_the_campaigns_seed() -> None:
    parts = shards(3, *"abcdefgh")
    assert [part.own_profiles for part in parts] == [("a", "d", "g"), ("b", "e", "h"), ("c", "f")]
    assert {part.own_seed for part in parts} == {7}


def test_a_single_profile_has_a_seed_for_each_shard_and_the_first_has_the_campaigns() -> None:
    parts = shards(4, "a")
    assert {part.own_profiles for part in parts} == {("a",)}
    seeds = [part.own_seed for part in parts]
    assert seeds[0] == 7 and len(set(seeds)) == 4
    assert seeds == [part.own_seed for part in shards(4, "a")], "on every machine the same"
    assert all(seed < 2**63 for seed in seeds)


def test_a_shard_comes_back_from_json() -> None:
    shard = shards(3, "a", "b", "c")[1]
    assert (Shard.from_json(shard.to_json()), str(shard)) == (shard, "2/3")
    with pytest.raises((KeyError, ValueError)):
        Shard.from_json(shard.to_json() | {"number": 4})
