"""Who is let in, and what every answer carries."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest

from solver.library.models import Library
from solver.serve.doors import HEADERS
from tests.support.pages.serving import HOST, ORIGIN, PORT, Client, request

ROOT = Path(__file__).parents[2]


@pytest.fixture
def client(library: Library) -> Client:
    """A browser at a server that was just begun."""
    return Client.of(library)


OTHERS = [
    "",
    "127.0.0.1",
    f"127.0.0.1:{PORT}.example.org",
    f"example.org:{PORT}",
    f"127.0.0.1:{PORT + 1}",
    f"[::1]:{PORT}",
]
"""Names by which this server is not called."""


@pytest.mark.parametrize("host", OTHERS)
def test_another_host_is_refused_before_anything_else(client: Client, host: str) -> None:
    """Also with the cookie, with the token, and with the link, which then still works."""
    link = client.keys.link.partition(str(PORT))[2]
    bearer = ("Authorization", f"Bearer {client.keys.token}")
    for method, address in (("GET", "/api"), ("GET", link), ("POST", "/api/match")):
        refused = request(
            client.app, method, address, [("Host", host), client.cookie, bearer, ("Origin", ORIGIN)]
        )
        assert (refused.status, refused.body) == (403, b"")
    assert client.get(link).status == 303


def test_no_host_or_two_are_refused(client: Client) -> None:
    """What names the server twice may be read in two ways."""
    assert request(client.app, "GET", "/api", [client.cookie]).status == 403
    assert request(client.app, "GET", "/api", [("Host", HOST), ("Host", HOST), client.cookie]).status == 403


def test_localhost_is_this_machine(client: Client) -> None:
    """By its other name."""
    assert request(client.app, "GET", "/api", [("Host", f"localhost:{PORT}"), client.cookie]).status == 200


def test_the_link_works_once(client: Client) -> None:
    """It gives the cookie, and leads to the page; a wrong token takes nothing away."""
    host = [("Host", HOST)]
    assert request(client.app, "GET", "/open?token=wrong", host).status == 403
    assert request(client.app, "GET", "/open", host).status == 403
    link = client.keys.link.partition(str(PORT))[2]
    first = request(client.app, "GET", link, host)
    assert (first.status, first.headers["location"]) == (303, "/")
    name, _, rest = first.headers["set-cookie"].partition("=")
    value, *attributes = rest.split("; ")
    assert name.endswith(f"_{PORT}")
    assert {"HttpOnly", "SameSite=Strict"} <= set(attributes)
    assert request(client.app, "GET", link, host).status == 403
    assert request(client.app, "GET", "/api", [*host, ("Cookie", f"a=b; {name}={value}")]).status == 200


@pytest.mark.parametrize(
    "address", ["/", "/api", "/try", "/visit/abc", "/static/page.css", "/static/htmx.min.js", "/nothing"]
)
def test_without_the_cookie_nothing_is_shown(client: Client, address: str) -> None:
    """Not even a file of the page, nor whether there is one; nor with a wrong cookie."""
    for more in (
        [],
        [("Cookie", f"{client.keys.cookie_name}=wrong")],
        [("Cookie", f"trialproof={client.keys.cookie}")],
    ):
        refused = request(client.app, "GET", address, [("Host", HOST), *more])
        assert (refused.status, refused.body) == (403, b"")


@pytest.mark.parametrize(
    "origins",
    [
        [],
        ["null"],
        ["http://example.org"],
        [f"https://{HOST}"],
        [f"http://127.0.0.1:{PORT + 1}"],
        [ORIGIN, "http://example.org"],
    ],
)
def test_a_form_comes_from_this_server(client: Client, origins: list[str]) -> None:
    """One of no origin, of another, or of two is refused, whatever `Host` says."""
    headers = [("Host", HOST), client.cookie, *(("Origin", each) for each in origins)]
    for address in ("/visit", "/nothing"):
        assert request(client.app, "POST", address, headers).status == 403


def test_another_method_needs_an_origin_as_well(client: Client) -> None:
    """Whatever could change something."""
    assert request(client.app, "DELETE", "/api", [("Host", HOST), client.cookie]).status == 403
    assert (
        request(client.app, "DELETE", "/api", [("Host", HOST), client.cookie, ("Origin", ORIGIN)]).status
        == 405
    )


def test_programs_need_the_token_and_nothing_else(client: Client) -> None:
    """A cookie does not stand in for it, and a foreign origin does no harm."""
    body = b'{"record": {"as_of": "2026-11-20", "facts": {}}, "trials": []}'
    cookie = request(
        client.app, "POST", "/api/match", [("Host", HOST), client.cookie, ("Origin", ORIGIN)], body
    )
    assert cookie.status == 401
    assert cookie.data["errors"]
    for token in ("wrong", "", client.keys.token + "x"):
        assert client.ask("match", body, token or " ").status == 401
    bearer = [
        ("Host", HOST),
        ("Authorization", f"Bearer {client.keys.token}"),
        ("Origin", "http://example.org"),
    ]
    assert request(client.app, "POST", "/api/match", bearer, body).status == 422  # no trial is named
    assert request(client.app, "GET", "/api", bearer).status == 403


def test_every_answer_carries_the_headers(client: Client) -> None:
    """Whether it shows, refuses, leads on or fails."""
    answers = [
        client.get("/api"),
        client.get("/nothing"),
        client.get("/static/page.css"),
        client.get("/static/nothing.css"),
        client.get(client.keys.link.partition(str(PORT))[2]),
        client.post("/api/match"),
        client.ask("match", b"no JSON"),
        request(client.app, "GET", "/", []),
    ]
    assert [each.status for each in answers] == [200, 404, 200, 404, 303, 401, 422, 403]
    for each in answers:
        assert {name: each.headers.get(name.lower()) for name in HEADERS} == HEADERS


def test_a_fault_of_the_page_says_no_more_than_its_kind(
    client: Client, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Neither on the page nor on standard error."""

    def fail(*_: object) -> None:
        raise RuntimeError("Jane Doe")

    monkeypatch.setattr("solver.serve.application.described", fail)
    with pytest.raises(RuntimeError):  # the server, which gets it once more, logs nothing
        client.get("/api")
    told = capsys.readouterr().err
    assert told == "error: the page failed, and this is a fault of the program: RuntimeError\n"


def test_the_file_of_another_project_is_the_one_that_is_named(client: Client) -> None:
    """Its digest stands in NOTICE, and its licence beside it."""
    notice = (ROOT / "NOTICE").read_text(encoding="utf-8")
    assert sha256(client.get("/static/htmx.min.js").body).hexdigest() in notice
    assert b"Zero-Clause BSD" in client.get("/static/htmx-LICENSE.txt").body
