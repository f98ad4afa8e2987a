"""Commands that talk to a server: ``submit``, ``jobs``, ``watch``, ``cancel``, ``fetch``."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from videoannotator.cli.choices import ConfigOption, PipelinesOption, SetOption, configured, split

if TYPE_CHECKING:
    from videoannotator.client import Client, Job

EXIT_FAILED, EXIT_PARTLY = 1, 3

ServerOption = Annotated[
    str,
    typer.Option("--server", envvar="VIDEOANNOTATOR_SERVER", help="The server's address."),
]
TokenOption = Annotated[
    str | None,
    typer.Option(
        "--token",
        envvar="VIDEOANNOTATOR_TOKEN",
        help="The API key.",
        show_default="the file token of the data directory",
    ),
]
JobArgument = Annotated[str, typer.Argument(help="The job's id, or how it begins.", show_default=False)]
LOCAL = "http://127.0.0.1:18011"


def submit(
    videos: Annotated[
        list[str],
        typer.Argument(
            help="Video files; or places (root:folder/clip.mp4), used where they lie.", show_default=False
        ),
    ],
    pipelines: PipelinesOption = None,
    config: ConfigOption = None,
    overrides: SetOption = None,
    preset: Annotated[str | None, typer.Option("--preset", help="Id or name of a preset.")] = None,
    output_directory: Annotated[str | None, typer.Option(help="Place for the results, root:folder.")] = None,
    db_location: Annotated[str | None, typer.Option(help="Place for a SQLite database.")] = None,
    start_s: Annotated[float | None, typer.Option("--start", help="Annotate from here on, in s.")] = None,
    end_s: Annotated[float | None, typer.Option("--end", help="Annotate up to here, in s.")] = None,
    follow: Annotated[bool, typer.Option("--watch", "-w", help="Show how it goes until the end.")] = False,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Send videos to a server; prints the id of each job.

    Examples: [bold]videoannotator submit session.mp4 -p whisper --set whisper.language=en --watch[/],
    [bold]videoannotator submit study:session1/clip.mp4 --preset "Quick look"[/]
    """
    chosen, settings = split(pipelines or []), configured(config, overrides)
    more: dict[str, Any] = {
        "preset": preset,
        "output_directory": output_directory,
        "db_location": db_location,
        "start_s": start_s,
        "end_s": end_s,
    }
    wish = {name: value for name, value in more.items() if value is not None}
    stored = {name: value for name, value in (("selected_pipelines", chosen), ("config", settings)) if value}
    found = [_video(one) for one in videos]  # a name that is wrong is told before anything is sent
    with connect(server, token) as client:
        sent = [
            client.submit(one, pipelines=chosen, config=settings, **wish)
            if isinstance(one, Path)
            else client.submit_stored(video_path=one, **stored, **wish)
            for one in found
        ]
        for job in sent:
            typer.echo(job.id)
        if follow:
            _leave([_watch(client, job.id, job.video_filename if len(sent) > 1 else "") for job in sent])


def _video(text: str) -> Path | str:
    """A file of this machine, or what may be a place of the server."""
    path = Path(text)
    if path.is_file():
        return path
    if ":" in text and not path.exists():
        return text
    what = "is a folder: send it with videoannotator batch" if path.is_dir() else "does not exist"
    raise typer.BadParameter(f"File {text!r} {what}.", param_hint="VIDEOS...")


def jobs(
    status: Annotated[str | None, typer.Option(help="Only jobs in this state.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 20,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """List the newest jobs."""
    from itertools import islice

    from videoannotator.cli.listing import show

    with connect(server, token) as client:
        found = list(islice(client.jobs(**({"status": status} if status else {})), limit))
    show(("job", "state", "%", "video", "pipelines", "created"), [_row(job) for job in found])


def _row(job: "Job") -> tuple[str, ...]:
    partly = " (partly)" if job.status == "completed" and job.error_message else ""
    created = f"{job.created_at:%Y-%m-%d %H:%M}"
    pipelines = ", ".join(job.selected_pipelines)
    return job.id, f"{job.status}{partly}", f"{job.progress:.0f}", job.video_filename, pipelines, created


def watch(job: JobArgument, server: ServerOption = LOCAL, token: TokenOption = None) -> None:
    """Show how a job goes until it has ended; the exit code says how."""
    with connect(server, token) as client:
        _leave([_watch(client, _find(client, job))])


def cancel(
    job: JobArgument,
    reason: Annotated[str | None, typer.Option(help="Why.")] = None,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Stop a job."""
    with connect(server, token) as client:
        typer.echo(client.cancel(_find(client, job), reason).status)


def fetch(
    job: JobArgument,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="Folder for the files.", show_default="the job's id")
    ] = None,
    as_zip: Annotated[bool, typer.Option("--zip", help="One ZIP with the video, for the viewer.")] = False,
    server: ServerOption = LOCAL,
    token: TokenOption = None,
) -> None:
    """Download what came out of a job."""
    with connect(server, token) as client:
        job_id = _find(client, job)
        folder = output or Path(job_id)
        if as_zip:
            typer.echo(client.fetch_zip(job_id, folder / f"job_{job_id}_artifacts.zip"))
        else:
            typer.echo(f"{len(client.fetch(job_id, folder))} files in {folder}")


def connect(server: str, token: str | None) -> "Client":
    """A client with the key that was given, else the first key of this machine's server."""
    from videoannotator.client import Client

    return Client(server, token or _stored_token())


def _stored_token() -> str | None:
    """The first key of the server on this machine, where this person may read it."""
    from videoannotator.bootstrap import open_settings
    from videoannotator.bootstrap.data_dir import TOKEN_FILE

    path = open_settings().data_dir / TOKEN_FILE
    return path.read_text().strip() if os.access(path, os.R_OK) else None


def _find(client: "Client", beginning: str) -> str:
    """The id that begins so; what is unknown is left for the server to refuse."""
    if len(beginning) >= 36:
        return beginning
    found = [job.id for job in client.jobs() if job.id.startswith(beginning)]
    return found[0] if len(found) == 1 else beginning


def _watch(client: "Client", job_id: str, title: str = "") -> "Job":
    from rich.console import Console

    from videoannotator.cli.following import follow

    if title:
        typer.secho(title, bold=True)
    follow(client.watch(job_id), Console())
    return client.job(job_id)


def _leave(ended: "list[Job]") -> None:
    """End the program with the code that fits the worst end."""
    if any(job.status != "completed" for job in ended):
        raise typer.Exit(EXIT_FAILED)
    if any(job.error_message for job in ended):
        raise typer.Exit(EXIT_PARTLY)
