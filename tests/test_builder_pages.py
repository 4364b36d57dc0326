"""The design pages: who may open them, and what every one has."""

from __future__ import annotations

import pytest
from formloom.platform.gallery import start_app, template


@pytest.fixture
def shop(house):
    start_app(house.workspace, template("orders"), house.ada.id)
    return house


def test_only_administrators_design(shop):
    for path in ("/build/", "/build/orders/", "/build/orders/forms/order/"):
        assert shop.browser(shop.ben).get(path).status_code == 404, path
        assert shop.browser().get(path).status_code == 303, path


def test_the_home_of_the_builder_leads_to_a_form(shop):
    ada = shop.browser(shop.ada)
    assert "/build/orders/" in ada.get("/build/").get_data(as_text=True)
    answer = ada.get("/build/orders/", follow_redirects=True)
    assert answer.status_code == 200 and "Version 1" in answer.get_data(as_text=True)
