"""What stays is set aside, and collections come seldom."""

import gc

from vmuster.wiring.serving.collecting import set_aside


def test_no_collection_walks_over_what_was_there_and_none_comes_within_a_transaction() -> None:
    gc.unfreeze()  # another test may have served in this process
    often, there, begun = gc.get_threshold(), [object], list[int]()

    def watch(_phase: str, about: dict[str, int]) -> None:
        begun.append(about["generation"])

    try:
        set_aside()
        assert not any(each is there for each in gc.get_objects())
        gc.callbacks.append(watch)
        kept = [[number] for number in range(30_000)]
        assert (len(kept), begun) == (30_000, [])
        kept += [[number] for number in range(30_000)]
        assert begun != [], "it does come"
    finally:
        gc.callbacks.remove(watch)
        gc.set_threshold(*often)
        gc.unfreeze()
