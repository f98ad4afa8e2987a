"""Start links and sessions: good once, for one purpose, and only from here."""

import pytest

from videoannotator.domain.errors import TokenExpired, TokenInvalid
from videoannotator.services.sessions import Sessions
from videoannotator.services.tickets import Tickets

SECRET = b"a secret of the tests"


def test_a_start_ticket_is_changed_for_a_session_once():
    sessions = Sessions(SECRET)
    ticket = sessions.start_ticket("key-1")
    assert sessions.key_of(sessions.redeem(ticket)) == "key-1"
    with pytest.raises(TokenExpired, match="has been used"):
        sessions.redeem(ticket)


def test_what_was_signed_for_one_purpose_is_good_for_no_other():
    sessions = Sessions(SECRET)
    with pytest.raises(TokenInvalid):
        sessions.key_of(sessions.start_ticket("key-1"))
    with pytest.raises(TokenInvalid):
        sessions.redeem(Tickets(SECRET).issue("key-1").removeprefix("vt_"))


def test_another_server_s_session_is_not_accepted():
    with pytest.raises(TokenInvalid):
        Sessions(SECRET).key_of(Sessions(b"another secret").open("key-1"))
