"""Settings of this installation: default < ``videoannotator.toml`` < ``VIDEOANNOTATOR_*`` < flag."""

import os
from pathlib import Path
from typing import Any, Literal

import platformdirs
from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from videoannotator.domain.errors import InvalidConfigFile, InvalidParameter, raise_all
from videoannotator.weights.library import default_cache_dir

FILE = Path("videoannotator.toml")
PREFIX = "VIDEOANNOTATOR_"


_LOCAL_PAGES = (*range(19011, 19021), 5173, 4173, 3000)  # ports of the viewer and of its build tools


def local_origins() -> tuple[str, ...]:
    """The addresses at which the viewer runs on one's own machine."""
    return tuple(f"http://{host}:{port}" for host in ("127.0.0.1", "localhost") for port in _LOCAL_PAGES)


class Settings(BaseSettings):
    """What an operator may set. Job configuration is something else: it lives in the plan."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, toml_file=FILE)

    data_dir: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("videoannotator"),
        description="Where the server keeps its database, uploads and results.",
    )
    weights_dir: Path = Field(default_factory=default_cache_dir, description="Where model weights are kept.")
    licence_mode: Literal["permissive", "research", "custom"] = Field(
        "permissive", description="Which licences of weights may run here."
    )
    offline: bool = Field(False, description="Fetch nothing.")
    hub_token: SecretStr | None = Field(
        None, description="Key of a Hugging Face account, for models whose licence has to be accepted there."
    )
    device: str = Field(
        "auto",
        pattern=r"^(auto|cpu|cuda(:\d{1,2})?)$",
        description="Where models run: auto (a GPU where a library finds one), cpu, or cuda:N.",
    )
    n_threads: int = Field(
        default_factory=lambda: os.cpu_count() or 1, ge=1, description="Threads per model at work."
    )
    max_duration_s: float = Field(24 * 3600.0, gt=0, description="Longest video that is accepted.")
    max_side_px: int = Field(16384, gt=0, description="Widest or highest picture that is accepted.")

    host: str = Field("127.0.0.1", description="Address that the server listens on.")
    port: int = Field(18011, ge=0, le=65535, description="Port that the server listens on; 0 for any.")
    workers: int = Field(1, ge=0, le=64, description="Jobs that run at once, each in a process of its own.")
    gpu_workers: int = Field(
        1,
        ge=0,
        le=64,
        description="Jobs at once that may use a GPU, where there is one, besides workers; 0: no limit.",
    )
    database_url: SecretStr | None = Field(
        None, description="A PostgreSQL URL; without it a SQLite file in data_dir."
    )
    auth: bool = Field(True, description="Ask for API keys. Off only where nobody else can connect.")
    worthless_keys_per_minute: int = Field(
        60,
        ge=0,
        description="Unknown, expired or revoked keys from an address until it has to wait; 0: any number.",
    )
    max_upload_bytes: int = Field(50 * 10**9, gt=0, description="Largest video that may be sent.")
    reserve_bytes: int = Field(10**9, ge=0, description="Space that uploads leave free on the disk.")
    cors_origins: tuple[str, ...] = Field(
        default_factory=local_origins, description="Web pages that may call the server; * for any."
    )
    allowed_hosts: tuple[str, ...] = Field(
        (), description="Names of the server besides its address and localhost; * for any."
    )
    roots: dict[str, Path] = Field(
        default_factory=dict, description="Folders that clients may name, by the name that they use."
    )
    keep_results_days: float | None = Field(
        None,
        gt=0,
        description="Days after which ended jobs are removed with their results; without it never.",
    )
    keep_events_days: float | None = Field(
        None,
        gt=0,
        description="Days after which events, and with them the logs of jobs, are forgotten; without it "
        "those older than a week of which there are a million newer ones.",
    )
    keep_deliveries_days: float = Field(
        30, gt=0, description="Days after which what webhooks were told is forgotten."
    )
    keep_audit_days: float | None = Field(
        None, gt=0, description="Days after which entries of the audit log are removed; without it never."
    )
    private_webhooks: bool = Field(
        False, description="Let webhooks call loopback and private addresses, also over plain http."
    )
    viewer_dir: Path | None = Field(None, description="A built copy of the viewer, shown at /viewer.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags win over the environment, the environment over the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls)


def read_settings(file: Path | None = None, **flags: Any) -> Settings:
    """Read the settings once; ``file`` takes the place of ``videoannotator.toml`` and has to be there.

    Raises InvalidConfigFile for a file that cannot be read, and InvalidParameter (ManyProblems for
    several) for an unknown or wrong setting.
    """
    if file is not None and not file.is_file():
        raise InvalidConfigFile(f"There is no settings file {str(file)!r}", hint="Check the path.")
    try:
        return _from_file(file or FILE)(**flags)
    except ValidationError as error:
        raise_all([_problem(detail) for detail in error.errors(include_url=False)])
        raise
    except (OSError, ValueError) as error:
        raise InvalidConfigFile(f"{file or FILE} cannot be read: {error}") from error


def _from_file(file: Path) -> type[Settings]:
    class FromFile(Settings):
        model_config = SettingsConfigDict(toml_file=file)

    return FromFile


def _problem(detail: Any) -> InvalidParameter:
    name = ".".join(str(part) for part in detail["loc"])
    if detail["type"] == "extra_forbidden":
        hint = f"Known settings: {', '.join(Settings.model_fields)}."
        return InvalidParameter(f"There is no setting {name!r}", hint=hint, field=name)
    hint = f"Change {name} in the settings file, or {PREFIX}{name.upper()} in the environment."
    return InvalidParameter(f"The setting {name} is wrong: {detail['msg']}", hint=hint, field=name)
