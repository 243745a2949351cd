"""A wrong environment file is one sentence that names the fact, before any chart is rendered or cluster asked."""

import re
import shutil
from pathlib import Path

import pytest

from dataops.errors import UserError
from dataops.platform.environment import SCHEMA, load_environment
from dataops.platform.report import PAGES
from tests.unit.platform.fakes import environment

ROOT = Path(__file__).resolve().parents[3]
GOOD = (ROOT / "environments/local.yaml").read_text(encoding="utf-8")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with the facts of ENV=local and their schema."""
    shutil.copytree(ROOT / "environments", tmp_path / "environments")
    (tmp_path / SCHEMA).parent.mkdir(parents=True)
    shutil.copy(ROOT / SCHEMA, tmp_path / SCHEMA)
    return tmp_path


def sentence(root: Path, content: str | bytes) -> str:
    """What is said about ENV=local with this content."""
    path = root / "environments/local.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(UserError) as error:
        load_environment(root, "local")
    assert "\n" not in str(error.value) and str(error.value).startswith(f"{path} is ")
    return str(error.value)


@pytest.mark.parametrize(
    ("fact", "instead", "said"),
    [
        ("    bucket: data-lake\n", "", "global.s3: 'bucket' is a required property"),
        ("  exposure: nodePort", "  exposed: nodePort", "global: 'exposure' is a required property"),
        ("  exposure: nodePort", "  exposed: nodePort", "('exposed' was unexpected)"),
        ("domain: localhost", "domain: localhost\n  colour: red", "('colour' was unexpected)"),
        ("exposure: nodePort", "exposure: nodeport", "global.exposure: 'nodeport' is not one of ['none', 'nodePort'"),
        (
            "registry: l",
            "registry: https://l",
            "global.registry: 'https://localhost/dataops' is not host and path as before an",
        ),
        (
            "users: dataops-users",
            "users: Data",
            "global.namespaces.users: 'Data' is not a name of at most 63 lower-case",
        ),
        ("https://s3.", "ftp://s3.", ".cluster.local:9000' is not an address that starts with https://"),
        ("port: 5432", "port: many", "global.database.port: 'many' is not of type 'integer'"),
        (", jobs: dataops-jobs", "", "global.namespaces: 'jobs' is a required property"),
        ("  egress: {", "  egres: {", "global: 'egress' is a required property"),
        ("apiServer: [{", "api: [{", "global.egress: 'apiServer' is a required property"),
        ("[{ipBlock: {cidr: 10.97.0.1/32}}]", "[]", "global.egress.apiServer: [] should be non-empty"),
        (
            "10.97.0.1/32",
            "0.0.0.0/0",
            "global.egress.apiServer, block 1: 0.0.0.0/0 holds 169.254.169.254, where clouds",
        ),
        ("10.97.0.1/32", "169.254.0.0/16, except: [169.254.0.0/24]", "block 1: 169.254.0.0/16 holds 169.254.169.254"),
        ("10.97.0.1/32", "10.97.0.300/32", "global.egress.apiServer, block 1: '10.97.0.300/32' does not appear to be"),
        ("10.97.0.1/32", "10.97.0.1/16", "global.egress.apiServer, block 1: 10.97.0.1/16 has host bits set"),
        (GOOD, "", "the file: None is not of type 'object'"),
        (GOOD, "- a list", "the file: ['a list'] is not of type 'object'"),
    ],
)
def test_a_missing_or_unknown_fact_is_named_with_its_place(root: Path, fact: str, instead: str, said: str) -> None:
    assert fact in GOOD
    words = sentence(root, GOOD.replace(fact, instead))
    assert said in words and words.endswith(f"correct it, {SCHEMA} says what may stand there")


def test_what_is_not_yaml_is_named_with_its_line(root: Path) -> None:
    broken = GOOD.replace("  ca: {}", "  ca: {")
    end = broken.count("\n") + 1
    assert f"is not valid YAML: line {end}: " in sentence(root, broken)
    assert "is not valid YAML: " in sentence(root, b"\xff\xfe\xfa")


def test_facts_of_ones_own_go_over_the_file(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    facts = tmp_path / "site.yaml"
    facts.write_text("global: {domain: apps.site.test, s3: {region: eu-here}, imagePullSecrets: [{name: login}]}")
    monkeypatch.setenv("FACTS", str(facts))
    place = load_environment(root, "openshift")
    assert place.get("domain") == "apps.site.test" and place.get("s3.region") == "eu-here"
    assert place.get("s3.bucket") == "data-lake" and place.get("imagePullSecrets") == [{"name": "login"}]
    assert place.files == (root / "environments/openshift.yaml", facts)
    facts.write_text("global: {colour: red}")
    with pytest.raises(UserError, match=rf"openshift.yaml with {facts} is wrong: .*'colour' was unexpected"):
        load_environment(root, "openshift")
    monkeypatch.setenv("FACTS", "nowhere.yaml")
    with pytest.raises(UserError, match="FACTS=nowhere.yaml is no file: name one with the facts that differ"):
        load_environment(root, "openshift")


def test_a_block_may_hold_the_metadata_address_when_it_excepts_it(root: Path) -> None:
    path = root / "environments/local.yaml"
    path.write_text(GOOD.replace("10.97.0.1/32", "0.0.0.0/0, except: [169.254.0.0/16]"))
    assert load_environment(root, "local").get("egress.apiServer")[0]["ipBlock"]["except"] == ["169.254.0.0/16"]


def test_a_place_without_local_services_says_where_its_stores_are(root: Path) -> None:
    path = root / "environments/openshift.yaml"
    text = path.read_text(encoding="utf-8")
    for fact in ("s3", "database"):
        path.write_text(re.sub(rf"\n    {fact}: \[.*", "", text))
        with pytest.raises(UserError, match=f"global.egress: '{fact}' is a required property"):
            load_environment(root, "openshift")


def test_s3_in_clear_is_refused_everywhere_but_on_ones_own_machine(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = tmp_path / "site.yaml"
    facts.write_text("global: {s3: {endpointUrl: http://s3.site.test}}")
    monkeypatch.setenv("FACTS", str(facts))
    with pytest.raises(
        UserError, match=f"^{facts} has global.s3.endpointUrl http://s3.site.test, which would send keys"
    ):
        load_environment(root, "openshift")
    assert load_environment(root, "local").get("s3.endpointUrl") == "http://s3.site.test"


@pytest.mark.parametrize(
    ("fact", "left"),
    [
        ("registry.example.com/dataops", True),
        ("https://api.openshift.example.com:6443", True),
        ("192.0.2.0/28", True),
        ("198.51.100.20/32", True),
        ("203.0.113.7", True),
        ("registry.mycompany.com/example", False),
        ("example.company.test", False),
        ("counterexample.com", False),
        ("10.0.0.0/8", False),
        ("fd00::/8", False),
        ("dataops", False),
    ],
)
def test_a_fact_that_is_still_an_example_is_known_by_its_value(fact: str, left: bool) -> None:
    place = environment("openshift", egress={"s3": [{"ipBlock": {"cidr": fact}}]})
    assert place.unfinished() == ([f"global.egress.s3[0].ipBlock.cidr {fact}"] if left else [])


def test_the_form_itself_is_refused_with_every_place_named() -> None:
    with pytest.raises(UserError) as error:
        load_environment(ROOT, "openshift").refuse_unfinished()
    said = str(error.value)
    assert "environments/openshift.yaml still holds 8 example(s): global.registry " in said and "\n" not in said
    for key in ("domain", "s3.endpointUrl", "database.host", "apiServer.url", "egress.apiServer[0].ipBlock.cidr"):
        assert f"global.{key} " in said
    load_environment(ROOT, "local").refuse_unfinished()


def test_the_repositorys_environments_are_right() -> None:
    for path in (ROOT / "environments").glob("*.yaml"):
        assert load_environment(ROOT, path.stem).values["environment"] == path.stem


def test_a_page_without_its_node_port_is_named() -> None:
    place = environment(exposure="nodePort", domain="localhost", nodePorts={})
    with pytest.raises(UserError, match="environments/local.yaml has no global.nodePorts.jupyterhub: add it"):
        PAGES[0].url(place)
