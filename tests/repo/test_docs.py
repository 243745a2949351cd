"""What the documents say exists: links, verbs, names; and the changelog keeps its form."""

import ast
import re
import subprocess
from pathlib import Path

import pytest

from dataops.commands import GROUPS
from tests.repo.tree import (
    ROOT,
    code_spans,
    documents,
    ending,
    files,
    is_text,
    is_verb,
    matching,
    module,
    text,
    verbs,
)

TOP_FOLDERS = sorted({path.parts[0] for path in files() if len(path.parts) > 1 and not path.parts[0].startswith(".")})
CHANGE_KINDS = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}


@pytest.mark.parametrize("document", documents(), ids=str)
def test_every_relative_link_resolves(document: Path) -> None:
    targets = re.findall(r"\]\(([^)\s]+)\)", text(document))
    local = [target.partition("#")[0] for target in targets if "://" not in target and not target.startswith("#")]
    broken = [target for target in local if target and not (ROOT / document.parent / target).exists()]
    assert not broken, f"{document} links to {broken}, which do not exist"


@pytest.mark.parametrize("document", documents(), ids=str)
def test_every_anchor_resolves(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]*#[^)\s]+)\)", text(document)):
        name, _, anchor = target.partition("#")
        if "://" in target:
            continue
        titles = re.findall(r"^#+ (.*)$", text(document.parent / name if name else document), re.MULTILINE)
        anchors = {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
        assert anchor in anchors, f"{document} links to {target}, but no title there becomes #{anchor}"


def test_every_verb_named_in_a_document_exists() -> None:
    unknown = [
        f"{document}: make {verb}"
        for document in documents()
        for span in code_spans(document)
        for verb in re.findall(r"(?:^|&& |[A-Z]=\S+ )make ([a-z][a-z0-9<>-]*)", span)
        if not is_verb(verb)
    ]
    assert not unknown, f"the Makefile has no such target: {unknown}"


def test_every_verb_says_what_it_does() -> None:
    silent = [verb for verb, told in verbs().items() if not told]
    assert verbs() and not silent, f"add `## what it does` behind {silent}"


def test_every_path_shown_exists() -> None:
    gone = []
    for document in documents():
        for span in code_spans(document):
            pattern = re.sub(r"<[a-z-]+>", "*", span.rstrip("/"))
            if pattern.partition("/")[0] in TOP_FOLDERS and re.fullmatch(r"[\w./*{},-]+", pattern):
                found = any(ROOT.glob(alternative) for alternative in expand(pattern) if any(ROOT.glob(alternative)))
                gone += [] if found else [f"{document}: {span}"]
    assert not gone, f"these paths are shown but do not exist: {gone}"


def expand(pattern: str) -> list[str]:
    """The alternatives of a path with braces, such as charts/{spark,mlflow}."""
    braces = re.search(r"\{([^}]*)\}", pattern)
    if not braces:
        return [pattern]
    return [pattern.replace(braces[0], choice, 1) for choice in braces[1].split(",")]


def test_a_command_of_ours_is_shown_as_it_is_typed() -> None:
    bare = [
        f"{document}: {span}"
        for document in documents()
        for span in code_spans(document)
        for group in re.findall(r"^dataops ([a-z]+) [a-z]+$", span, re.MULTILINE)
        if group not in GROUPS
    ]
    assert not bare, f"only in pods is dataops on PATH, where it has no such group; write .venv/bin/dataops: {bare}"


@pytest.mark.parametrize("path", ["site.yaml", "given/hub-database.password"])
def test_what_the_guide_lets_a_site_write_is_never_committed(path: str) -> None:
    assert "FACTS=site.yaml" in text("docs/DEPLOY_OPENSHIFT.md") and "FROM=given" in text("docs/DEPLOY_OPENSHIFT.md")
    subprocess.run(["git", "check-ignore", "--quiet", path], cwd=ROOT, check=True)


def test_every_environment_name_shown_is_used() -> None:
    sources = "\n".join(text(path) for path in files() if path.suffix != ".md" and is_text(path))
    used = set(re.findall(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+", sources)) | set(
        re.findall(r"[a-z_0-9]+_[a-z_0-9]+", sources)
    )
    unknown = [
        f"{document}: {name}"
        for document in documents()
        if document.name != "CHANGELOG.md"
        for span in code_spans(document)
        # a name by itself or an assignment; error messages quote others' names
        for name in re.findall(r"^([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)(?:=|$)", span)
        if name not in used and name.lower() not in used
    ]
    assert not unknown, f"nothing in the repository knows these names: {unknown}"


@pytest.mark.parametrize("folder", TOP_FOLDERS)
def test_every_top_folder_says_what_it_is(folder: str) -> None:
    if folder == "src":
        folder = "src/dataops"
    assert (ROOT / folder / "README.md").is_file(), f"{folder}/README.md: say in one sentence what the folder is"


def test_every_top_folder_is_in_the_readme() -> None:
    missing = [folder for folder in TOP_FOLDERS if f"]({folder}" not in text("README.md")]
    assert not missing, f"README.md has no line for {missing}"


def own_messages() -> set[str]:
    """Every text in the code, with … for what is filled in."""
    found = {text("Makefile").replace("$($(1))", "…").replace("$(1)", "…")}
    for path in (path for folder in ("src", "cluster", "jobs") for path in ending(".py", under=f"{folder}/")):
        for node in ast.walk(module(path)):
            if isinstance(node, ast.JoinedStr):
                parts = [str(one.value) if isinstance(one, ast.Constant) else "…" for one in node.values]
                found.add("".join(parts))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def test_every_message_of_ours_in_troubleshooting_is_one_that_the_code_says() -> None:
    own = text("docs/TROUBLESHOOTING.md").partition("## The platform's own messages\n")[2].partition("\n## ")[0]
    shown = [span for title in re.findall(r"^### (.*)$", own, re.MULTILINE) for span in re.findall(r"`([^`]+)`", title)]
    said = own_messages()
    unknown = [
        span
        for span in shown
        if not any(re.search(".*".join(map(re.escape, span.strip("…").split("…"))), words) for words in said)
    ]
    assert shown and not unknown, f"no code says this any more: {unknown}"


def test_the_readme_opens_with_the_two_commands() -> None:
    first = text("README.md").partition("```")[2].partition("```")[0]
    assert "make deploy ENV=local" in first and "make test" in first


def test_every_decision_is_numbered_and_listed() -> None:
    decisions = [path for path in matching("docs/decisions/*.md") if path.name != "README.md"]
    numbers = [path.name[:4] for path in decisions]
    assert numbers == [f"{n:04d}" for n in range(1, len(decisions) + 1)], f"gaps or doubles in {numbers}"
    listing = text("docs/decisions/README.md")
    assert all(path.name in listing for path in decisions), "docs/decisions/README.md lists each decision"


def test_the_changelog_keeps_its_form() -> None:
    lines = text("CHANGELOG.md").splitlines()
    assert "## [Unreleased]" in lines
    for line in lines:
        if line.startswith("## "):
            assert re.fullmatch(r"## \[(Unreleased|\d+\.\d+\.\d+)\]( - \d{4}-\d\d-\d\d)?", line), line
        elif line.startswith("### "):
            assert line[4:] in CHANGE_KINDS, f"{line!r}: choose among {sorted(CHANGE_KINDS)}"
        elif line.startswith("- "):
            assert re.match(
                r"- [a-z][a-z-]*: \S", line
            ), f"{line!r}: open the entry with its component, as in `- spark: ...`"


def test_the_licence_is_apache() -> None:
    assert "Apache License" in text("LICENSE") and 'license = "Apache-2.0"' in text("pyproject.toml")
    assert ending(".py")
