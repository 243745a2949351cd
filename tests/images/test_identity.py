"""Any uid of group 0 can run any image, and no image gives it more than that."""

from collections.abc import Callable

import pytest

from tests.images.containers import IMAGES, KNOWN_AS, WHO, Runner, image_config

WRITE = "import pathlib as p; [(p.Path(d) / 'x').write_text('x') for d in ('/tmp', '/run/dataops', '/home/dataops')]"


@pytest.mark.parametrize("name", IMAGES)
def test_user_is_numeric_and_of_group_0(name: str) -> None:
    assert image_config(name)["User"] == "1001:0"


@pytest.mark.parametrize("name", IMAGES)
def test_first_process_reaps(name: str) -> None:
    entrypoint = image_config(name)["Entrypoint"]
    assert isinstance(entrypoint, list) and entrypoint[:2] == ["tini", "--"], f"{name}: {entrypoint}"


@pytest.mark.parametrize("name", IMAGES)
def test_labels_say_what_it_is(name: str) -> None:
    labels = image_config(name)["Labels"]
    assert isinstance(labels, dict)
    wanted = [f"org.opencontainers.image.{key}" for key in ("title", "description", "version", "licenses")]
    assert [key for key in wanted if not labels.get(key)] == []
    assert labels["org.opencontainers.image.title"] == f"dataops-{name}"


@pytest.mark.parametrize("name", IMAGES)
def test_names_resolve_for_three_unknown_uids(name: str, printed: Callable[..., str]) -> None:
    for _ in range(3):
        assert printed(name, "python3", "-c", WHO).strip() == KNOWN_AS


@pytest.mark.parametrize("name", IMAGES)
def test_run_time_folders_are_writable_and_nothing_else(name: str, runner: Runner) -> None:
    assert runner.run(name, "python3", "-c", WRITE).returncode == 0
    assert runner.run(name, "touch", "/opt/x").returncode != 0


@pytest.mark.parametrize("name", IMAGES)
def test_permissions_hold_in_the_finished_image(name: str, printed: Callable[..., str]) -> None:
    printed(name, "/usr/local/lib/dataops-build/check-permissions", uid=0)
