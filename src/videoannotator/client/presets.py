"""Presets and preferences of a server: ``client.presets`` and ``client.preferences``."""

from collections.abc import Callable
from typing import Any

import httpx2

from videoannotator.client.errors import Refused
from videoannotator.client.records import Preset
from videoannotator.domain.names import normalise

Ask = Callable[..., httpx2.Response]


class PresetCalls:
    """What people do with presets; every method raises CannotConnect or Refused."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def list(self) -> list[Preset]:
        """The built-in ones, one's own and the shared ones."""
        return [Preset.model_validate(one) for one in self._ask("GET", "/presets").json()["presets"]]

    def get(self, reference: str) -> Preset:
        """A preset by id or name, one's own before a built-in one; raises Refused (404) without any."""
        known = sorted(self.list(), key=lambda one: one.scope == "builtin")
        by_id = (one for one in known if one.id == reference)
        by_name = (one for one in known if normalise(one.name) == normalise(reference))
        found = next(by_id, None) or next(by_name, None)
        if found is None:
            hint = f"There are: {', '.join(one.name for one in known)}."
            raise Refused(404, {"error": f"There is no preset {reference!r}", "hint": hint})
        return found

    def create(
        self,
        name: str,
        *,
        pipelines: tuple[str, ...] = (),
        config: dict[str, Any] | None = None,
        description: str = "",
        shared: bool = False,
    ) -> Preset:
        """Save a preset; the server checks it first."""
        body = {
            "name": name,
            "description": description,
            "scope": "shared" if shared else "user",
            "selected_pipelines": list(pipelines),
            "config": config or {},
        }
        return Preset.model_validate(self._ask("POST", "/presets", json=body).json())

    def duplicate(self, preset_id: str, name: str | None = None) -> Preset:
        """A copy of one's own."""
        answer = self._ask("POST", f"/presets/{preset_id}/duplicate", json={"name": name})
        return Preset.model_validate(answer.json())

    def export_toml(self, preset_id: str) -> str:
        """The preset as a TOML file's text."""
        return self._ask("GET", f"/presets/{preset_id}/export").text

    def import_toml(self, text: str) -> Preset:
        """Save the preset of a TOML file."""
        headers = {"Content-Type": "application/toml"}
        answer = self._ask("POST", "/presets/import", content=text.encode(), headers=headers)
        return Preset.model_validate(answer.json())

    def delete(self, preset_id: str) -> None:
        """Remove a preset."""
        self._ask("DELETE", f"/presets/{preset_id}")


class PreferenceCalls:
    """What the owner of the key prefers; every method raises CannotConnect or Refused."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def get(self) -> dict[str, Any]:
        """Everything."""
        found: dict[str, Any] = self._ask("GET", "/preferences").json()
        return found

    def change(self, **values: Any) -> dict[str, Any]:
        """Change some of it; None removes."""
        found: dict[str, Any] = self._ask("PATCH", "/preferences", json=values).json()
        return found
