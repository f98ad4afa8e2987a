"""``videoannotator annotate``: videos in, annotations out, without a server."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from videoannotator.cli.choices import ConfigOption, PipelinesOption, SetOption, read_config, split

if TYPE_CHECKING:
    from videoannotator.domain.plan import Selection

EXIT_FAILED, EXIT_PARTLY = 1, 3


def annotate(
    videos: Annotated[list[Path], typer.Argument(help="Video files.", show_default=False, readable=False)],
    pipelines: PipelinesOption = None,
    components: Annotated[
        list[str] | None, typer.Option("--components", help="Run exactly these, and what they need.")
    ] = None,
    config: ConfigOption = None,
    overrides: SetOption = None,
    preset: Annotated[
        str | None, typer.Option("--preset", help="A built-in preset, or the TOML file of one.")
    ] = None,
    output: Annotated[
        Path, typer.Option("--output", "-o", help="Folder for the results.", readable=False)
    ] = Path("annotations"),
    resume: Annotated[bool, typer.Option("--resume", help="Go on with what was interrupted.")] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace results that are there.")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="Also make a picture of the results.")] = False,
    overlay: Annotated[
        bool, typer.Option("--overlay", help="Also make a video with the results drawn in.")
    ] = False,
    settings: Annotated[
        Path | None, typer.Option("--settings", help="The installation's settings file.")
    ] = None,
) -> None:
    """Annotate videos: one folder of results for each, under the output folder.

    Examples:

      [bold]videoannotator annotate session.mp4 --preview[/]

      [bold]videoannotator annotate *.mp4 -p person_tracking,whisper --set whisper.language=en -o results[/]

      [bold]videoannotator annotate play.mp4 --preset parent-child-play[/]

      [bold]videoannotator annotate long.mp4 --resume[/]  (after an interruption)
    """
    from videoannotator.cli.local import Annotator, Wanted

    wanted = Wanted(
        selection=_selection(pipelines, components, config, overrides, preset),
        output=output,
        resume=resume,
        overwrite=overwrite,
        preview=preview,
        overlay=overlay,
    )
    ends = Annotator(wanted, settings).annotate(videos)
    if any(end == "failed" for end in ends):
        raise typer.Exit(EXIT_FAILED)
    if any(end == "partly" for end in ends):
        raise typer.Exit(EXIT_PARTLY)


def _selection(
    pipelines: list[str] | None,
    components: list[str] | None,
    config: Path | None,
    overrides: list[str] | None,
    preset: str | None,
) -> "Selection":
    from videoannotator.domain.plan import Selection
    from videoannotator.services import preset_files

    base = preset_files.local(preset) if preset else None
    preset_pipelines = base.selected_pipelines if base and not components else ()
    return Selection(
        pipelines=(split(pipelines) if pipelines else preset_pipelines) or None,
        components=split(components or []),
        base=base.config if base else {},
        config=read_config(config) if config else {},
        overrides=tuple(overrides or ()),
    )
