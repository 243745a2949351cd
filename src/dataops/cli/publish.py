"""`dataops package`, `push` and `release`: from a checkout to what others install."""

from typing import Annotated

import typer

from dataops.cli.options import Engine, Env, Registry


def package() -> None:
    """Write every chart as an archive to dist/."""
    from dataops.platform.paths import repository_root
    from dataops.platform.publish import package as run

    root = repository_root()
    for archive in run(root, root / "dist"):
        print(archive.relative_to(root))


def push(
    env: Env = "local",
    registry: Registry = None,
    tag: Annotated[str | None, typer.Option(envvar="TAG", help="One more name: a commit's, or a release's.")] = None,
    engine: Engine = None,
) -> None:
    """Bring to REGISTRY, or that of ENV, what it lacks, and name all images TAG; a release also brings the charts."""
    from dataops.cli.place import place
    from dataops.platform.publish import push as run

    here = place(env)
    for reference in run(here.root, registry or here.registry(), tag, engine):
        print(reference)


def release(version: Annotated[str, typer.Option(envvar="VERSION", help="For example 1.2.0.")] = "") -> None:
    """Set VERSION in every chart and the changelog, in a commit and a tag of its own."""
    from dataops.platform.paths import repository_root
    from dataops.platform.release import release as run

    for line in run(repository_root(), version):
        print(line)
