"""Runs programs in the built images the way an OpenShift pod would: unknown uid, group 0, read-only root, no rights."""

import json
import secrets
import subprocess
from pathlib import Path

from dataops.platform.images.builder import image_refs
from dataops.platform.images.engine import choose_engine, exists
from dataops.platform.images.recipe import image_names

ROOT = Path(__file__).parents[2]
PATIENCE_SECONDS = 300  # Spark's test runs fourteen parts in one start
WHO = "import os, pwd; print(pwd.getpwuid(os.getuid()).pw_name, os.getgid(), os.path.expanduser('~'))"
KNOWN_AS = "dataops 0 /home/dataops"  # what WHO prints, whatever the uid
WRITABLE = ("/tmp", "/run/dataops", "/home/dataops")
ENGINE = choose_engine()
IMAGES = image_names(ROOT)
REFS = image_refs(ROOT)


def unknown_uid() -> int:
    """A uid as OpenShift gives them: no image has a line for it."""
    return 1_000_000_000 + secrets.randbelow(1_000_000_000)


def image_config(name: str) -> dict[str, object]:
    """The configuration of a built image: User, Entrypoint, Labels, Env."""
    assert exists(ENGINE, REFS[name]), f"{REFS[name]} is not built: run `make images` first"
    words = ["inspect", "--type=image"] if ENGINE == "buildah" else ["image", "inspect"]
    found = json.loads(output(ENGINE, *words, REFS[name]))
    config = found["Docker"]["config"] if ENGINE == "buildah" else found[0]["Config"]
    assert isinstance(config, dict)
    return config


def output(*command: str) -> str:
    """What a command that must succeed prints."""
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


class Runner:
    """Starts containers: docker and podman do it themselves; beside buildah, which cannot, runc does."""

    def __init__(self, folder: Path) -> None:
        """Remember where bundles may be written."""
        self._folder = folder
        self._mounted: dict[str, tuple[str, str]] = {}

    def run(self, name: str, *command: str, uid: int | None = None) -> subprocess.CompletedProcess[str]:
        """Run a command through an image's entrypoint.

        Args:
            name: The image.
            command: Program and arguments.
            uid: The user; an unknown one when left out.

        Returns:
            The finished process, whatever its exit code.
        """
        user = unknown_uid() if uid is None else uid
        words = self._runc(name, user, command) if ENGINE == "buildah" else [*_engine_words(user), REFS[name], *command]
        return subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)

    def _runc(self, name: str, uid: int, command: tuple[str, ...]) -> list[str]:
        config = image_config(name)
        entrypoint, environment = config["Entrypoint"], config["Env"]
        assert isinstance(entrypoint, list) and isinstance(environment, list)
        container = f"image-test-{secrets.token_hex(4)}"
        bundle = self._folder / container
        bundle.mkdir()
        output("runc", "spec", "--bundle", str(bundle))
        spec = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
        spec["root"] = {"path": self._mount(name), "readonly": True}
        spec["mounts"] += [
            {"destination": path, "type": "tmpfs", "source": "tmpfs", "options": ["mode=0777"]} for path in WRITABLE
        ]
        # every container runtime brings this file; runc alone does not
        hosts = bundle / "hosts"
        hosts.write_text("127.0.0.1 localhost image-test\n", encoding="utf-8")
        spec["mounts"].append({"destination": "/etc/hosts", "type": "bind", "source": str(hosts), "options": ["bind"]})
        spec["hostname"] = "image-test"
        spec["process"] |= {
            "terminal": False,
            "user": {"uid": uid, "gid": 0},
            "args": [*entrypoint, *command],
            "env": environment,
            "cwd": config["WorkingDir"],
            "capabilities": {},
            "noNewPrivileges": True,
        }
        (bundle / "config.json").write_text(json.dumps(spec), encoding="utf-8")
        return ["runc", "run", "--bundle", str(bundle), container]

    def _mount(self, name: str) -> str:
        if name not in self._mounted:
            container = output("buildah", "from", REFS[name])
            self._mounted[name] = (container, output("buildah", "mount", container))
        return self._mounted[name][1]

    def close(self) -> None:
        """Take the mounts away."""
        for container, _ in self._mounted.values():
            output("buildah", "rm", container)


def _engine_words(uid: int) -> list[str]:
    mounts = [word for path in WRITABLE for word in ("--tmpfs", f"{path}:mode=0777")]
    limits = ["--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=none"]
    return [ENGINE, "run", "--rm", "--read-only", *limits, "--user", f"{uid}:0", *mounts]
