"""sync_up and sync_down: only what differs travels, files are whole or not there, and a log has two lines."""

import logging
import os
import re
from pathlib import Path

import pytest

from dataops.config import Settings
from dataops.errors import UserError
from dataops.s3 import S3Client, _sync
from dataops.s3._sync import Synced
from tests.faulty_proxy import Rule, faulty_proxy, status

LARGE = bytes(range(256)) * 80_000  # 20 MB, which goes in parts


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with files whose names need care."""
    made = tmp_path / "mine"
    (made / "with space=ü").mkdir(parents=True)
    (made / "with space=ü" / "100%.bin").write_bytes(LARGE)
    (made / "empty").write_bytes(b"")
    return made


@pytest.mark.parametrize("signature", ["s3v4", "s3"])
def test_there_and_back(s3_settings: Settings, folder: Path, tmp_path: Path, signature: str) -> None:
    s3 = S3Client(s3_settings.model_copy(update={"aws_s3_signature_version": signature}))
    assert s3.sync_up(folder, "sandbox/x") == Synced(2, len(LARGE), 0, 0)
    assert s3.sync_up(folder, "sandbox/x/") == Synced(0, 0, 2, 0)
    there = tmp_path / "there"
    assert s3.sync_down("sandbox/x", there) == Synced(2, len(LARGE), 0, 0)
    assert (there / "with space=ü/100%.bin").read_bytes() == LARGE and (there / "empty").read_bytes() == b""
    assert s3.sync_down("sandbox/x", there) == Synced(0, 0, 2, 0)
    assert sorted(path.name for path in there.rglob("*")) == ["100%.bin", "empty", "with space=ü"]


def test_what_changed_travels_and_what_is_gone_goes_only_when_asked(s3: S3Client, folder: Path, tmp_path: Path) -> None:
    s3.sync_up(folder, "sandbox/x")
    (folder / "empty").write_bytes(b"no more")
    (folder / "same size").write_bytes(b"1")
    s3.write_bytes("sandbox/x/same size", b"2")
    os.utime(folder / "same size", (2e9, 2e9))
    (folder / "with space=ü" / "100%.bin").unlink()
    assert s3.sync_up(folder, "sandbox/x") == Synced(2, 8, 0, 0)
    assert s3.read_bytes("sandbox/x/same size") == b"1" and len(s3.list_objects("sandbox/x/")) == 3
    assert s3.sync_up(folder, "sandbox/x", delete=True).deleted == 1
    there = tmp_path / "there"
    s3.sync_down("sandbox/x", there)
    (there / "own").write_bytes(b"")
    assert s3.sync_down("sandbox/x", there) == Synced(0, 0, 2, 0) and (there / "own").exists()
    assert s3.sync_down("sandbox/x", there, delete=True).deleted == 1 and not (there / "own").exists()


def test_a_file_is_whole_or_not_there(s3: S3Client, s3_settings: Settings, folder: Path, tmp_path: Path) -> None:
    s3.sync_up(folder, "sandbox/x")
    with faulty_proxy(str(s3_settings.s3_endpoint_url), [Rule(status(403, "AccessDenied"), path="100")]) as proxy:
        refused = S3Client(s3_settings.model_copy(update={"s3_endpoint_url": proxy.url}))
        with pytest.raises(UserError, match=r"may not do that with s3a://data-lake/sandbox/x/with space=ü/100%\.bin"):
            refused.sync_down("sandbox/x", tmp_path / "there")
    assert not (tmp_path / "there/with space=ü/100%.bin").exists() and not list(tmp_path.rglob("*.part"))


@pytest.mark.parametrize("signature", ["s3v4", "s3"])
def test_an_upload_that_fails_leaves_no_parts(s3_settings: Settings, folder: Path, signature: str) -> None:
    plain = S3Client(s3_settings)
    rule = Rule(status(403, "AccessDenied"), method="PUT", path="partNumber=2")
    with faulty_proxy(str(s3_settings.s3_endpoint_url), [rule]) as proxy:
        told = {"s3_endpoint_url": proxy.url, "aws_s3_signature_version": signature}
        with pytest.raises(UserError):
            S3Client(s3_settings.model_copy(update=told)).sync_up(folder, "sandbox/x")
    assert rule.happened and "Uploads" not in plain.boto.list_multipart_uploads(Bucket="data-lake")
    assert not plain.exists("sandbox/x/with space=ü/100%.bin")


def test_names_that_are_no_files_are_refused(s3: S3Client, tmp_path: Path) -> None:
    s3.write_bytes("sandbox/x/../../escaped", b"")
    with pytest.raises(UserError, match=r"x/\.\./\.\./escaped cannot be the name of a file; copy it to another name"):
        s3.sync_down("sandbox/x", tmp_path / "there")
    s3.write_bytes("sandbox/y/a", b"")
    s3.write_bytes("sandbox/y/a/b", b"")
    with pytest.raises(UserError, match="/y/a.* cannot be written"):
        s3.sync_down("sandbox/y", tmp_path / "y")
    with pytest.raises(UserError, match="^nothing lies below s3a://data-lake/sandbox/none/; check the path"):
        s3.sync_down("sandbox/none", tmp_path)
    with pytest.raises(UserError, match="none is no folder; name the local folder first"):
        s3.sync_up(tmp_path / "none", "sandbox/x")


def test_a_log_has_a_line_at_the_start_and_one_at_the_end(
    s3: S3Client, folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "dataops"):
        s3.sync_up(folder, "sandbox/x")
    assert [line.message for line in caplog.records if line.name == "dataops"] == ["sync begins", "sync ended"]


def test_people_see_how_far_it_is(
    s3: S3Client, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setattr(_sync, "_EVERY_SECONDS", 0)
    s3.sync_up(folder, "sandbox/x")
    said = capsys.readouterr()
    *steps, end = said.err.removeprefix("\r").split("\r")
    assert f"{folder} to s3a://data-lake/sandbox/x/: 20 of 20 MB" in steps and len(steps) > 2 and not said.out
    assert re.fullmatch(rf"{folder} to s3a://data-lake/sandbox/x/: 2 files, 20\.5 MB in \d+\.\d s\n", end)
