"""Records in JSON, on the addresses of their pages: the same gate, commands, rights and refusals."""

from __future__ import annotations

import json

import pytest
from order_world import a_customer, a_product, an_order, stock

JSON = {"Accept": "application/json"}
ORDERS = "/apps/orders/order/"


class JsonClient:
    """A person's client that speaks JSON alone: (status, data)."""

    def __init__(self, client, persona):
        self.client = client.sign_in(persona)

    def get(self, path, **arguments):
        return self._told(self.client.get(path, headers=JSON, **arguments))

    def post(self, path, data=None, **arguments):
        headers = {**JSON, **arguments.pop("headers", {})}
        return self._told(self.client.post(path, json.dumps(data), content_type="application/json", headers=headers, **arguments))

    def _told(self, answer):
        assert answer.mimetype == "application/json" and "Accept" in answer.headers.getlist("Vary")
        return answer.status_code, answer.get_json()


@pytest.fixture
def sales(orders, client):
    return JsonClient(client, orders.sales)


@pytest.fixture
def order(orders):
    return an_order(orders, a_customer(orders), (a_product(orders), 2))


def test_a_list_is_that_of_the_page_with_its_titles_and_its_next_page(orders, sales, order):
    for _more in range(51):
        orders.sales.creates("customer", name="Another")
    status, page = sales.get("/apps/orders/customer/?sort=name&columns=name+city")
    assert status == 200 and len(page["rows"]) == 50 and page["count"] == {"number": 52, "exact": True}
    assert page["previous"] is None and "after=" in page["next"]
    status, rest = sales.get(page["next"])
    assert [row["values"]["name"] for row in rest["rows"]] == ["Another", "Kestrel Books"]
    assert sales.get(rest["previous"])[1]["rows"] == page["rows"]
    status, page = sales.get(f"{ORDERS}?columns=number+customer+total")
    (row,) = page["rows"]
    assert (row["id"], row["status"], row["rev"]) == (order.id, "draft", 1)
    assert row["values"]["total"] == "140.42" and page["titles"]["customer"] == {str(row["values"]["customer"]): "Kestrel Books"}


def test_filters_search_and_refusals_are_those_of_the_page(sales, order):
    assert len(sales.get(f"{ORDERS}?f=total~gt~100")[1]["rows"]) == 1
    assert sales.get(f"{ORDERS}?f=total~gt~200&q=x")[1]["rows"] == []
    for path in (f"{ORDERS}?f=nonsense", f"{ORDERS}?sort=cost", f"{ORDERS}?after=damaged"):
        status, refusal = sales.get(path)
        assert status == 422 and refusal["error"]["code"] == "invalid" and refusal["error"]["problems"]
    assert sales.get(f"{ORDERS}?view=nowhere")[0] == 404


def test_a_record_holds_what_this_person_sees_and_no_more(orders, sales, order):
    status, found = sales.get(f"{ORDERS}{order.id}")
    assert status == 200 and (found["id"], found["rev"], found["status"]) == (order.id, 1, "draft")
    seen = orders.sales.sees(order)
    assert found["values"].keys() == seen.values.keys()
    assert found["values"]["total"] == "140.42" and found["values"]["lines"][0]["quantity"] == "2"
    shown = {path for path, mode in seen.modes.items() if mode != "hidden"}
    assert set(found["modes"]) == shown and "lines.cost" not in shown and "cost" not in found["values"]["lines"][0]
    for number in (order.id + 99, 2**31, 10**30):
        assert sales.get(f"{ORDERS}{number}")[0] == 404


