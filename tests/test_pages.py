"""The pages of a running app over plain HTTP, as a browser without script uses them."""

from __future__ import annotations

import re

import pytest
from page import visit
from warehouse import customer, stocked

LIST = "/apps/orders/order/"
NEW = f"{LIST}new"


@pytest.fixture
def draft(orders):
    """A draft order of one line: three Chai for Ernst Handel."""
    buyer = customer(orders, "Ernst Handel")
    chai = stocked(orders, 10, "Chai")
    return orders.sales.creates("order", customer=buyer.id, lines=[{"product": chai.id, "quantity": 3}])


@pytest.fixture
def sales(client, orders):
    client.sign_in(orders.sales)
    return client


def address(order) -> str:
    return f"{LIST}{order.id}"


# lists


def test_a_list_shows_what_its_view_names_and_no_more(sales, draft):
    page = visit(sales, LIST)
    assert all(words in page.text for words in ("Open orders", "Ernst Handel", "Draft", "Promised for", "30.00"))
    assert "Margin" not in page.text


def test_what_somebody_typed_is_text_wherever_it_stands(sales, orders):
    buyer = orders.sales.creates("customer", name="<b onclick=x>&\"'")
    order = orders.sales.creates("order", customer=buyer.id, note="</textarea><script>")
    for path in (LIST, address(order), f"/apps/orders/customer/{buyer.id}", "/", "/search?q=onclick"):
        page = visit(sales, path)
        assert page.status == 200
        assert "<b onclick" not in page.html and "<script>" not in page.html


def test_a_filter_is_a_sentence_that_can_be_taken_away(sales, draft, orders):
    orders.sales.creates("order", customer=customer(orders, "Piccolo").id)
    page = visit(sales, f"{LIST}?f=total~gt~20")
    assert "Total is more than 20.00" in page.text
    assert "Ernst Handel" in page.text and "Piccolo" not in page.text
    assert f'href="{LIST}" ' in page.html.split("Remove the filter")[0][-400:]


@pytest.mark.parametrize("query", ["f=total~gt~much", "f=total~sounds~like", "f=nothing~is~1", "f=margin~gt~1", "sort=cost", "after=x"])
def test_what_a_list_cannot_be_asked_is_named(sales, draft, query):
    assert visit(sales, f"{LIST}?{query}").status == 422


def test_a_filter_is_made_in_steps_that_are_addresses(sales, draft):
    asked = visit(sales, f"{LIST}?add=total")
    assert 'name="is-0-0"' in asked.html and 'name="value-0-0"' in asked.html
    wrong = visit(sales, f"{LIST}?act=apply&field-0-0=total&is-0-0=gt&value-0-0=much")
    assert "not a number" in wrong.text and 'value="much"' in wrong.html
    done = visit(sales, f"{LIST}?act=apply&field-0-0=total&is-0-0=gt&value-0-0=1,000")
    assert (done.status, done.location) == (303, f"{LIST}?f=total~gt~1%2C000")


@pytest.mark.parametrize(("query", "found"), [("q=handel", True), ("q=HANDEL", True), ("q=0001", True), ("q=%25", False)])
def test_search_looks_at_numbers_and_linked_names(sales, draft, query, found):
    assert ("Ernst Handel" in visit(sales, f"{LIST}?{query}").text) is found


def test_pages_follow_each_other_without_gap(sales, orders):
    buyer = customer(orders)
    made = {orders.sales.creates("order", customer=buyer.id).id for _ in range(55)}
    seen, address = [], f"{LIST}?view=all&sort=number"
    while address:
        page = visit(sales, address)
        seen += [int(number) for number in re.findall(rf'class="key" href="{LIST}(\d+)"', page.html)]
        found = re.search(r'id="next"[^>]*href="([^"]+)"', page.html)
        address = found[1].replace("&amp;", "&") if found else ""
    assert seen == sorted(made)


def test_views_of_other_roles_are_not_offered(client, orders, draft):
    client.sign_in(orders.warehouse)
    assert "To prepare" in visit(client, LIST).text
    assert visit(client, f"{LIST}?view=to_review").status == 404


# a record


def test_a_field_shows_as_its_mode_says(client, orders, draft):
    client.sign_in(orders.sales)
    page = visit(client, address(draft))
    fields = page.form().fields
    assert {"customer", "note", "lines-0-quantity"} <= fields.keys()
    assert not {"number", "total", "lines-0-amount", "lines-0-cost"} & fields.keys()
    assert "Margin" not in page.text and "Cost" not in page.text
    client.sign_in(orders.manager)
    assert "Margin" in visit(client, address(draft)).text


