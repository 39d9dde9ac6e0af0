"""The order in which blocks are computed."""

import threading
import time

import pytest

from components.lanes import Lanes


def test_upper_blocks_go_first_and_no_more_than_fit_run_at_once() -> None:
    lanes, order, running, most = Lanes(1, wave_seconds=3600.0), [], [0], [0]
    held = threading.Event()

    def block(position: int) -> None:
        with lanes.enter(position):
            running[0] += 1
            most[0] = max(most[0], running[0])
            order.append(position)
            held.wait(60) if position == 9 else None
            running[0] -= 1

    first = threading.Thread(target=block, args=(9,))
    first.start()
    while not order:
        time.sleep(0.001)
    others = [threading.Thread(target=block, args=(position,)) for position in (4, 1, 3, 0, 2)]
    for thread in others:
        thread.start()
    while len(lanes._waiting) < len(others):
        time.sleep(0.001)
    held.set()
    for thread in (first, *others):
        thread.join(60)
    assert order == [9, 0, 1, 2, 3, 4] and most == [1]


def test_a_block_that_fails_leaves_its_place() -> None:
    lanes = Lanes(1)
    with pytest.raises(ValueError, match="broken"), lanes.enter(0):
        raise ValueError("broken")
    with lanes.enter(0):
        pass
