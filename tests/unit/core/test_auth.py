"""Keys, signatures, and what is fresh."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from boothlab.core import auth
from boothlab.core.auth import AuthError, KeyFileError, ReplayCache, Stamps, Verdict

if TYPE_CHECKING:
    from random import Random

KEY: Final = b"testkey-12345678"
S: Final = 1_000_000
SKEW_S: Final = 600
NOW: Final = 1_700_000_000 * S


class TestKeys:
    @pytest.mark.parametrize(
        ("raw", "key"),
        [
            (b"12345678", b"12345678"),
            (b" \t\n12345678 9\v\f\r\n", b"12345678 9"),
            (b"\xff234567\n", b"\xff234567\n"),
            (b"x" * 64 + b"\xff", b"x" * 64),
            (b" " * 56 + b"12345678" + b"9", b"12345678"),
            (b"1\x00345678", b"1\x00345678"),
        ],
        ids=[
            "as it is",
            "text is stripped",
            "binary is not",
            "cut at 64",
            "cut, then stripped",
            "NUL inside",
        ],
    )
    def test_a_key_is_read_as_clusterlabs_booth_reads_it(self, raw: bytes, key: bytes) -> None:
        assert auth.usable_key(raw) == key

    @pytest.mark.parametrize("raw", [b"", b"1234567", b"1234567\n", b" " * 64 + b"12345678"])
    def test_a_short_key_is_refused(self, raw: bytes) -> None:
        with pytest.raises(KeyFileError, match=r"too short \(\d < 8\).*booth-keygen"):
            auth.usable_key(raw)

    @pytest.mark.parametrize("raw", [bytes(8), b"\x00" + b"\xff" * 63, b"\n\x001234567"])
    def test_a_key_that_would_switch_authentication_off_elsewhere_is_refused(self, raw: bytes) -> None:
        with pytest.raises(KeyFileError, match="begins with a zero byte"):
            auth.usable_key(raw)

    @given(st.binary(max_size=100))
    def test_any_file_is_a_key_or_refused(self, raw: bytes) -> None:
        try:
            key = auth.usable_key(raw)
        except KeyFileError:
            return
        assert 8 <= len(key) <= 64
        assert key in raw


class TestSignatures:
    SIGNED = b"message" + auth.sign(b"message", KEY)

    def test_a_trailer_is_28_bytes_and_ends_with_zeros(self) -> None:
        trailer = auth.sign(b"message", KEY)

        assert (len(trailer), trailer[:4], trailer[24:]) == (auth.HMAC_SIZE, b"\0\0\0\2", bytes(4))

    def test_what_was_signed_with_our_key_is_accepted(self) -> None:
        assert auth.verify(self.SIGNED, KEY) == auth.sign(b"message", KEY)[4:24]

    def test_a_trailer_may_stand_inside_a_message(self) -> None:
        assert auth.verify(self.SIGNED + b"text", KEY, at=7) == auth.verify(self.SIGNED, KEY)

    def test_the_last_four_bytes_do_not_count(self) -> None:
        assert auth.verify(self.SIGNED[:-4] + b"zzzz", KEY) == auth.verify(self.SIGNED, KEY)

    @pytest.mark.parametrize("at", range(len(SIGNED) - 4))
    def test_any_other_byte_counts(self, at: int) -> None:
        changed = bytearray(self.SIGNED)
        changed[at] ^= 1

        with pytest.raises(AuthError):
            auth.verify(bytes(changed), KEY)

    @given(st.integers(0, 0xFFFFFFFF).filter(lambda number: number != 2))
    def test_only_one_hash_is_known(self, hash_id: int) -> None:
        with pytest.raises(AuthError, match=f"unsupported hash {hash_id}"):
            auth.verify(self.SIGNED[:7] + hash_id.to_bytes(4, "big") + self.SIGNED[11:], KEY)

    def test_another_key_is_told_from_ours(self) -> None:
        with pytest.raises(AuthError, match="another key"):
            auth.verify(self.SIGNED, KEY + b"9")

    @pytest.mark.parametrize(("data", "at"), [(b"", None), (bytes(27), None), (bytes(75), 48), (b"", 48)])
    def test_what_has_no_room_for_a_signature_is_refused(self, data: bytes, at: int | None) -> None:
        with pytest.raises(AuthError, match="too short"):
            auth.verify(data, KEY, at=at)

    @given(st.binary(max_size=200), st.binary(min_size=8, max_size=64))
    def test_any_message_can_be_signed(self, data: bytes, key: bytes) -> None:
        assert auth.verify(data + auth.sign(data, key), key)

    @given(st.binary(max_size=200), st.none() | st.integers(0, 300))
    def test_bytes_that_nobody_signed_are_refused(self, data: bytes, at: int | None) -> None:
        with pytest.raises(AuthError):
            auth.verify(data, KEY, at=at)


@pytest.fixture
def stamps() -> Stamps:
    return Stamps(SKEW_S)


def clusterlabs_stamp(wall_us: int, offset_us: int) -> int:
    """Return the stamp of a C sender: the wall clock's seconds, another clock's microseconds."""
    return wall_us // S * S + (wall_us + offset_us) % S


class TestStamps:
    def test_each_later_stamp_is_fresh(self, stamps: Stamps) -> None:
        told = [stamps.accept("A", NOW + each * 10, NOW + each * 10) for each in range(50)]

        assert set(told) == {Verdict.ACCEPTED}

    def test_a_copy_is_refused(self, stamps: Stamps) -> None:
        assert stamps.accept("A", NOW, NOW) is Verdict.ACCEPTED
        assert stamps.accept("A", NOW, NOW) is Verdict.REPEATED

    def test_a_copy_is_refused_however_long_its_sender_is_quiet(self, stamps: Stamps) -> None:
        for each in range(5):
            stamps.accept("A", NOW + each * S, NOW + each * S)

        later = NOW + 60 * S
        assert {stamps.accept("A", NOW + each * S, later) for each in range(5)} == {Verdict.REPEATED}

    def test_each_sender_has_stamps_of_its_own(self, stamps: Stamps) -> None:
        stamps.accept("A", NOW, NOW)

        assert stamps.accept("B", NOW - 5 * S, NOW) is Verdict.ACCEPTED

    def test_an_old_recording_is_refused_right_after_a_start(self, stamps: Stamps) -> None:
        assert stamps.accept("A", NOW - SKEW_S * S, NOW) is Verdict.TOO_OLD
        assert stamps.accept("A", NOW - SKEW_S * S + 1, NOW) is Verdict.ACCEPTED

    def test_an_older_stamp_is_refused_while_its_sender_is_heard(self, stamps: Stamps) -> None:
        stamps.accept("A", NOW, NOW)

        assert stamps.accept("A", NOW - S, NOW + S) is Verdict.WENT_BACK

    def test_datagrams_that_overtook_each_other_are_fresh_once(self, stamps: Stamps) -> None:
        order = [3, 1, 2, 0, 7, 4, 6, 5]
        told = [stamps.accept("A", NOW + each * S // 10, NOW) for each in order + order]

        assert told == [Verdict.ACCEPTED] * 8 + [Verdict.REPEATED] * 8

    @pytest.mark.parametrize("offset_ms", [1, 250, 500, 999])
    @pytest.mark.parametrize("clock_off_s", [-500, 0, 500, 7200])
    def test_a_clusterlabs_sender_is_always_heard(
        self, stamps: Stamps, offset_ms: int, clock_off_s: int
    ) -> None:
        moments = [NOW + each * 37_003 for each in range(400)]
        sent = [clusterlabs_stamp(each + clock_off_s * S, offset_ms * 1000) for each in moments]

        assert any(later < before for before, later in pairwise(sent)), "its stamps do go back"
        told = {stamps.accept("A", stamp, moment) for stamp, moment in zip(sent, moments, strict=True)}
        assert told == {Verdict.ACCEPTED}

    @pytest.mark.parametrize("back_s", [2, 60, 599, 7200, 10**6])
    @pytest.mark.parametrize("ahead_s", [0, 3600])
    def test_a_clock_that_was_set_back_silences_its_sender_for_two_seconds_at_most(
        self, stamps: Stamps, back_s: int, ahead_s: int
    ) -> None:
        """It was ``ahead_s`` ahead of ours or more, so that it is right or ahead after the step."""
        off_us = max(ahead_s, back_s - 500) * S
        for each in range(20):
            moment = NOW + each * S // 4
            assert stamps.accept("A", moment + off_us, moment) is Verdict.ACCEPTED
        off_us -= back_s * S
        heard = []
        for each in range(21, 60):
            moment = NOW + each * S // 4
            heard.append(stamps.accept("A", moment + off_us + 1, moment) is Verdict.ACCEPTED)

        assert all(heard[8:])

    def test_a_stamp_from_the_future_does_not_silence_its_sender_for_long(self, stamps: Stamps) -> None:
        assert stamps.accept("A", NOW + 86_400 * S, NOW) is Verdict.ACCEPTED

        assert stamps.accept("A", NOW + S, NOW + S) is Verdict.WENT_BACK
        assert stamps.accept("A", NOW + 2 * S, NOW + 2 * S) is Verdict.ACCEPTED

    @pytest.mark.parametrize("step_s", [-86_400, -60, 60, 590])
    def test_a_step_of_our_own_clock_does_not_silence_the_others(self, stamps: Stamps, step_s: int) -> None:
        stamps.accept("A", NOW, NOW)
        now = NOW + (step_s + 1) * S

        assert stamps.accept("A", NOW + S, now) is Verdict.ACCEPTED

    def test_the_life_of_a_dead_leader_cannot_be_played_again(self, stamps: Stamps) -> None:
        updates = [NOW + each * S for each in range(100)]
        for moment in updates:
            stamps.accept("A", moment, moment)

        for start_s in (101, 150, 300, 599, 700):
            told = {stamps.accept("A", each, NOW + start_s * S + at) for at, each in enumerate(updates)}
            assert Verdict.ACCEPTED not in told

    def test_an_unseen_recording_must_wait_for_a_quiet_sender(self, stamps: Stamps) -> None:
        """What A sent to others passes here, but only in a pause and within maxtimeskew."""
        stamps.accept("A", NOW, NOW)

        assert stamps.accept("A", NOW - 10 * S, NOW + S) is Verdict.WENT_BACK
        assert stamps.accept("A", NOW - SKEW_S * S, NOW + 5 * S) is Verdict.TOO_OLD

    def test_what_is_remembered_of_a_sender_is_bounded(self, stamps: Stamps) -> None:
        for each in range(auth.SENDER_MEMORY + 100):
            stamps.accept("A", NOW + each, NOW)

        assert len(stamps._senders["A"].seen) == auth.SENDER_MEMORY

    def test_what_is_too_old_to_be_replayed_is_forgotten(self, stamps: Stamps) -> None:
        for each in range(3000):
            stamps.accept("A", NOW + each * S, NOW + each * S)

        assert len(stamps._senders["A"].seen) == SKEW_S

    @given(st.lists(st.integers(0, 3600 * S), min_size=1, max_size=60), st.randoms(use_true_random=False))
    def test_no_stamp_is_ever_accepted_twice(self, times: list[int], random: Random) -> None:
        stamps = Stamps(SKEW_S)
        now, accepted = NOW, []
        for _ in range(120):
            now += random.randrange(10 * S)
            stamp = NOW + random.choice(times)
            if stamps.accept("A", stamp, now) is Verdict.ACCEPTED:
                accepted.append(stamp)

        assert len(accepted) == len(set(accepted))


class TestRequests:
    def test_a_recorded_grant_is_not_carried_out_again(self) -> None:
        cache = ReplayCache(SKEW_S)

        assert cache.accept(b"grant", NOW, NOW, once=True) is Verdict.ACCEPTED
        assert cache.accept(b"grant", NOW, NOW + 5 * S, once=True) is Verdict.REPEATED
        assert cache.accept(b"other", NOW, NOW + 5 * S, once=True) is Verdict.ACCEPTED

    def test_a_list_may_be_asked_for_again(self) -> None:
        cache = ReplayCache(SKEW_S)
        told = {cache.accept(b"list", NOW, NOW + each, once=False) for each in range(3)}

        assert told == {Verdict.ACCEPTED}
        assert len(cache._seen) == 0

    @pytest.mark.parametrize(
        ("off_s", "verdict"),
        [
            (-600, Verdict.TOO_OLD),
            (-599, Verdict.ACCEPTED),
            (599, Verdict.ACCEPTED),
            (600, Verdict.TOO_NEW),
        ],
    )
    @pytest.mark.parametrize("once", [True, False])
    def test_a_clients_clock_may_differ_by_less_than_maxtimeskew(
        self, off_s: int, verdict: Verdict, once: bool
    ) -> None:
        assert ReplayCache(SKEW_S).accept(b"x", NOW + off_s * S, NOW, once=once) is verdict

    def test_what_was_refused_for_its_age_is_not_remembered(self) -> None:
        cache = ReplayCache(SKEW_S)
        cache.accept(b"x", NOW, NOW + SKEW_S * S, once=True)

        assert len(cache._seen) == 0

    def test_a_request_is_remembered_for_as_long_as_its_stamp_could_pass(self) -> None:
        cache = ReplayCache(SKEW_S)
        cache.accept(b"x", NOW + 599 * S, NOW, once=True)

        told = {cache.accept(b"x", NOW + 599 * S, NOW + each * 100 * S, once=True) for each in range(13)}
        assert told == {Verdict.REPEATED, Verdict.TOO_OLD}

    def test_what_is_remembered_is_bounded(self) -> None:
        cache = ReplayCache(SKEW_S)
        for each in range(auth.REQUEST_MEMORY + 10):
            cache.accept(each.to_bytes(20, "big"), NOW, NOW, once=True)

        assert len(cache._seen) == auth.REQUEST_MEMORY