def test_a_record_is_made_and_changed_by_plain_forms(sales, orders):
    buyer, chai = customer(orders), stocked(orders, 10)
    page = visit(sales, NEW)
    page = page.send(customer=str(buyer.id), **{"lines-0-id": "", "lines-0-product": str(chai.id), "lines-0-quantity": "2"})
    assert page.status == 303
    page = page.follow()
    assert "Alfreds Futterkiste" in page.text and "20.00" in page.text
    page = page.send(note="Ring first", **{"lines-0-quantity": "1,000"}).follow()
    assert page.form().fields["note"] == "Ring first"
    assert "10,000.00" in page.text and "Quantity 2 → 1,000" in page.text


def test_a_forged_status_or_revision_changes_nothing(sales, orders, draft):
    for name in ("status", "rev", "id", "flow_id", "created_by"):
        refused = visit(sales, NEW).send(customer=str(draft.id), **{name: "1"})
        assert refused.status == 422 and f"“{name}”" in refused.text, name
    seen = orders.sales.sees(draft)
    assert visit(sales, address(draft)).send(note="x", status="closed", rev="999").status == 303
    now = orders.sales.sees(draft)
    assert (now.status, now.rev, now.values["note"]) == ("draft", seen.rev + 1, "x")
    late = visit(sales, address(draft)).send(then="submit", status="submitted")
    assert late.status == 409 and orders.sales.sees(draft).status == "draft"


def test_an_error_stands_beside_its_field_and_keeps_what_was_typed(sales, orders, draft):
    page = visit(sales, address(draft)).send(note="kept", wanted="2001-01-01", **{"lines-0-quantity": "many"})
    assert page.status == 422
    assert 'href="#f-lines-0-quantity"' in page.html
    assert (page.form().fields["note"], page.form().fields["lines-0-quantity"]) == ("kept", "many")
    page = page.send(**{"lines-0-quantity": "4"})
    assert page.status == 422 and "before the order date" in page.text
    assert page.send(wanted="").status == 303


def test_what_was_chosen_is_still_called_by_its_name(sales, orders):
    buyer, chai = customer(orders), stocked(orders, 10)
    lines = {"lines-0-id": "", "lines-0-product": str(chai.id), "lines-0-quantity": "x"}
    page = visit(sales, NEW).send(customer=str(buyer.id), **lines)
    assert page.status == 422
    assert re.search(r'selected>Alfreds Futterkiste<', page.html) and re.search(r"selected>Chai<", page.html)


def test_choices_and_lines_come_without_script(sales, orders):
    buyer = customer(orders, "QUICK-Stop")
    page = visit(sales, NEW).send(find="customer", **{"find-customer": "quick"})
    assert (page.status, f'<option value="{buyer.id}">QUICK-Stop' in page.html) == (200, True)
    page = page.send(customer=str(buyer.id), more="lines")
    assert "lines-2-product" in page.form().fields
    assert page.form().fields["customer"] == str(buyer.id)


def test_the_same_page_sent_twice_makes_one_record(sales, orders):
    page = visit(sales, NEW)
    buyer = str(customer(orders).id)
    first, second = page.send(customer=buyer), page.send(customer=buyer)
    assert first.location == second.location
    assert page.send(customer=buyer, note="another").status == 409


def test_two_edits_of_one_field_ask_which_shall_stand(sales, draft):
    mine, other = visit(sales, address(draft)), visit(sales, address(draft))
    other.send(note="theirs", ship_city="Graz")
    asked = mine.send(note="mine", ship_street="Hauptplatz 1", **{"lines-0-quantity": "5"})
    assert asked.status == 409
    assert "Somebody else changed this" in asked.text and asked.form().fields["choice-note"] == "mine"
    done = asked.send(**{"choice-note": "theirs"}).follow().form().fields
    assert (done["note"], done["ship_city"], done["ship_street"]) == ("theirs", "Graz", "Hauptplatz 1")
    assert done["lines-0-quantity"] == "5"


def test_a_clash_in_a_line_can_go_either_way(sales, draft):
    for choice, stands in (("mine", "7"), ("theirs", "8")):
        mine, other = visit(sales, address(draft)), visit(sales, address(draft))
        other.send(**{"lines-0-quantity": "8" if choice == "theirs" else "6"})
        asked = mine.send(**{"lines-0-quantity": "7" if choice == "mine" else "9"})
        done = asked.send(**{"choice-lines-0-quantity": choice}).follow()
        assert done.form().fields["lines-0-quantity"] == stands


