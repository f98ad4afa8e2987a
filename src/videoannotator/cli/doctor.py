"""``videoannotator doctor``: is everything here that a run needs?"""

from pathlib import Path

import typer


def doctor() -> None:
    """Check this installation and say what to do about what is missing; exit code 1 when something is.

    Example: [bold]videoannotator doctor[/]
    """
    import platform
    import shutil
    from importlib.metadata import PackageNotFoundError, version

    from rich.console import Console
    from rich.markup import escape

    from videoannotator import __version__, bootstrap
    from videoannotator.domain.catalogue import ModelState

    console = Console()
    problems: list[str] = []
    console.print(f"VideoAnnotator {__version__}, Python {platform.python_version()}, {platform.platform()}")
    for package in ("av", "ai-edge-litert", "onnxruntime", "faster-whisper", "scenedetect-headless", "torch"):
        try:
            console.print(f"  {package:<22} {version(package)}", highlight=False)
        except PackageNotFoundError:
            console.print(f"  {package:<22} not installed", style="dim")
    registry = bootstrap.open_registry()
    library = bootstrap.open_library(registry)
    settings = bootstrap.open_settings()
    free_gb = shutil.disk_usage(_existing(settings.weights_dir)).free / 1e9
    where = escape(str(settings.weights_dir))
    console.print(f"  weights                {where} ({free_gb:.0f} GB free)", highlight=False)
    for model in library.models:
        state = library.state(model.name)
        if state is ModelState.FAILED:
            problems.append(f"The weights {model.name} are damaged: videoannotator weights pull {model.name}")
        elif state is ModelState.DOWNLOADABLE:
            console.print(f"  {model.name:<22} not here yet; fetched when first needed", style="dim")
    components = (one for pipeline in registry.catalogue(library) for one in pipeline.components)
    problems += [
        f"{one.name} cannot run: {one.disabled_reason} {one.hint}"
        for one in components
        if one.default_enabled and not one.enabled
    ]
    console.print(*(f"[red]problem[/]: {escape(problem)}\n" for problem in problems), sep="", end="")
    if problems:
        raise typer.Exit(1)
    console.print("[green]Everything that the defaults need is here or can be fetched.[/]")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    return folder if folder.exists() else _existing(folder.parent)
