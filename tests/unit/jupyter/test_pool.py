"""The pool of a Jupyter server: a spare once a page has come, another when it was taken, none where it cannot be."""

import asyncio
import logging
import sys
from pathlib import Path

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest

from dataops.jupyter.extension import Pool, watch


def program(folder: Path, code: int) -> str:
    """A program in place of Python that notes its call and ends."""
    path = folder / "spare"
    path.write_text(f'#!/bin/sh\necho "$@" >> {folder}/calls\nexit {code}\n', encoding="utf-8")
    path.chmod(0o755)
    return str(path)


async def calls_after(pool: Pool, folder: Path, count: int) -> list[str]:
    """Run a pool until it has started so many spares, and a moment longer."""
    task = asyncio.ensure_future(pool.run())
    calls = folder / "calls"
    async with asyncio.timeout(60):
        while not calls.exists() or len(calls.read_text(encoding="utf-8").splitlines()) < count:
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.3)
    task.cancel()
    return calls.read_text(encoding="utf-8").splitlines()


def test_a_spare_that_was_taken_is_followed_by_another(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "executable", program(tmp_path, 0))

    async def run() -> list[str]:
        pool = Pool(logging.getLogger("test"), Path("/run/spare"), pause=0)
        pool.want()
        return await calls_after(pool, tmp_path, 3)

    assert asyncio.run(run())[:2] == ["-P -s -m dataops.jupyter.spare /run/spare"] * 2


def test_one_that_cannot_start_is_not_tried_again_before_the_next_page(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sys, "executable", program(tmp_path, 1))

    async def run() -> list[str]:
        pool = Pool(logging.getLogger("test"), Path("/run/spare"), pause=0)
        pool.want()
        return await calls_after(pool, tmp_path, 1)

    assert len(asyncio.run(run())) == 1
    assert "no warm Spark: its reason is above" in caplog.text


@pytest.mark.parametrize(("path", "wanted"), [("/user/me/api/kernelspecs", True), ("/user/me/api/status", False)])
def test_a_page_that_asks_for_kernels_wants_a_spare(path: str, wanted: bool) -> None:
    async def run() -> bool:
        pool = Pool(logging.getLogger("test"), Path("/run/spare"))
        watch(pool)(HTTPServerRequest("GET", path, headers=HTTPHeaders({"Host": "hub"})))
        return pool._wanted.is_set()

    assert asyncio.run(run()) is wanted