def test_deleting_shows_its_effect_first_and_can_be_undone(sales, orders, draft):
    question = visit(sales, f"{address(draft)}/deletion")
    assert "disappears from every list" in question.text
    answer = sales.post(f"{address(draft)}/deletion")
    assert answer.location == f"{LIST}?deleted={draft.id}"
    undo = visit(sales, answer.location)
    assert "It is deleted." in undo.text and visit(sales, address(draft)).status == 404
    assert f'action="{address(draft)}/restoration"' in undo.html
    assert sales.post(f"{address(draft)}/restoration").location == address(draft)
    assert visit(sales, address(draft)).status == 200


# transitions


def test_saving_and_going_on_are_one_click(sales, draft):
    page = visit(sales, address(draft)).send(then="submit", **{"lines-0-quantity": "4"}).follow()
    assert "Submitted" in page.text and "Submit , Draft → Submitted" in page.text.replace("</b>", "")


def test_a_refusal_says_why_and_who_can_help(sales, orders, draft):
    empty = orders.sales.creates("order", customer=orders.sales.sees(draft).values["customer"], lines=[])
    page = visit(sales, address(empty)).send(then="submit", note="Call first")
    assert page.status == 422
    assert "An order needs at least one line." in page.text and "Sales can help." in page.text
    assert page.form().fields["note"] == "Call first"


def test_why_not_the_rest_stands_beside_what_can_happen(sales, orders, draft):
    orders.sales.submits(draft)
    page = visit(sales, address(draft))
    assert "Approve" in page.text and "Whoever entered an order cannot approve it." in page.text
    assert "Put on hold Only Sales manager or Finance can do this." in page.text


def test_a_transition_asks_before_it_is_taken(client, orders, draft):
    orders.sales.submits(draft)
    client.sign_in(orders.manager)
    page = visit(client, address(draft)).send(then="send_back").follow()
    assert "Return to sales" in page.text
    empty = page.send("question")
    assert empty.status == 422 and "This is needed." in empty.text
    page = empty.send("question", reason="Wrong price").follow()
    assert "Returned to sales" in page.text and "Wrong price" in page.text


def test_who_decided_on_an_older_state_is_told(client, orders, draft):
    orders.sales.submits(draft)
    client.sign_in(orders.manager)
    page = visit(client, f"{address(draft)}/transitions/approve")
    orders.manager.sends_back(draft, reason="No")
    late = page.send("question")
    assert late.status in (404, 409)
    late = visit(client, address(draft))
    assert "Returned to sales" in late.text


# beside the records


def test_the_inbox_holds_what_is_in_my_charge(client, orders, draft):
    client.sign_in(orders.manager)
    assert "Nothing waits for you" in visit(client, "/inbox").text
    orders.sales.submits(draft)
    assert "SO-" in visit(client, "/inbox").text
    assert client.get("/inbox/counts").json["inbox"] == 1
    client.sign_in(orders.sales)
    assert "SO-" in visit(client, "/inbox/started").text


def test_a_card_of_the_inbox_acts_at_once(client, orders, draft):
    orders.sales.submits(draft)
    client.sign_in(orders.manager)
    page = visit(client, "/inbox")
    assert f'action="{address(draft)}/transitions/approve"' in page.html
    sent = {"base": "{}", "status": "submitted", "rev": str(orders.manager.sees(draft).rev), "next": "/inbox"}
    answer = client.post(f"{address(draft)}/transitions/approve", sent)
    assert (answer.status_code, answer.location) == (303, "/inbox")
    assert orders.manager.sees(draft).status == "reviewed"


def test_a_picker_is_offered_names_and_what_rules_read(sales, orders):
    buyer = orders.sales.creates("customer", name="Ernst Handel", city="Graz")
    found = sales.get("/apps/orders/order/choices/customer?q=ernst").json
    assert [(choice["id"], choice["title"]) for choice in found] == [(buyer.id, "Ernst Handel")]
    assert found[0]["fields"]["city"] == "Graz"
    assert sales.get("/apps/orders/order/choices/note").status_code == 422


def test_a_preview_works_out_and_writes_nothing(sales, orders, draft):
    form = visit(sales, address(draft)).form().fields | {"lines-0-quantity": "7", "custom": "true"}
    told = sales.post(f"{LIST}preview?record={draft.id}", form).json
    assert told["texts"]["total"] == "70.00" and told["texts"]["lines-0-amount"] == "70.00"
    assert "custom_note" in told["problems"] and "custom_note" not in told["hidden"]
    assert orders.sales.sees(draft).values["lines"][0]["quantity"] == 3


def test_searching_everything_finds_what_one_may_see(client, orders, draft):
    client.sign_in(orders.sales)
    page = visit(client, "/search?q=handel")
    assert "Customers" in page.text and "Orders" in page.text
    assert "Nothing found" in visit(client, "/search?q=nobody").text
