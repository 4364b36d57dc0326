"""Random rules that are well typed: `RuleMaker(seed).rule(kind)`."""

from __future__ import annotations

import random

from rule_world import LINE, RECORD, TIERS, as_json, met

ROLES = ("sales", "finance", "张三")
LINKS = {
    "record": {
        "text": ("customer.name",),
        "choice": ("customer.tier",),
        "number": ("customer.credit",),
        "date": ("customer.since", "today"),
        "flag": ("customer.blocked",),
        "person": ("customer.seller", "user.id"),
        "moment": ("now",),
        "link": (),
    },
    "line": {"text": ("product.title",), "number": ("product.on_hand",)},
}
COMPARED = ("number", "text", "date", "moment")


class RuleMaker:
    """depth: how many operators may stand inside each other. in_sql: leaves out what no filter can say."""

    def __init__(self, seed: int, *, in_sql: bool = False):
        self.random = random.Random(seed)
        self.in_sql = in_sql
        self.place = "record"

    def rule(self, kind: str, depth: int = 4):
        """A rule whose answer is of a kind: number, text, flag, date, moment, or "list" for a list."""
        if depth <= 0 or self.random.random() < 0.15:
            return self.leaf(kind)
        made = self.random.choice(getattr(self, f"{kind}s")())
        return made(depth - 1)

    def leaf(self, kind: str):
        if kind == "list":
            return self.mapped("number", 0)
        if kind not in ("person", "link") and self.random.random() < 0.3:
            return self.literal(kind)
        return self.var(kind)

    def literal(self, kind: str):
        if self.random.random() < 0.08:
            return None
        if kind == "moment":
            return "2026-11-24T09:12:00Z"
        if kind == "number":
            return self.random.choice([n for n in map(float, met("number")) if abs(n) < 1e6])
        return as_json(self.random.choice(met(kind)))

    def var(self, kind: str):
        types = RECORD if self.place == "record" else LINE
        names = [key for key, type in types.items() if type.kind == kind]
        names += LINKS[self.place].get(kind, ())
        if not names:
            return self.literal(kind)
        name = self.random.choice(names)
        if kind in ("number", "text", "date") and self.random.random() < 0.1:
            return {"var": [name, self.literal(kind)]}
        return {"var": name}

    # ---- what gives each kind ----

    def numbers(self):
        anywhere = [self.arithmetic] * 4 + [self.negative, self.rounded, self.days_between, self.beside]
        choosing = [lambda depth: self.chosen("number", depth)]
        return anywhere + choosing + ([self.total] * 3 + ([] if self.in_sql else [self.reduced]) if self.outer else [])

    def texts(self):
        return [self.joined, self.cut, lambda depth: self.chosen("text", depth)]

    def flags(self):
        anywhere = [self.compared] * 3 + [self.equal] * 3 + [self.logic] * 3
        anywhere += [self.negated, self.between, self.in_list, self.in_text, self.affix, self.is_empty]
        anywhere += [lambda depth: self.chosen("flag", depth)]
        return anywhere + ([self.quantified] * 2 + [self.in_rows, self.in_roles] if self.outer else [])

    def dates(self):
        return [
            self.shifted,
            self.shifted,
            lambda depth: self.chosen("date", depth),
            lambda depth: self.beside(depth, "date"),
        ]

    def moments(self):
        return [lambda depth: self.chosen("moment", depth), lambda depth: self.beside(depth, "moment")]

    def lists(self):
        kinds = ("number", "text", "flag", "date")
        return [lambda depth: self.mapped(self.random.choice(kinds), depth), self.merged, self.missing]

    @property
    def outer(self) -> bool:
        return self.place == "record"

    # ---- operators ----

    def several(self, kind: str, depth: int, least: int = 2, most: int = 3) -> list:
        return [self.rule(kind, depth) for _ in range(self.random.randint(least, most))]

    def arithmetic(self, depth):
        name = self.random.choice("++--**//%")
        return {name: self.several("number", depth, 2, 3 if name in "+*" else 2)}

    def negative(self, depth):
        return {"-": [self.rule("number", depth)]}

    def rounded(self, depth):
        return {"round": [self.rule("number", depth), self.random.randint(0, 6)]}

    def days_between(self, depth):
        return {"days_between": self.several("date", depth, 2, 2)}

    def beside(self, depth, kind="number"):
        """min and max of values: one of them tells what kind they are."""
        return {self.random.choice(("min", "max")): [self.var(kind), *self.several(kind, depth, 0, 2)]}

    def chosen(self, kind, depth):
        count = self.random.randint(1, 2)
        parts = [part for _ in range(count) for part in (self.rule("flag", depth), self.rule(kind, depth))]
        return {"if": [*parts, *([self.rule(kind, depth)] if self.random.random() < 0.8 else [])]}

    def total(self, depth):
        name = self.random.choice(("sum", "sum", "count", "min", "max"))
        if name == "count" and self.random.random() < 0.5:
            return {"count": [self.rows(depth)]}
        return {name: [self.mapped("number", depth)]}

    def reduced(self, depth):
        step = {"+": [{"var": "accumulator"}, {"var": "current.qty"}]}
        return {"reduce": [self.rows(depth), step, self.literal("number") or 0]}

    def joined(self, depth):
        kinds = ("text", "number", "date", "text")
        return {"cat": [self.rule(self.random.choice(kinds), depth) for _ in range(self.random.randint(1, 3))]}

    def cut(self, depth):
        bounds = [self.random.randint(-3, 3)] + ([self.random.randint(-2, 3)] if self.random.random() < 0.7 else [])
        return {"substr": [self.rule("text", depth), *bounds]}

    def shifted(self, depth):
        return {"add_days": [self.rule("date", depth), self.rule("number", depth)]}

    def compared(self, depth):
        kind = self.random.choice(COMPARED)
        return {self.random.choice(("<", "<=", ">", ">=")): self.several(kind, depth, 2, 2)}

    def between(self, depth):
        return {self.random.choice(("<", "<=", ">", ">=")): self.several(self.random.choice(COMPARED), depth, 3, 3)}

    def equal(self, depth):
        kind = self.random.choice((*COMPARED, "flag", "choice", "person", "link"))
        pair = [self.var(kind), self.var(kind)] if kind in ("person", "link") else self.several(kind, depth, 2, 2)
        if kind == "choice":
            pair = [self.var(kind), self.random.choice((self.var(kind), self.random.choice(TIERS)))]
        if kind == "person" and self.random.random() < 0.5:
            pair[1] = self.random.randint(1, 3)
        return {self.random.choice(("===", "!==")): pair}

    def choices(self):
        return [lambda depth: self.var("choice")]

    def logic(self, depth):
        return {self.random.choice(("and", "or")): self.several("flag", depth, 1, 3)}

    def negated(self, depth):
        return {self.random.choice(("!", "!!")): [self.rule("flag", depth)]}

    def in_list(self, depth):
        kind = self.random.choice((*COMPARED, "choice"))
        if kind == "choice":
            return {"in": [self.var("choice"), list(self.random.sample(TIERS, 2))]}
        return {"in": [self.rule(kind, depth), [self.var(kind), *self.several(kind, min(depth, 1), 0, 2)]]}

    def in_text(self, depth):
        return {"in": self.several("text", depth, 2, 2)}

    def affix(self, depth):
        return {self.random.choice(("starts_with", "ends_with")): self.several("text", depth, 2, 2)}

    def is_empty(self, depth):
        return {"empty": [self.rule(self.random.choice(("number", "text", "date", "flag", "choice")), depth)]}

    def in_roles(self, depth):
        return {"in": [self.random.choice((*ROLES, self.var("text"))), {"var": "user.roles"}]}

    # ---- line items ----

    def rows(self, depth):
        if depth <= 0 or self.random.random() < 0.6:
            return {"var": "lines"}
        return {"filter": [self.rows(depth - 1), self.inside("flag", depth - 1)]}

    def inside(self, kind, depth):
        kept, self.place = self.place, "line"
        made = self.rule(kind, depth)
        self.place = kept
        return made

    def mapped(self, kind, depth):
        return {"map": [self.rows(depth), self.inside(kind, depth)]}

    def quantified(self, depth):
        return {self.random.choice(("all", "some", "none")): [self.rows(depth), self.inside("flag", depth)]}

    def in_rows(self, depth):
        kind = self.random.choice(("number", "text", "date"))
        return {"in": [self.var(kind), {"map": [self.rows(depth), self.inside_var(kind)]}]}

    def inside_var(self, kind):
        kept, self.place = self.place, "line"
        made = self.var(kind)
        self.place = kept
        return made

    def merged(self, depth):
        return {"merge": [self.mapped("number", depth), [self.rule("number", depth)], self.rule("number", depth)]}

    def missing(self, depth):
        names = self.random.sample(("name", "amount", "due", "customer", "customer.credit", "ok"), 3)
        return self.random.choice(({"missing": names}, {"missing_some": [self.random.randint(1, 3), names]}))
