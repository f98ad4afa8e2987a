"""What to run and how, as the commands that start work take it."""

import json
from pathlib import Path
from typing import Annotated, Any

import typer

PipelinesOption = Annotated[
    list[str] | None,
    typer.Option("--pipelines", "-p", help="Pipelines or components, with commas between."),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", "-c", help=r"TOML or JSON: \[pipeline.component] parameter = value."),
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", "-s", help="One parameter, e.g. whisper.model=base.")
]


def read_config(path: Path) -> dict[str, Any]:
    """A job's configuration from TOML or JSON; raises InvalidConfigFile."""
    import tomllib

    from videoannotator.domain.errors import InvalidConfigFile

    try:
        text = path.read_text(encoding="utf-8-sig")  # which an editor may begin with a mark
        config = json.loads(text) if path.suffix.lower() == ".json" else tomllib.loads(text)
    except (OSError, ValueError) as error:
        raise InvalidConfigFile(f"{path} cannot be read: {error}") from error
    if not isinstance(config, dict):
        raise InvalidConfigFile(f"{path} holds no object", hint='Write {"pipeline": {"component": {...}}}.')
    return config


def split(texts: list[str]) -> tuple[str, ...]:
    """Names that were given one by one or with commas between."""
    return tuple(name.strip() for text in texts for name in text.split(",") if name.strip())


def configured(file: Path | None, overrides: list[str] | None) -> dict[str, Any] | None:
    """A file's configuration with every ``component.parameter=value`` in it; None where there is neither.

    Raises InvalidConfigFile.
    """
    config = read_config(file) if file else {}
    for setting in overrides or ():
        name, equals, value = setting.partition("=")
        if not equals or "." not in name:
            raise typer.BadParameter(f"{setting!r} is not component.parameter=value")
        *above, last = name.split(".")
        at = config
        for part in above:
            at = at.setdefault(part, {})
            if not isinstance(at, dict):
                raise typer.BadParameter(f"{setting!r}: {part!r} has a value already")
        try:
            at[last] = json.loads(value)
        except ValueError:
            at[last] = value
    return config or None
