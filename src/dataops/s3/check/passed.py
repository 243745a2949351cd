"""The settings that passed: what goes below `global.s3` of an environment file."""

from collections.abc import Iterable, Mapping

from dataops.config import Settings
from dataops.s3.check.findings import Finding, Status
from dataops.s3.check.wire import Wire

# what stands in the environment file, and the setting that programs read
KEYS = {
    "endpointUrl": "s3_endpoint_url",
    "region": "s3_region",
    "bucket": "s3_bucket",
    "platformBucket": "s3_platform_bucket",
    "addressingStyle": "s3_addressing_style",
    "signatureVersion": "aws_s3_signature_version",
    "multiDelete": "s3_multi_delete",
}


def passed(settings: Settings, wire: Wire, findings: Iterable[Finding]) -> dict[str, str]:
    """Return what works, by the names of the environment file: as configured wherever that works."""
    status = {one.name: one.status for one in findings}
    values = {key: _written(getattr(settings, name)) for key, name in KEYS.items()}
    values["signatureVersion"] = "s3" if wire.signature == "v2" else "s3v4"
    values["addressingStyle"] = "virtual" if wire.virtual else "path"
    if deleted := status.get("delete.many-md5"):
        values["multiDelete"] = _written(deleted is Status.OK)
    return values


def with_passed(settings: Settings, values: Mapping[str, str]) -> Settings:
    """The settings, with what passed instead of what was configured."""
    return settings.model_copy(update={name: _read(values[key]) for key, name in KEYS.items()})


def settings_findings(settings: Settings, values: Mapping[str, str]) -> Iterable[Finding]:
    """Name each setting of this place that did not pass."""
    for key, name in KEYS.items():
        now = _written(getattr(settings, name))
        if now != values[key]:
            yield Finding(
                f"settings.{key}",
                Status.FAILED,
                f"this place says {now}, what passed is {values[key]}",
                "the platform's clients are set up for something that this store does not do",
                f"s3.{key}: {values[key]}",
            )


def fragment(values: Mapping[str, str]) -> str:
    """What passed, ready for environments/<env>.yaml or a file named in FACTS."""
    lines = ["global:", "  s3:", *(f"    {key}: {value}" for key, value in values.items())]
    return "\n".join(lines) + "\n"


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _read(value: str) -> str | bool:
    return value == "true" if value in ("true", "false") else value
