"""Limits of the pod in both forms of cgroups, and what is said when something was killed for want of memory."""

from pathlib import Path

import pytest

from dataops.notebook import banner, failures, limits

MIB = 1 << 20
V2 = {
    "cgroup.controllers": "cpu memory",
    "cpu.max": "200000 100000",
    "memory.max": str(2048 * MIB),
    "memory.current": str(1500 * MIB),
    "memory.stat": f"anon 1\ninactive_file {100 * MIB}",
    "memory.events": "oom 2\noom_kill 1",
}
V1 = {
    "cpu/cpu.cfs_quota_us": "200000",
    "cpu/cpu.cfs_period_us": "100000",
    "memory/memory.limit_in_bytes": str(2048 * MIB),
    "memory/memory.usage_in_bytes": str(1500 * MIB),
    "memory/memory.stat": f"total_inactive_file {100 * MIB}",
    "memory/memory.oom_control": "under_oom 0\noom_kill 1",
}


def serve(monkeypatch: pytest.MonkeyPatch, folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text + "\n", encoding="utf-8")
    monkeypatch.setattr(limits, "ROOT", folder)


@pytest.mark.parametrize("files", [V1, V2], ids=["v1", "v2"])
def test_the_limits_of_a_pod(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: dict[str, str]) -> None:
    serve(monkeypatch, tmp_path, files)
    assert limits.limits() == limits.Limits(2048 * MIB, 648 * MIB, 2.0, 1)


@pytest.mark.parametrize(
    "files",
    [
        {**V1, "cpu/cpu.cfs_quota_us": "-1", "memory/memory.limit_in_bytes": "9223372036854771712"},
        {**V2, "cpu.max": "max 100000", "memory.max": "max"},
        {},
    ],
    ids=["v1", "v2", "nothing"],
)
def test_no_limit_is_the_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, files: dict[str, str]) -> None:
    serve(monkeypatch, tmp_path, files)
    found = limits.limits()
    assert found.memory is None and found.cores is None and found.free > 0


def test_a_process_killed_for_memory_is_told_with_the_profile_to_take(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    serve(monkeypatch, tmp_path, V2)
    monkeypatch.setenv("SPARK_PROFILE", "small")
    told = limits.end_of("the Spark driver of this kernel", "restart the kernel")
    assert "was killed because this server used up its memory of 2.0 GiB; restart the kernel" in told
    assert "choose the profile medium at the next start of your server" in told
    assert "profile medium" in banner.ended(for_memory=True)
    monkeypatch.setenv("SPARK_PROFILE", "large")
    assert "split the work" in limits.end_of("it", "restart the kernel")


@pytest.mark.parametrize(
    ("java", "sentence"),
    [
        (
            ": java.lang.OutOfMemoryError: Java heap space",
            "Spark's driver has no memory left for this (Java heap space)",
        ),
        (
            ": org.apache.spark.SparkException: 3 tasks (1 GiB) is bigger than spark.driver.maxResultSize (1 GiB)",
            "the result is too large for the notebook (3 tasks (1 GiB)",
        ),
        (
            "x\nCaused by: org.apache.spark.SparkException: Parquet column cannot be converted in file a. Column: [n]",
            "files of one folder have different columns (Parquet column cannot be converted",
        ),
    ],
)
def test_java_errors_are_sentences(java: str, sentence: str) -> None:
    told = failures._java(java, failures.java_reason(Exception(java)))
    assert told.startswith(sentence) and "\n" not in told
