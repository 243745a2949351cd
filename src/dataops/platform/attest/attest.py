"""`make sign` and `make verify`: what images hold, where they come from, and by whose word, in a folder beside them."""

import hashlib
import json
import shutil
from pathlib import Path

from dataops.errors import UserError
from dataops.platform import registry
from dataops.platform.attest import provenance, sbom, signing
from dataops.platform.attest.contents import read_parts
from dataops.platform.images import builder
from dataops.platform.images import engine as engines
from dataops.platform.images import layout as layouts
from dataops.platform.images.recipe import REGISTRY, read_recipe, timestamp
from dataops.platform.paths import published_dir
from dataops.platform.process import run, step
from dataops.platform.versions import load_versions

MANIFEST, SBOM, PROVENANCE, SIGNATURE, KEY = (
    "manifest.json",
    "sbom.cdx.json",
    "provenance.json",
    "signature-1",
    "key.asc",
)
FILES = (MANIFEST, SBOM, PROVENANCE, f"{PROVENANCE}.asc", SIGNATURE)


def attest_dir(root: Path) -> Path:
    """Where the statements about the images lie, one folder per image."""
    return root / "dist" / "attest"


def sign(root: Path, key: str, engine: str | None = None) -> list[Path]:
    """List, explain and sign every image of a checkout; what is not built yet is built.

    Args:
        root: The repository root.
        key: The GPG key to sign with.
        engine: buildah or podman; None chooses.

    Returns:
        The folder of each image.

    Raises:
        UserError: The key is not there, or the checkout holds changes that no commit has.
    """
    owner = signing.fingerprint(key, secret=True)
    source, chosen = provenance.commit(root), engines.choose_engine(engine)
    references, versions = builder.build(root, engine=chosen), load_versions(root)
    made_by = "-".join(run([chosen, "--version"]).stdout.split()[:3:2])
    layout = published_dir()
    published = layouts.publish({name: name for name in references.values()}, layout)
    partial = attest_dir(root).with_name("attest.partial")
    shutil.rmtree(partial, ignore_errors=True)
    for name, reference in references.items():
        with step(f"list and sign {reference}"):
            folder = partial / name
            folder.mkdir(parents=True)
            digest, short = published[reference].digest, reference.removeprefix(f"{REGISTRY}/")
            shutil.copyfile(layouts.blob(layout, digest), folder / MANIFEST)
            sbom.write(short, digest, read_parts(layout, reference), timestamp(versions), folder / SBOM)
            facts = {
                "commit": source,
                "builder": made_by,
                "rootfs": layouts.read_config(layout, reference)["rootfs"]["diff_ids"][0],
                "sbom": hashlib.sha256((folder / SBOM).read_bytes()).hexdigest(),
            }
            told = provenance.statement(root, read_recipe(root, name), versions, short, digest, facts)
            (folder / PROVENANCE).write_bytes(told)
            signing.sign_file(folder / PROVENANCE, owner)
            signing.sign_image(folder / MANIFEST, reference, owner, folder / SIGNATURE)
    signing.export(owner, partial / KEY)
    shutil.rmtree(attest_dir(root), ignore_errors=True)
    partial.rename(attest_dir(root))
    return [attest_dir(root) / name for name in references]


def verify(root: Path, key: str, target: str | None = None) -> list[str]:
    """Check what is said about every image of a checkout, and that it is about the images as they are.

    Args:
        root: The repository root.
        key: The GPG key that must have signed.
        target: The registry whose images are meant; None means those that this machine has published.

    Returns:
        One line per image.

    Raises:
        UserError: Something is missing, was changed, or was signed by another key.
    """
    owner, folder = signing.fingerprint(key, secret=False), attest_dir(root)
    lines, wrong = [], []
    for name, reference in builder.image_refs(root).items():
        found = _problems(folder / name, reference, owner) or _differs(folder / name, reference, target)
        wrong += [f"{name}: {one}" for one in found]
        lines.append(f"{reference} {digest_of(folder / name)}" if not found else "")
    if wrong:
        raise UserError(
            f"do not use these images ({'; '.join(wrong)}): sign them anew with `make sign` if they are yours"
        )
    return lines


def digest_of(folder: Path) -> str:
    """The digest of the manifest that a folder is about."""
    return f"sha256:{hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()}"


def _problems(folder: Path, reference: str, key: str) -> list[str]:
    missing = [file for file in FILES if not (folder / file).is_file()]
    if missing:
        return [f"{', '.join(missing)} missing"]
    digest, short = digest_of(folder), reference.removeprefix(f"{REGISTRY}/")
    checks = {
        SIGNATURE: signing.image_problem(folder / MANIFEST, reference, key, folder / SIGNATURE),
        f"{PROVENANCE}.asc": signing.file_problem(folder / PROVENANCE, key),
        PROVENANCE: provenance.problem((folder / PROVENANCE).read_bytes(), digest, (folder / SBOM).read_bytes()),
        SBOM: sbom.problem(folder / SBOM, digest),
    }
    found = [f"{file} {problem}" for file, problem in checks.items() if problem]
    if not found and json.loads((folder / PROVENANCE).read_text(encoding="utf-8"))["subject"][0]["name"] != short:
        found.append(f"{PROVENANCE} is about another name than {short}")
    return found


def _differs(folder: Path, reference: str, target: str | None) -> list[str]:
    """Whether the image that was signed is the one in use."""
    if target:
        there = f"{target}/{reference.removeprefix(f'{REGISTRY}/')}"
        digest = registry.digest(there)
    else:
        there, digest = f"{reference} on this machine", layouts.digest(published_dir(), reference)
    if digest is None:
        return [f"{there} is not there to compare with: `make sign` publishes it, REGISTRY= names another place"]
    return [] if digest == digest_of(folder) else [f"{there} is another image, {digest}"]
