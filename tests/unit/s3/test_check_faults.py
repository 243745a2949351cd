"""The check names every fault of the faulty store, says the same of good stores as was reviewed, and leaves nothing."""

import pytest

from dataops.config import Settings
from dataops.s3.check import check
from dataops.s3.check.crc64 import crc64nvme
from dataops.testing.faulty_s3 import Fault, FaultyS3
from tests.unit.s3.checked import expected, few, settings_of, statuses

__all__ = ["few"]

REFUSED = {Fault.SKEWED_CLOCK, Fault.EXPIRED_KEY, Fault.NO_LISTING}  # there is no way in: test_check_refusals.py
GOOD = expected("faulty")
FAULTS = expected("faults")


def test_a_good_store_is_good() -> None:
    with FaultyS3() as store:
        report = check(settings_of(store), with_clients=False)
    assert statuses(report) == GOOD
    assert not store.memory.buckets["data-lake"] and not store.memory.uploads


def test_every_fault_has_an_expectation() -> None:
    assert FAULTS.keys() == {fault.value for fault in Fault} - REFUSED


@pytest.mark.parametrize("fault", sorted(set(Fault) - REFUSED))
def test_each_fault_is_named(fault: Fault, few: None) -> None:
    with FaultyS3([fault]) as store:
        report = check(settings_of(store), with_clients=False)
    found = statuses(report)
    differs = {name: found.get(name, "gone") for name in GOOD | found if found.get(name) != GOOD.get(name)}
    assert differs == FAULTS[fault]
    assert not store.memory.buckets["data-lake"]
    assert bool(store.memory.uploads) == (fault is Fault.NO_ABORT)


def test_a_store_without_the_newer_signature_gets_the_setting_for_it(few: None) -> None:
    with FaultyS3([Fault.V2_ONLY, Fault.NO_MULTI_DELETE]) as store:
        settings = settings_of(store)
        report = check(settings, with_clients=False)
        assert report.settings["signatureVersion"] == "s3" and report.settings["multiDelete"] == "false"
        again = settings.model_copy(update={"aws_s3_signature_version": "s3", "s3_multi_delete": False})
        assert not check(again, with_clients=False).failed


def test_moto_is_as_it_was_reviewed(s3_settings: Settings, few: None) -> None:
    report = check(s3_settings, with_clients=False)
    assert statuses(report) == expected("moto")


def test_the_checksum_of_polars_has_its_published_value() -> None:
    assert crc64nvme(b"123456789").hex() == "ae8b14860a799888"
