"""The floor: bare Flask on the same server and database, doing the least that each work needs."""

from __future__ import annotations

import sys

import sqlalchemy as sa
from flask import Flask, jsonify, render_template_string, request
from formloom.platform import db
from formloom.platform.config import Config, from_environment
from formloom.platform.jobs.server import Server

LIST = sa.text(
    "SELECT id, f_number, status, f_customer, f_sales_person, f_ordered, f_wanted, f_total"
    " FROM orders__order ORDER BY f_ordered DESC NULLS LAST, id DESC LIMIT 50"
)
SUMS = sa.text("SELECT status, count(*), sum(f_total) FROM orders__order WHERE deleted_at IS NULL GROUP BY status")
TABLE = "<table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table>"


class Thing(db.system.Model):
    """The same size as an order: some text, a number, a moment."""

    __tablename__ = "thing"

    id = sa.Column(sa.Integer, primary_key=True)
    name = sa.Column(sa.String(100), nullable=False)
    status = sa.Column(sa.String(20), nullable=False)
    amount = sa.Column(sa.Integer, nullable=False)


def bare_app(config: Config, slug: str) -> Flask:
    app = Flask("floor", instance_path=str(config.instance))
    url = config.database_url or f"sqlite:///{config.instance / 'floor.sqlite'}"
    app.config["SQLALCHEMY_DATABASE_URI"] = url
    db.system.init_app(app)
    app.extensions["workspaces"] = workspaces = db.Workspaces(config)
    with app.app_context():
        if not config.postgresql:
            db.set_up_sqlite(db.system.engine, write=True)
        Thing.__table__.create(db.system.engine, checkfirst=True)
        db.system.engine.dispose()

    @app.get("/hello")
    def hello():
        return "hello"

    @app.get("/list")
    def some():
        with workspaces[slug].reading() as connection:
            return render_template_string(TABLE, rows=connection.execute(LIST).all())

    @app.get("/sums")
    def sums():
        with workspaces[slug].reading() as connection:
            return jsonify([[str(value) for value in row] for row in connection.execute(SUMS)])

    @app.post("/insert")
    def insert():
        thing = Thing(name=request.form["name"], status="draft", amount=1)
        db.system.session.add(thing)
        db.system.session.commit()
        return jsonify(id=thing.id)

    @app.post("/update/<int:thing_id>")
    def update(thing_id: int):
        thing = db.system.session.get(Thing, thing_id)
        thing.status = "submitted"
        db.system.session.commit()
        return jsonify(id=thing.id)

    return app


if __name__ == "__main__":
    settings = from_environment()
    Server(bare_app(settings, sys.argv[1]), settings.host, settings.port, lambda _address: None).run()
