"""An API server on loopback that every test of the doctor may tell things to."""

from collections.abc import Iterator

import pytest
from kubernetes import client

from tests.unit.platform.doctor.api import Api, serve


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def http(api: Api) -> Iterator[client.ApiClient]:
    with serve(api) as made:
        yield made
