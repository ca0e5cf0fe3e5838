"""The command that builds a graph."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from api.commands.model import reading_model, tell_model
from api.commands.options import Json, Store, get_settings
from api.commands.output import print_json, say
from api.commands.progress import showing_progress
from extract.catalogue import bundled_catalogue, read_catalogue
from extract.cluster import ClusterExecutor
from extract.executor import LocalExecutor
from extract.found import Failure
from extract.ingest import ingest as run_ingest
from extract.report import IngestReport
from kg.embed import load_embedder
from kg.open import open_settings_store
from kg.settings import Settings

_SHOWN = 20  # failures told one by one; --json has them all


def ingest(
    paths: Annotated[
        list[str], typer.Argument(help="Files, folders, archives, git repositories.", show_default=False)
    ],
    store: Store = None,
    workers: Annotated[int, typer.Option(min=0, help="Processes that read documents; 0: one per core.")] = 0,
    prune: Annotated[bool, typer.Option("--prune", help="Forget documents that have vanished.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would be read.")] = False,
    catalogue: Annotated[
        list[Path] | None, typer.Option(help="Folder of further names, aliases and tracks, as YAML.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(help="Read and embed on this Dask cluster: tcp://scheduler:8786.", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """Build or update a graph from files, folders, archives, git repositories."""
    report = update(
        get_settings(store),
        paths,
        workers=workers,
        cluster=cluster,
        prune=prune,
        dry_run=dry_run,
        catalogues=catalogue or (),
    )
    if json:
        print_json(report)
    else:
        tell(report, dry_run=dry_run)
    found = report.documents
    if found.failed and not found.added + found.changed + found.unchanged:
        raise typer.Exit(1)  # nothing of what was named could be read


def update(
    settings: Settings,
    paths: Sequence[str],
    *,
    workers: int = 0,
    cluster: str | None = None,
    prune: bool = False,
    dry_run: bool = False,
    catalogues: Sequence[Path] = (),
) -> IngestReport:
    """Ingest ``paths`` into the settings' store, showing how far it is.

    Args:
        settings: the store, the embedding model, the limits.
        paths: files, folders, archives, git repositories.
        workers: processes of this machine that read; 0 takes one for each processor.
        cluster: address of a Dask scheduler, whose workers then read and embed.
        prune: forget documents that were under ``paths`` and are no longer.
        dry_run: only say what would be read.
        catalogues: folders of names beside the bundled one.
    """
    store = open_settings_store(settings)
    try:
        with (
            _executor(settings, workers, cluster) as executor,
            reading_model(settings) as model,
            showing_progress() as progress,
        ):
            return run_ingest(
                store,
                load_embedder(settings.embedding_model or store.setting("embedding_model") or ""),
                paths,
                catalogue=read_catalogue([bundled_catalogue(), *catalogues]),
                executor=executor,
                model=model,
                prune=prune,
                dry_run=dry_run,
                progress=progress,
            )
    finally:
        store.close()


def _executor(settings: Settings, workers: int, cluster: str | None) -> LocalExecutor | ClusterExecutor:
    if cluster:
        return ClusterExecutor(cluster, file_timeout_s=settings.file_timeout_s)
    return LocalExecutor(workers=workers, file_timeout_s=settings.file_timeout_s)


def bundled_guide() -> str:
    """Return the folder of the guide that comes with the package."""
    return str(files("seeds").joinpath("guide"))


def tell(report: IngestReport, *, dry_run: bool = False) -> None:
    """Say what an ingest did."""
    counts = report.documents
    say(
        f"{counts.added} added, {counts.changed} changed, {counts.unchanged} unchanged, "
        f"{counts.removed} removed, {counts.failed} failed" + (" (nothing was written)" if dry_run else "")
    )
    _list("not read", report.failures)
    _list("note", report.warnings)
    if report.skipped:
        say(f"  passed over: {report.skipped} other (hidden, generated, of kinds that are not read)")
    say(
        f"the graph has {report.entities} entities and {report.relations} relations "
        f"from {report.passages} passages ({report.seconds:.1f} s)"
    )
    if report.model:
        tell_model(report.model)


def _list(what: str, failures: Sequence[Failure]) -> None:
    for failure in failures[:_SHOWN]:
        say(f"  {what}: {failure.path}: {failure.reason}")
    if len(failures) > _SHOWN:
        say(f"  and {len(failures) - _SHOWN} more; --json lists them")
