import pytest, time
from formloom.platform.definition.schema import load
from formloom.platform.gallery import template
from formloom.platform.workflow import samples
from formloom.platform.records.query import Gate, Query
from formloom.platform.access.actor import SYSTEM
from formloom.platform.workflow.soundness import check
from formloom.platform.jobs.worker import drain
from collections import Counter
from warehouse import unbalanced
@pytest.mark.databases("sqlite")
def test_samples(orders, monkeypatch):
    definition = load(template("orders"))
    with orders.workspace.writing() as connection:
        people = samples.add_people(connection, definition)
    take=samples.Step.take; bad=[]
    def t(self, record, act):
        try: take(self, record, act)
        except KeyError as e: bad.append(("key",record["key"],act and act["do"],str(e)))
        except Exception as e: bad.append((record["key"],act or record["at"],repr(e)[:200],str(e)[:300]))
    monkeypatch.setattr(samples.Step,"take",t)
    t0=time.time(); made = samples.play(orders.workspace, "orders", people, samples=definition.samples); print("took",time.time()-t0, made)
    t0=time.time(); 
    for b in bad: print(b)
    with orders.workspace.reading() as connection:
        gate = Gate(connection, orders.admin._compiled, SYSTEM)
        for f in definition.forms: print(f.key, Counter(r.status for r in gate.page(Query(f.key, limit=400)).rows))
    t0=time.time(); drain(orders.workspace); print("drain",time.time()-t0)
    with orders.workspace.reading() as connection:
        gate = Gate(connection, orders.admin._compiled, SYSTEM)
        for f in definition.forms: print(f.key, Counter(r.status for r in gate.page(Query(f.key, limit=400)).rows))
    print(check(orders.workspace)); print(unbalanced(orders))
    assert 0
