"""What the holder of a key prefers: a small JSON document per owner."""

import re
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from pydantic import ValidationError

from videoannotator.db import preferences as rows
from videoannotator.db.database import Database
from videoannotator.domain.clock import Clock, utc_now
from videoannotator.domain.errors import InvalidRequest, NotHere, PayloadTooLarge
from videoannotator.domain.json_values import MAX_BYTES
from videoannotator.domain.presets import Preferences
from videoannotator.services.catalogue import Catalogue
from videoannotator.services.places import Places
from videoannotator.services.presets import Presets

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")


class PreferenceStore:
    """The preferences of every owner; at most ``MAX_BYTES`` each."""

    def __init__(
        self,
        database: Database,
        presets: Presets,
        catalogue: Catalogue,
        places: Places,
        clock: Clock = utc_now,
    ) -> None:
        self._database = database
        self._presets = presets
        self._catalogue = catalogue
        self._places = places
        self._clock = clock

    def document(self, owner: str) -> dict[str, Any]:
        """Everything, as it was sent."""
        with self._database.read() as connection:
            return rows.get(connection, owner)

    def get(self, owner: str) -> Preferences:
        """The same, as the server reads it."""
        return Preferences.model_validate(self.document(owner))

    def one(self, owner: str, key: str) -> Any:
        """One value; raises NotHere."""
        document = self.document(owner)
        if key not in document:
            raise NotHere(f"There is no preference {key!r}", hint="Set it with PUT at the same address.")
        return document[key]

    def replace(self, owner: str, document: Mapping[str, Any]) -> dict[str, Any]:
        """Put a whole document in place.

        Raises InvalidRequest, UnknownName, PlaceNotAllowed or PayloadTooLarge.
        """
        return self._change(owner, lambda _: dict(document))

    def merge(self, owner: str, patch: Mapping[str, Any]) -> dict[str, Any]:
        """Change some of it, as RFC 7396 says: null removes; raises like ``replace``."""
        return self._change(owner, lambda document: merge_patch(document, patch))

    def set(self, owner: str, key: str, value: Any) -> Any:
        """Set one value, which may be null; raises like ``replace``."""
        return self._change(owner, lambda document: {**document, key: value})[key]

    def remove(self, owner: str, key: str) -> None:
        """Forget one value; raises NotHere."""
        self.one(owner, key)
        self.merge(owner, {key: None})

    def _change(self, owner: str, change: Callable[[dict[str, Any]], dict[str, Any]]) -> dict[str, Any]:
        with self._database.write() as connection:
            document = change(rows.get(connection, owner))
            self._check(owner, document)
            rows.replace(connection, owner, document, self._clock())
        return document

    def _check(self, owner: str, document: Mapping[str, Any]) -> None:
        wrong = next((key for key in document if not KEY.fullmatch(key)), None)
        if wrong is not None:
            hint = "Use a letter, then letters, digits, _, . or -: 64 in all."
            raise InvalidRequest(f"{wrong!r} cannot be the name of a preference", hint=hint, field=wrong[:64])
        if len(orjson.dumps(document)) > MAX_BYTES:
            hint = "Keep only what a person would choose."
            raise PayloadTooLarge(f"Preferences may have {MAX_BYTES} bytes in all", hint=hint)
        try:
            meant = Preferences.model_validate(document)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            field = ".".join(str(part) for part in first["loc"])
            raise InvalidRequest(f"{field}: {first['msg']}", field=field) from error
        if meant.preset:
            self._presets.use(meant.preset, owner)
        for name in meant.pipelines or ():
            self._catalogue.place(name, "pipelines")
        if meant.places:
            self._places.check(meant.places.output_directory, meant.places.db_location)


def merge_patch(target: Any, patch: Any) -> Any:
    """RFC 7396: objects are merged, null removes, everything else replaces."""
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged
