"""The list of what an image holds, as CycloneDX JSON: the same bytes for the same image."""

import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output.json import JsonV1Dot5
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL

from dataops.platform.attest.contents import Part

DIGEST = "dataops:manifest"


def write(name: str, digest: str, parts: list[Part], date: int, target: Path) -> None:
    """Write the list of an image.

    Args:
        name: Name and tag, e.g. spark:0123456789ab.
        digest: The manifest's digest.
        parts: What it holds.
        date: The time that its files bear, in seconds.
        target: The file.
    """
    short, _, tag = name.partition(":")
    image = Component(
        name=short,
        version=tag,
        type=ComponentType.CONTAINER,
        bom_ref=digest,
        purl=PackageURL("oci", None, short, digest),
        properties=[Property(name=DIGEST, value=digest)],
    )
    bom = Bom(
        components=[_component(part, f"{part.path}#{part.url}") for part in parts],
        metadata=BomMetaData(component=image, timestamp=datetime.fromtimestamp(date, UTC)),
        serial_number=uuid5(NAMESPACE_URL, digest),
    )
    bom.register_dependency(image, bom.components)
    target.write_text(JsonV1Dot5(bom).output_as_string(indent=1) + "\n", encoding="utf-8")


def _component(part: Part, where: str) -> Component:
    return Component(
        name=part.url.name,
        group=part.url.namespace,
        version=part.url.version,
        type=ComponentType.LIBRARY,
        bom_ref=where,
        purl=part.url,
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=part.sha256)] if part.sha256 else [],
        properties=[Property(name="dataops:path", value=part.path)],
        components=[_component(one, f"{where}!{one.url}") for one in part.inside],
    )


def problem(file: Path, digest: str) -> str | None:
    """What is wrong with a list: it is no CycloneDX, it names nothing, or it belongs to another image.

    Args:
        file: The list.
        digest: The digest of the image's manifest.

    Returns:
        One sentence; None when all is well.
    """
    text = file.read_text(encoding="utf-8")
    try:
        content = json.loads(text)
    except ValueError:
        return "is no JSON"
    if error := JsonStrictValidator(SchemaVersion.V1_5).validate_str(text):
        return f"is no CycloneDX: {str(error.data)[:200]}"
    if content["metadata"]["component"]["bom-ref"] != digest:
        return f"lists another image than {digest}"
    return None if content.get("components") else "lists nothing"
