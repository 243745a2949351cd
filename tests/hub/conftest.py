"""A hub for the tests of a module."""

from collections.abc import Iterator

import pytest

from tests.hub.hub import Hub, running_hub


@pytest.fixture(scope="module")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """The hub of ENV=local, as its ConfigMap configures it."""
    with running_hub(tmp_path_factory.mktemp("hub")) as running:
        yield running
