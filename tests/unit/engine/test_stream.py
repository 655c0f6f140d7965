"""Taking the engine's frames apart, however they come."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from boothlab.engine.stream import Frames


def frame(number: int, payload: bytes) -> bytes:
    return bytes([number, 0, 0, 0]) + len(payload).to_bytes(4, "big") + payload


@given(
    st.lists(st.tuples(st.sampled_from([1, 2]), st.binary(max_size=50))),
    st.integers(min_value=1, max_value=20),
)
def test_frames_are_found_however_the_bytes_are_cut(frames: list[tuple[int, bytes]], size: int) -> None:
    data = b"".join(frame(*each) for each in frames)
    reader = Frames()
    pieces = [data[at : at + size] for at in range(0, len(data), size)]

    assert [found for piece in pieces for found in reader.feed(piece)] == frames
