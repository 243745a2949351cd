"""Where an image comes from, as an in-toto statement of SLSA provenance; without times, so that it repeats."""

import hashlib
import json
from pathlib import Path
from typing import Any

from dataops.errors import UserError
from dataops.platform.images.recipe import Recipe, files, parents, timestamp
from dataops.platform.process import run

STATEMENT = "https://in-toto.io/Statement/v1"
PREDICATE = "https://slsa.dev/provenance/v1"
BUILD_TYPE = "urn:dataops:image-build:v1"


def commit(root: Path) -> str:
    """The commit of a checkout.

    Raises:
        UserError: The checkout is none of Git's, or holds changes that no commit has.
    """
    found = run(["git", "-C", root, "rev-parse", "HEAD"], check=False)
    if found.returncode:
        raise UserError(f"{root} is no Git checkout: sign what a commit holds, so that others can build it again")
    if run(["git", "-C", root, "status", "--porcelain"]).stdout.strip():
        raise UserError(f"{root} holds changes that no commit has: commit them, so that others can build it again")
    return found.stdout.strip()


def statement(
    root: Path, recipe: Recipe, versions: dict[str, str], name: str, digest: str, facts: dict[str, str]
) -> bytes:
    """Say where an image comes from.

    Args:
        root: The repository root.
        recipe: The image.
        versions: The pinned versions.
        name: Name and tag, e.g. spark:0123456789ab.
        digest: The manifest's digest.
        facts: `commit`, `builder` (engine and version), `rootfs` (digest of the lowest layer), `sbom` (its sha256).

    Returns:
        The statement as JSON.
    """
    locks = sorted({path for path in _sources(root, recipe, versions) if path.startswith("locks/")})
    dependencies = [
        {"name": "source", "digest": {"gitCommit": facts["commit"]}},
        {"name": "debian root file system", "digest": {"sha256": facts["rootfs"].removeprefix("sha256:")}},
        *(
            {"name": path, "digest": {"sha256": hashlib.sha256((root / path).read_bytes()).hexdigest()}}
            for path in locks
        ),
    ]
    content: dict[str, Any] = {
        "_type": STATEMENT,
        "subject": [{"name": name, "digest": {"sha256": digest.removeprefix("sha256:")}}],
        "predicateType": PREDICATE,
        "predicate": {
            "buildDefinition": {
                "buildType": BUILD_TYPE,
                "externalParameters": {"image": recipe.name, "command": f"make image-{recipe.name}"},
                "internalParameters": {"fileDate": timestamp(versions)},
                "resolvedDependencies": dependencies,
            },
            "runDetails": {
                "builder": {"id": f"urn:dataops:builder:{facts['builder']}"},
                "byproducts": [{"name": "sbom.cdx.json", "digest": {"sha256": facts["sbom"]}}],
            },
        },
    }
    return (json.dumps(content, indent=1) + "\n").encode()


def _sources(root: Path, recipe: Recipe, versions: dict[str, str]) -> set[str]:
    """Files of the repository that an image and those it starts from are made of."""
    own = {file.relative_to(root).as_posix() for source in recipe.sources(versions) for file in files(root, source)}
    return own.union(*(_sources(root, parent, versions) for parent in parents(root, recipe).values()))


def problem(content: bytes, digest: str, sbom: bytes) -> str | None:
    """What is wrong with a statement: it is none, it is about another image, or its list of contents is another one."""
    try:
        told = json.loads(content)
        subject = told["subject"][0]["digest"]["sha256"]
        listed = told["predicate"]["runDetails"]["byproducts"][0]["digest"]["sha256"]
        kind = told["_type"], told["predicateType"]
    except (ValueError, KeyError, IndexError, TypeError):
        return "is no provenance"
    if kind != (STATEMENT, PREDICATE):
        return "is no provenance"
    if f"sha256:{subject}" != digest:
        return f"is about another image than {digest}"
    return None if listed == hashlib.sha256(sbom).hexdigest() else "names another sbom.cdx.json"
