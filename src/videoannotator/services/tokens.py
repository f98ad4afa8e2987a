"""API keys: make, find, check, rotate, revoke."""

import contextlib
import threading
import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from functools import partial

from videoannotator.db import audit
from videoannotator.db import tokens as rows
from videoannotator.db.database import Database
from videoannotator.domain import keys
from videoannotator.domain.audit import acting
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import (
    InvalidRequest,
    NotHere,
    TokenExpired,
    TokenInvalid,
    TokenMalformed,
    TokenRevoked,
    Unauthorized,
)
from videoannotator.domain.keys import ADMIN_SCOPES, USER_SCOPES, Key, Principal, Scope
from videoannotator.services.attempts import Attempts
from videoannotator.services.memo import Memo

TOUCH_INTERVAL = timedelta(minutes=1)  # "last used" need not be truer than that, and writes cost


class Tokens:
    """The API keys of one server. A key's text is told once, when it is made."""

    def __init__(self, database: Database, clock: Clock = utc_now, attempts: Attempts | None = None) -> None:
        self._database = database
        self._clock = clock
        self._attempts = attempts or Attempts(per_minute=0)
        self._known = Memo[Key | None](database)  # by digest: every request asks
        self._touched: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def create(
        self,
        name: str,
        *,
        owner: str,
        scopes: Collection[Scope] = USER_SCOPES,
        lifetime: timedelta | None = None,
    ) -> tuple[Key, str]:
        """A new key and its text; raises InvalidRequest for an empty name or lifetime."""
        if not name.strip():
            raise InvalidRequest("A key needs a name", field="name", hint="Say who or what will use it.")
        if lifetime is not None and lifetime <= timedelta():
            raise InvalidRequest("The lifetime must be positive", field="expires_in_days")
        text, now = keys.generate(), self._clock()
        key = Key(
            id=str(uuid.uuid4()),
            owner=owner,
            name=name.strip(),
            prefix=text[: keys.SHOWN_LENGTH],
            scopes=tuple(sorted(scopes)),
            created_at=now,
            expires_at=now + lifetime if lifetime else None,
        )
        with self._database.write() as connection:
            rows.add(connection, key, keys.digest(text))
            audit.append(connection, "key.create", key.id, now, name=key.name, owner=owner)
        return key, text

    def first(self) -> str | None:
        """The text of the operator's first key, made when the server has none; None when it has."""
        with self._database.read() as connection:
            if rows.find(connection, None):
                return None
        return self.create("first key", owner="operator", scopes=ADMIN_SCOPES)[1]

    def operator(self) -> Key | None:
        """The newest key that may do everything; None when there is no such key."""
        for key in self.list(None):
            with contextlib.suppress(Unauthorized):
                if self._admit(key).scopes >= ADMIN_SCOPES:
                    return key
        return None

    def authenticate(self, text: str) -> Principal:
        """Who holds a key; raises TokenMalformed, TokenInvalid, TokenRevoked, TokenExpired or RateLimited."""
        digest = _digest(text)
        return self._presented(self._known.get(digest, partial(self._by_digest, digest)))

    async def recognise(self, text: str) -> Principal:
        """``authenticate`` for an event loop, which waits for no database."""
        digest = _digest(text)
        return self._presented(await self._known.ask(digest, partial(self._by_digest, digest)))

    def principal_of(self, key_id: str) -> Principal:
        """Who holds the key of this id; raises like ``authenticate``."""
        with self._database.read() as connection:
            return self._admit(rows.by_id(connection, key_id))

    def get(self, key_id: str, owner: str | None) -> Key:
        """One key; raises NotHere, also for somebody else's."""
        with self._database.read() as connection:
            key = rows.by_id(connection, key_id)
        if key is None or owner not in (None, key.owner):
            raise NotHere(f"There is no key {key_id}", hint="List the keys with: videoannotator token list")
        return key

    def list(self, owner: str | None) -> tuple[Key, ...]:
        """An owner's keys, everybody's for None, newest first."""
        with self._database.read() as connection:
            return rows.find(connection, owner)

    def rotate(self, key_id: str, owner: str | None, overlap: timedelta) -> tuple[Key, str]:
        """A new key with the same rights; the old one ends after the overlap."""
        old = self.get(key_id, owner)
        self._admit(old)
        lifetime = old.expires_at - old.created_at if old.expires_at else None
        new, text = self.create(old.name, owner=old.owner, scopes=old.scopes, lifetime=lifetime)
        ends = self._clock() + overlap
        if old.expires_at is None or ends < old.expires_at:
            with self._database.write() as connection:
                rows.change(connection, old.id, expires_at=ends, rotated_to=new.id)
                audit.append(connection, "key.rotate", old.id, self._clock(), to=new.id)
        return new, text

    def revoke(self, key_id: str, owner: str | None) -> None:
        """End a key at once; revoking twice is no error."""
        key = self.get(key_id, owner)
        if key.revoked_at is None:
            with self._database.write() as connection:
                rows.change(connection, key.id, revoked_at=self._clock())
                audit.append(connection, "key.revoke", key.id, self._clock())

    def remember_use(self) -> None:
        """Write when keys were last used; called now and then, so that no request waits for it."""
        with self._lock:
            used, self._touched = self._touched, {}
        if used:
            with self._database.write() as connection:
                rows.touch(connection, used)

    def _by_digest(self, digest: str) -> Key | None:
        with self._database.read() as connection:
            return rows.by_digest(connection, digest)

    def _presented(self, key: Key | None) -> Principal:
        try:
            return self._admit(key)
        except Unauthorized:
            self._attempts.failed(acting().address)
            raise

    def _admit(self, key: Key | None) -> Principal:
        if key is None:
            raise TokenInvalid
        now = self._clock()
        if key.revoked_at is not None:
            raise TokenRevoked
        if key.expires_at is not None and key.expires_at <= now:
            raise TokenExpired
        if key.last_used_at is None or now - key.last_used_at > TOUCH_INTERVAL:
            with self._lock:
                self._touched[key.id] = now
        return Principal(owner=key.owner, key_id=key.id, scopes=frozenset(key.scopes))


def _digest(text: str) -> str:
    if not keys.well_formed(text):
        raise TokenMalformed
    return keys.digest(text)
