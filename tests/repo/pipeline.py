""".gitlab-ci.yml as GitLab understands it: extends and !reference followed, rules decided for a given pipeline.

Only what the file uses is known here; anything else is an error, so that a rule is never judged wrongly in silence.
tests/e2e_full/test_gitlab.py holds the same situations against an implementation that is not ours.
"""

import re
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from tests.repo.tree import text

PROTECTED = {"CI_COMMIT_REF_PROTECTED": "true"}
BRANCH = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "feature", "CI_COMMIT_REF_NAME": "feature"}
MAIN = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main", "CI_COMMIT_REF_NAME": "main", **PROTECTED}
TAG = {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_TAG": "v1.2.0", "CI_COMMIT_REF_NAME": "v1.2.0", **PROTECTED}
# What GitLab sets in each kind of pipeline; the names are the columns of docs/CI.md.
SITUATIONS: dict[str, dict[str, str]] = {
    "push to a branch": BRANCH,
    "push to a branch with an open merge request": {**BRANCH, "CI_OPEN_MERGE_REQUESTS": "dataops/platform!7"},
    "merge request": {"CI_PIPELINE_SOURCE": "merge_request_event", "CI_MERGE_REQUEST_IID": "7"},
    "push to main": MAIN,
    "push to main with an open merge request": {**MAIN, "CI_OPEN_MERGE_REQUESTS": "dataops/platform!7"},
    "push to main, unprotected": {name: value for name, value in MAIN.items() if name not in PROTECTED},
    "tag of a release": TAG,
    "tag of a release, unprotected": {name: value for name, value in TAG.items() if name not in PROTECTED},
    "another tag": {**TAG, "CI_COMMIT_TAG": "before-the-move"},
    "schedule": {**MAIN, "CI_PIPELINE_SOURCE": "schedule"},
    "started by hand on main": {**MAIN, "CI_PIPELINE_SOURCE": "web"},
}
MACHINE = {"DATAOPS_MACHINE": "true"}
TOKEN = re.compile(
    r"""\s*(?:(?P<op>&&|\|\||==|!=|=~|!~)|\$(?P<name>\w+)|"(?P<text>[^"]*)"|/(?P<regex>(?:\\.|[^/])+)/)"""
)


class Reference(list[str]):
    """A `!reference [job, key]` that was not followed yet."""


class _Loader(yaml.SafeLoader):
    """Reads GitLab's own tag."""


def _reference(loader: _Loader, node: yaml.SequenceNode) -> Reference:
    return Reference(loader.construct_sequence(node))


_Loader.add_constructor("!reference", _reference)


@cache
def pipeline() -> dict[str, Any]:
    """The whole file, parsed."""
    return dict(yaml.load(text(".gitlab-ci.yml"), _Loader))  # nosec B506  # the loader above is a safe one


@cache
def jobs() -> dict[str, dict[str, Any]]:
    """Every job that runs something, complete with what it extends."""
    whole = pipeline()
    names = [name for name, job in whole.items() if isinstance(job, dict) and "script" in job]
    return {name: _complete(whole, name) for name in names}


def _complete(whole: Mapping[str, Any], name: str) -> dict[str, Any]:
    job = whole[name]
    above = _complete(whole, job["extends"]) if "extends" in job else {}
    merged = {**above, **{key: value for key, value in job.items() if key != "extends"}}
    if "variables" in job and "variables" in above:
        merged["variables"] = {**above["variables"], **job["variables"]}
    if "rules" in job:
        merged["rules"] = _flat(whole, job["rules"])
    return merged


def _flat(whole: Mapping[str, Any], rules: list[Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for rule in rules:
        found += _flat(whole, _complete(whole, rule[0])[rule[1]]) if isinstance(rule, Reference) else [rule]
    return found


def decide(rules: list[dict[str, Any]], variables: Mapping[str, str]) -> dict[str, Any]:
    """The first rule that applies, with `when` filled in; {"when": "never"} when none does."""
    for rule in rules:
        unknown = set(rule) - {"if", "when", "allow_failure", "variables"}
        assert not unknown, f"tests/repo/pipeline.py does not know {unknown} in a rule: teach it"
        if "if" not in rule or holds(rule["if"], variables):
            return {"when": "on_success", **rule}
    return {"when": "never"}


def runs(situation: str, **more: str) -> dict[str, dict[str, Any]]:
    """The jobs of a pipeline with the rule that brought each in; none when there is no pipeline at all."""
    variables = {"CI_DEFAULT_BRANCH": "main", **SITUATIONS[situation], **more}
    if decide(pipeline()["workflow"]["rules"], variables)["when"] == "never":
        return {}
    decided = {name: decide(job["rules"], variables) for name, job in jobs().items()}
    return {name: rule for name, rule in decided.items() if rule["when"] != "never"}


def holds(condition: str, variables: Mapping[str, str]) -> bool:
    """Whether an `if` is true: a variable that is there and not empty, comparisons, && before ||."""
    tokens, position = [], 0
    while position < len(condition.rstrip()):
        match = TOKEN.match(condition, position)
        assert match, f"tests/repo/pipeline.py cannot read {condition[position:]!r}: teach it"
        tokens.append(match)
        position = match.end()
    alternatives: list[list[re.Match[str]]] = [[]]
    for token in tokens:
        if token["op"] == "||":
            alternatives.append([])
        else:
            alternatives[-1].append(token)
    return any(_all(tokens, variables) for tokens in alternatives)


def _all(tokens: list[re.Match[str]], variables: Mapping[str, str]) -> bool:
    terms: list[list[re.Match[str]]] = [[]]
    for token in tokens:
        if token["op"] == "&&":
            terms.append([])
        else:
            terms[-1].append(token)
    return all(_term(term, variables) for term in terms)


def _term(term: list[re.Match[str]], variables: Mapping[str, str]) -> bool:
    left = _value(term[0], variables)
    if len(term) == 1:
        return bool(left)
    assert len(term) == 3 and term[1]["op"], f"tests/repo/pipeline.py cannot read {[one[0] for one in term]}: teach it"
    operator, right = term[1]["op"], term[2]
    if operator in ("==", "!="):
        return (left == _value(right, variables)) == (operator == "==")
    return (re.search(right["regex"], left or "") is not None) == (operator == "=~")


def _value(token: re.Match[str], variables: Mapping[str, str]) -> str | None:
    return variables.get(token["name"]) if token["name"] else token["text"]
