"""Amounts of CPU, memory and storage as Kubernetes writes them, and how much rendered objects need at once."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

_FACTORS = {
    "m": Decimal("0.001"),
    **{f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", 1)},
    **{letter: Decimal(1000) ** power for power, letter in enumerate("kMGTPE", 1)},
}
# short names that quotas may use
_SHORT = {"cpu": "requests.cpu", "memory": "requests.memory", "count/pods": "pods"}


def parse(text: object) -> Decimal:
    """Read an amount such as `500m`, `1.5` or `12Gi`."""
    words = str(text)
    for unit, factor in _FACTORS.items():
        if words.endswith(unit) and words.removesuffix(unit)[-1:].isdigit():
            return Decimal(words.removesuffix(unit)) * factor
    return Decimal(words)


def plain(name: str) -> str:
    """The full name of what a quota limits."""
    return _SHORT.get(name, name)


def show(name: str, amount: Decimal) -> str:
    """An amount as people read it."""
    if "memory" in name or "storage" in name:
        return f"{amount / _FACTORS['Gi']:.1f}Gi"
    return f"{amount.normalize():f}"


def needed(objects: Iterable[dict[str, Any]]) -> dict[str, Decimal]:
    """What the pods and volumes of rendered objects take together; what `helm test` runs is not among them.

    Args:
        objects: The objects of one namespace.

    Returns:
        Amounts by the names that quotas use.
    """
    total: dict[str, Decimal] = {"pods": Decimal(0)}
    for one in objects:
        spec = one.get("spec") or {}
        if one["kind"] not in ("Deployment", "StatefulSet", "Job"):
            continue
        copies = Decimal(spec.get("replicas", 1))
        _add(total, {"pods": Decimal(1), **pod(spec["template"]["spec"])}, copies)
        for claim in spec.get("volumeClaimTemplates", []):
            size = parse(claim["spec"]["resources"]["requests"]["storage"])
            _add(total, {"persistentvolumeclaims": Decimal(1), "requests.storage": size}, copies)
    return total


def pod(spec: dict[str, Any]) -> dict[str, Decimal]:
    """What one pod takes: its containers together, or an init container that takes more."""
    total: dict[str, Decimal] = {}
    for container in spec["containers"]:
        _add(total, _container(container), Decimal(1))
    for container in spec.get("initContainers", []):
        for name, amount in _container(container).items():
            total[name] = max(total.get(name, Decimal(0)), amount)
    return total


def _container(container: dict[str, Any]) -> dict[str, Decimal]:
    resources = container.get("resources") or {}
    return {
        f"{side}.{name}": parse(amount)
        for side in ("requests", "limits")
        for name, amount in (resources.get(side) or {}).items()
    }


def _add(total: dict[str, Decimal], more: dict[str, Decimal], times: Decimal) -> None:
    for name, amount in more.items():
        total[name] = total.get(name, Decimal(0)) + amount * times
