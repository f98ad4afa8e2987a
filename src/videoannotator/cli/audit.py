"""``videoannotator audit``: who did what on the server of this machine."""

from typing import Annotated

import typer

from videoannotator.cli.this_machine import DataDirOption, SettingsOption

app = typer.Typer(help="Read and check the audit log of a server on this machine.", no_args_is_help=True)


@app.command("list")
def list_entries(
    after: Annotated[int, typer.Option(min=0, help="Go on after this number.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="How many.")] = 100,
    data_dir: DataDirOption = None,
    settings: SettingsOption = None,
) -> None:
    """List what was done, oldest first."""
    from videoannotator.bootstrap.storage import open_existing
    from videoannotator.cli.listing import show
    from videoannotator.services.audit import Audit

    found = Audit(open_existing(data_dir, settings)).after(after, limit)
    columns = ("target", "no.", "when", "who", "from", "did")
    show(columns, [(e.target, str(e.seq), e.at[:19], e.actor, e.address or "", e.action) for e in found])


@app.command("verify")
def verify(data_dir: DataDirOption = None, settings: SettingsOption = None) -> None:
    """Check that no entry was changed, removed or put in another order; exit code 1 where one was."""
    from videoannotator.bootstrap.storage import open_existing
    from videoannotator.services.audit import Audit

    broken = Audit(open_existing(data_dir, settings)).first_broken()
    if broken is not None:
        typer.secho(f"Broken at entry {broken.seq}: {broken.action} {broken.target}", fg="red", err=True)
        raise typer.Exit(1)
    typer.echo("The chain holds.")