def test_an_order_made_changed_and_submitted(orders, sales, order):
    product = a_product(orders, stock=10, name="Oak shelf")
    buyer = sales.get(f"{ORDERS}{order.id}")[1]["values"]["customer"]
    values = {"customer": buyer, "lines": [{"product": product.id, "quantity": 3, "price": 9.5}]}
    status, made = sales.post(f"{ORDERS}new", {"values": values, "key": "one"})
    assert (status, made["status"], made["rev"]) == (201, "draft", 1)
    assert sales.post(f"{ORDERS}new", {"values": values, "key": "one"}) == (201, made)
    assert sales.post(f"{ORDERS}new", {"values": {"customer": buyer}, "key": "one"})[1]["error"]["code"] == "key_reused"
    path = f"{ORDERS}{made['id']}"
    assert sales.post(path, {"changes": {"note": "soon"}, "base": {"note": None}})[1]["rev"] == 2
    status, refusal = sales.post(path, {"changes": {"note": "later"}, "base": {"note": None}})
    assert status == 409 and refusal["error"]["clashes"] == ["note"]
    status, refusal = sales.post(f"{path}/transitions/submit", {"rev": 1, "status": "draft"})
    assert status == 409 and refusal["error"]["changed"] == {"rev": 2, "status": "draft"}
    status, done = sales.post(f"{path}/transitions/submit", {"rev": 2, "status": "draft"})
    assert (status, done["status"]) == (200, "submitted") and stock(orders, product) == (10, 3, 7)
    status, refusal = sales.post(f"{path}/transitions/approve", {})
    assert status == 422 and refusal["error"]["code"] == "refused" and refusal["error"]["lifters"]


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"[]", b"null", b"7", b'"x"', b"\xff\xfe", b'{"values": NaN}', b"[" * 100_000, b'{"values":' * 50_000,
        b'{"values": {"note": ' + b"[" * 20 + b"]" * 20 + b"}}", b"9" * 5000,
        b'{"values": []}', b'{"values": {}, "id": 7}', b'{"values": {}, "key": 7}', b'{"values": {}, "key": ""}', b"{}",
        json.dumps({"values": {}, "key": "k" * 101}).encode(),
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_refused_and_changes_nothing(sales, body):
    answer = sales.client.post(f"{ORDERS}new", body, content_type="application/json")
    assert answer.status_code == 422 and answer.get_json()["error"]["problems"][0]["message"]
    assert sales.get(ORDERS)[1]["rows"] == []


def test_what_cannot_be_written_is_named(sales, order):
    path = f"{ORDERS}{order.id}"
    for values, where in (
        ({"status": "submitted"}, "status"), ({"total": "1"}, "total"), ({"colour": "red"}, "colour"),
        ({"lines": [{"cost": "1"}]}, "lines.0.cost"), ({"lines": 7}, "lines"), ({"customer": "x"}, "customer"),
        ({"freight": 1e999}, None), ({"note": {"a": 1}}, "note"), ({"note": "x" * 10**6}, "note"),
    ):  # fmt: skip
        sent = {"changes": values, "base": dict.fromkeys(values)}
        status, refusal = sales.post(path, sent)
        assert status == 422, values
        assert where in (None, refusal["error"]["problems"][0]["path"].removesuffix(".0"))
    for step in ({"rev": True}, {"rev": "1"}, {"rev": -1}, {"rev": 2**40}, {"status": 7}, {"input": 7}, {"by": 1}):
        assert sales.post(f"{path}/transitions/submit", step)[0] == 422, step


def test_strangers_get_nothing(app, client, orders, sales, order):
    visitor = app.test_client()
    assert visitor.get(ORDERS, headers=JSON).status_code == 401
    forged = visitor.post(f"{ORDERS}new", data="{}", content_type="application/json")
    assert forged.status_code == 400 and forged.get_json()["error"]["code"] == "page_expired"
    for path in (f"{ORDERS}{order.id}", f"{ORDERS}{order.id}/transitions/submit"):
        assert sales.post(path, {}, headers={"X-CSRFToken": "made up"})[1]["error"]["code"] == "page_expired"
    warehouse = JsonClient(client, orders.warehouse)
    assert warehouse.post(f"{ORDERS}new", {"values": {}})[1]["error"]["code"] in ("refused", "not_found")
    assert warehouse.post("/apps/nowhere/order/new", {"values": {}})[0] == 404
    assert warehouse.get("/apps/orders/nowhere/")[0] == 404


def test_pages_stay_pages_for_browsers(sales, order):
    for accept in ("text/html,application/xhtml+xml,*/*;q=0.8", "*/*", ""):
        for path in (ORDERS, f"{ORDERS}{order.id}"):
            assert sales.client.get(path, headers={"Accept": accept}).mimetype == "text/html"


def test_a_record_is_deleted_and_comes_back(sales, order):
    path = f"{ORDERS}{order.id}"
    gone = sales.post(f"{path}/deletion", {"key": "away"})
    assert gone[0] == 200 and (gone[1]["form"], gone[1]["id"]) == ("order", order.id)
    assert sales.post(f"{path}/deletion", {"key": "away"}) == gone
    assert sales.get(path)[0] == 404
    assert sales.post(f"{path}/restoration", {})[0] == 200
    assert sales.get(path)[1]["values"]["number"]
    assert sales.post(f"{path}/deletion", {"reason": "?"})[0] == 422
