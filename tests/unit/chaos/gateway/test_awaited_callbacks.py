"""Acknowledgements wait for a callback about their order: until it came, or until the caller ends it."""

from __future__ import annotations

from ackord.chaos.gateway.awaited_callbacks import AwaitedCallbacks


class Waiting:
    def __init__(self, awaited: AwaitedCallbacks, order: int | str, *, end: bool = False) -> None:
        self.said: list[str] = []
        self.give_up = awaited.wait(
            order, lambda: self.said.append("called"), lambda: self.said.append("over"), end=end
        )


def test_it_is_called_once_whatever_comes_after() -> None:
    awaited = AwaitedCallbacks()
    one, other = Waiting(awaited, "A"), Waiting(awaited, "B")
    awaited.called("A", end=False)
    awaited.called("A", end=True)
    assert one.give_up is not None
    one.give_up()
    assert (one.said, other.said) == (["called"], [])


def test_the_time_is_over() -> None:
    awaited = AwaitedCallbacks()
    one = Waiting(awaited, 7)
    assert one.give_up is not None
    one.give_up()
    one.give_up()
    awaited.called(7, end=True)
    assert one.said == ["over"]


def test_only_the_end_counts_where_the_end_is_awaited() -> None:
    awaited = AwaitedCallbacks()
    end, any_callback = Waiting(awaited, "A", end=True), Waiting(awaited, "A")
    awaited.called("A", end=False)
    assert (end.said, any_callback.said) == ([], ["called"])
    awaited.called("A", end=True)
    assert end.said == ["called"]


def test_a_callback_may_be_quicker_than_the_acknowledgement() -> None:
    awaited = AwaitedCallbacks()
    awaited.called("A", end=False)
    quick, end = Waiting(awaited, "A"), Waiting(awaited, "A", end=True)
    assert (quick.said, quick.give_up, end.said) == (["called"], None, [])
    awaited.forget()
    assert Waiting(awaited, "A").said == []
