"""J27: requests made from the API's own description; no answer is a 5xx, and each is as described. scripts/fuzz-api sends
ten times as many."""
import json, os

import jsonschema_rs
import pytest

from apifuzz import Fuzzer
from fuzzlab import FuzzLab


@pytest.fixture(scope="module")
def lab():
    made = FuzzLab()
    try:
        yield made.start()
    finally:
        made.stop()


def test_J27_a_thousand_requests_from_the_description(lab):
    fuzzer = Fuzzer(lab.address, lab.key, lab.world, seed=27).run(int(os.environ.get("REELGATE_FUZZ_CASES", "1000")))
    told = fuzzer.report()
    print(told)
    assert fuzzer.passed(), told


def test_the_description_is_the_table(lab):
    """What the service answers, what the command prints and what the table holds are one."""
    status, headers, served = lab.call("/api-docs/openapi.json", key=False)
    assert status == 200 and headers["content-type"] == "application/json; charset=utf-8"
    printed = json.loads(lab.reelgate("routes", "--openapi"))
    assert served["servers"] == [{"url": lab.address}]
    assert {**served, "servers": printed["servers"]} == printed
    table = [line.split()[:2] for line in lab.reelgate("routes").splitlines()]
    described = {(method.upper(), path) for path, methods in served["paths"].items() for method in methods}
    assert described == {(method, "/".join(f"{{{p[1:]}}}" if p.startswith(":") else p for p in path.split("/"))) for method, path in table}


def test_examples_fit_what_they_are_examples_of(lab):
    document = lab.call("/api-docs/openapi.json", key=False)[2]
    wrong, seen = [], 0
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            pairs = [(one["schema"], one["example"]) for one in operation.get("parameters", [])]
            for holder in [operation.get("requestBody", {}), *operation["responses"].values()]:
                for content in holder.get("content", {}).values():
                    pairs += [(content["schema"], content["example"])] if "example" in content else []
                    pairs += [(content["schema"], example["value"]) for example in content.get("examples", {}).values()]
            seen += len(pairs)
            for schema, example in pairs:
                validator = jsonschema_rs.Draft202012Validator({**schema, "components": document["components"]}, validate_formats=True)
                wrong += [(method, path, error.message) for error in validator.iter_errors(example)]
    assert not wrong and seen > 300, (seen, wrong)


def test_the_page_is_refused_where_swagger_ui_is_not_installed(lab):
    status, headers, page = lab.call("/api-docs", key=False)
    assert status == 200 and headers["content-security-policy"].startswith("default-src 'none'; script-src 'self'") and b"<main" in page
    os.rename(lab.swagger, lab.swagger + ".away")
    try:
        status, _, body = lab.call("/api-docs", key=False)
        assert (status, body["code"]) == (404, "not_found") and "/api-docs/openapi.json" in body["detail"]
        assert lab.call("/api-docs/swagger-ui.css", key=False)[0] == 404
    finally:
        os.rename(lab.swagger + ".away", lab.swagger)
