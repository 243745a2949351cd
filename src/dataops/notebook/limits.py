"""What the pod may use, how much of it is left, and whether something was killed for want of memory."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path("/sys/fs/cgroup")
_ENDLESS = 1 << 60  # cgroup v1 writes "no limit" as a number near 2**63
_LARGER = {"small": "medium", "medium": "large"}


@dataclass(frozen=True)
class Limits:
    """Bytes of memory, what is left of them, cores, and how many processes were killed for want of memory.

    Attributes:
        memory: None where there is no limit.
        free: what this pod or machine has left.
        cores: None where there is no limit.
        kills: since the pod started.
    """

    memory: int | None
    free: int
    cores: float | None
    kills: int


def limits() -> Limits:
    """Read the limits of this pod, or of the machine where there is none."""
    if (ROOT / "cgroup.controllers").exists():
        quota, period = (_text(ROOT / "cpu.max").split() + ["max", "100000"])[:2]
        memory, used = _number(ROOT / "memory.max"), _number(ROOT / "memory.current") or 0
        stat, events = ROOT / "memory.stat", ROOT / "memory.events"
        reclaimable = _entry(stat, "inactive_file")
    else:
        cpu, folder = ROOT / "cpu", ROOT / "memory"
        quota, period = _text(cpu / "cpu.cfs_quota_us") or "-1", _text(cpu / "cpu.cfs_period_us") or "100000"
        memory, used = _number(folder / "memory.limit_in_bytes"), _number(folder / "memory.usage_in_bytes") or 0
        stat, events = folder / "memory.stat", folder / "memory.oom_control"
        reclaimable = _entry(stat, "total_inactive_file")
    free = _entry(Path("/proc/meminfo"), "MemAvailable:") * 1024
    if memory is not None:
        free = min(free, max(0, memory - used + reclaimable))
    cores = int(quota) / int(period) if quota.lstrip("-").isdigit() and int(quota) > 0 else None
    return Limits(memory, free, cores, _entry(events, "oom_kill"))


def profile() -> str:
    """Return the name of the profile."""
    from dataops.config import Settings

    return Settings.load().spark_profile


def larger_profile() -> str:
    """Return how to get more memory."""
    larger = _LARGER.get(profile())
    return f"choose the profile {larger} at the next start of your server" if larger else "split the work"


def end_of(what: str, fix: str) -> str:
    """Return the sentence about a process that is gone: for want of memory, or for a reason that its log tells."""
    now = limits()
    if now.kills:
        most = f" of {size(now.memory)}" if now.memory else ""
        return (
            f"{what} was killed because this server used up its memory{most}; {fix}, stop kernels you do not need, and"
            f" {larger_profile()}"
        )
    return f"{what} is gone; {fix}, and see the server's log for the reason"


def size(count: float) -> str:
    """Return a number of bytes as people write it."""
    for unit in ("B", "KiB", "MiB", "GiB"):
        if count < 1024:
            return f"{count:.0f} {unit}" if unit in ("B", "KiB") else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} TiB"


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _number(path: Path) -> int | None:
    words = _text(path)
    return int(words) if words.isdigit() and int(words) < _ENDLESS else None


def _entry(path: Path, name: str) -> int:
    pairs = (line.split() for line in _text(path).splitlines())
    return next((int(pair[1]) for pair in pairs if pair and pair[0] == name), 0)
