"""``videoannotator doctor``: is everything here that a run needs?"""

import typer


def doctor() -> None:
    """Check this installation and say what to do about what is missing; exit code 1 when something is.

    Example: [bold]videoannotator doctor[/]
    """
    import platform
    import shutil
    from importlib.metadata import PackageNotFoundError, version

    from rich.console import Console

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
    free_gb = shutil.disk_usage(library.cache_dir.parent if library.cache_dir.exists() else ".").free / 1e9
    console.print(f"  weights                {library.cache_dir} ({free_gb:.0f} GB free)", highlight=False)
    for model in library.models:
        state = library.state(model.name)
        if state is ModelState.FAILED:
            problems.append(f"The weights {model.name} are damaged: videoannotator weights pull {model.name}")
        elif state is ModelState.DOWNLOADABLE:
            console.print(f"  {model.name:<22} not here yet; fetched when first needed", style="dim")
    for pipeline in registry.catalogue(library):
        for component in pipeline.components:
            if component.default_enabled and not component.enabled:
                problems.append(f"{component.name} cannot run: {component.disabled_reason} {component.hint}")
    console.print(*(f"[red]problem[/]: {problem}\n" for problem in problems), sep="", end="")
    if problems:
        raise typer.Exit(1)
    console.print("[green]Everything that the defaults need is here or can be fetched.[/]")
