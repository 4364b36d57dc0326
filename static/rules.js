/* Rules in the browser: JsonLogic with the answers that the server gives.

   evaluate(rule, data, types) takes data in JSON form (numbers as "12.5", moments as "2026-11-24T09:12:00Z",
   empty as null) and the shape that rules/browser.py gives: key -> kind, or {link | record | rows: {...}},
   or {list: kind}. The answer comes in JSON form too. What the server refuses never gets here.

   The engine is json-logic-js with its operators replaced: exact numbers (big.js, six places, half up),
   text by code point, empty in - empty out. The same operators in Python stand in platform/operators/. */

import jsonLogic from "./vendor/json-logic-2.0.5.js";
import Big from "./vendor/big-7.0.1.js";

const PLACES = 6;
const RANGE = 9223372036854;
const MOST_STEPS = 2000000;
const DAY = 86400000;

const Exact = Big();
Exact.DP = PLACES;
Exact.RM = Exact.roundHalfUp;

class Link {
  constructor(fields) {
    Object.assign(this, fields);
  }
}

class Moment {
  /* Kept with six decimals of a second, so that moments sort as texts do. */
  constructor(iso) {
    const [whole, part = ""] = iso.replace("Z", "").split(".");
    this.text = `${whole}.${part.padEnd(PLACES, "0")}Z`;
    this.iso = iso;
  }
}

/* ---- numbers ---- */

const there = (value) => value !== null && value !== undefined;
const isNumber = (value) => value instanceof Exact || typeof value === "number";
const number = (value) => (value instanceof Exact ? value : new Exact(value));
const bounded = (value) => (value.abs().lte(RANGE) ? value : null);
const digits = (value) => (number(value).eq(0) ? "0" : number(value).toFixed());

function revivedNumber(value) {
  try {
    return bounded(new Exact(value).round(PLACES, Exact.RM));
  } catch {
    return null; // not yet a number: somebody is typing
  }
}

function stepwise(step) {
  return (...values) => values.reduce((left, right) => (there(left) && there(right) ? step(number(left), number(right)) : null));
}

const plus = stepwise((a, b) => bounded(a.plus(b)));
const minus = stepwise((a, b) => bounded(a.minus(b)));
const times = stepwise((a, b) => bounded(a.times(b).round(PLACES, Exact.RM)));
const over = stepwise((a, b) => (b.eq(0) ? null : bounded(a.div(b))));
const rest = stepwise((a, b) => (b.eq(0) ? null : a.mod(b)));

/* ---- comparing ---- */

function same(left, right) {
  if (!there(left) || !there(right)) return !there(left) && !there(right);
  if (isNumber(left) && isNumber(right)) return number(left).eq(number(right));
  return comparable(left, right) === comparable(right, left);
}

/* A moment as text, also where its neighbour is one that stands in the rule. */
function comparable(value, neighbour) {
  if (value instanceof Moment) return value.text;
  return neighbour instanceof Moment ? new Moment(value).text : value;
}

function compared(left, right) {
  if (isNumber(left)) return number(left).cmp(number(right));
  return byCodePoint(comparable(left, right), comparable(right, left));
}

function byCodePoint(left, right) {
  const shorter = Math.min(left.length, right.length);
  for (let i = 0; i < shorter; i += 1) {
    const a = left.charCodeAt(i), b = right.charCodeAt(i);
    if (a !== b) return codePointRank(a) - codePointRank(b);
  }
  return left.length - right.length;
}

/* Halves of characters beyond U+FFFF sort after all others. */
const codePointRank = (unit) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

function ordered(test) {
  return (...values) =>
    values.every(there) && values.slice(1).every((value, i) => test(compared(values[i], value)));
}

function best(better) {
  return (...values) => {
    const among = values.length === 1 && Array.isArray(values[0]) ? values[0] : values;
    return among.filter(there).reduce((kept, value) => (kept === null || better(compared(value, kept)) ? value : kept), null);
  };
}

/* ---- reading data ---- */

function variable(path, instead) {
  let value = this;
  const keys = there(path) && path !== "" ? String(path instanceof Exact ? digits(path) : path).split(".") : [];
  for (const key of keys) {
    value = there(value) && Object.hasOwn(value, key) ? value[key] : null;
  }
  if (value instanceof Link) value = value.id;
  return there(value) ? value : (instead ?? null);
}

/* ---- text, lists, dates ---- */

const asText = (value) => (!there(value) ? "" : isNumber(value) ? digits(value) : value);
const isEmpty = (value) => !there(value) || value === "" || (Array.isArray(value) && value.length === 0);
const items = (list) => (Array.isArray(list) ? list.filter(there) : []);

function within(needle, holder) {
  if (!there(needle) || !there(holder)) return false;
  return Array.isArray(holder) ? holder.some((item) => there(item) && same(item, needle)) : holder.includes(needle);
}

function substr(value, start, length) {
  if (!there(value)) return null;
  const rest = Array.from(value).slice(Number(start));
  return (there(length) ? rest.slice(0, Number(length)) : rest).join("");
}

const days = (date) => Date.parse(date) / DAY;

function addDays(date, count) {
  if (!there(date) || !there(count)) return null;
  const later = new Date((days(date) + Number(number(count).round(0, Exact.RM))) * DAY);
  const year = later.getUTCFullYear();
  return year >= 1 && year <= 9999 ? later.toISOString().slice(0, 10) : null;
}

/* ---- the engine ---- */

const OPERATIONS = {
  var: variable,
  "===": same,
  "!==": (a, b) => !same(a, b),
  "<": ordered((sign) => sign < 0),
  "<=": ordered((sign) => sign <= 0),
  ">": ordered((sign) => sign > 0),
  ">=": ordered((sign) => sign >= 0),
  "+": plus,
  "-": (...values) => (values.length === 1 ? minus(0, values[0]) : minus(...values)),
  "*": times,
  "/": over,
  "%": rest,
  round: (value, places = 0) => (there(value) ? bounded(number(value).round(Number(places), Exact.RM)) : null),
  min: best((sign) => sign < 0),
  max: best((sign) => sign > 0),
  sum: (list) => bounded(items(list).reduce((total, item) => total.plus(number(item)), new Exact(0))),
  count: (list) => new Exact(items(list).length),
  "!": (value) => value !== true,
  "!!": (value) => value === true,
  in: within,
  cat: (...values) => values.map(asText).join(""),
  substr,
  starts_with: (whole, start) => there(whole) && there(start) && whole.startsWith(start),
  ends_with: (whole, end) => there(whole) && there(end) && whole.endsWith(end),
  empty: isEmpty,
  merge: (...values) => values.filter(there).flat(1),
  days_between: (from, to) => (there(from) && there(to) ? new Exact(days(to) - days(from)) : null),
  add_days: addDays,
};

for (const [name, operation] of Object.entries(OPERATIONS)) {
  jsonLogic.add_operation(name, operation);
}
jsonLogic.truthy = (value) => value === true;

let steps = 0;
const apply = jsonLogic.apply;
jsonLogic.apply = (rule, data) => {
  steps += 1;
  if (steps > MOST_STEPS) throw new RangeError("This rule takes too many steps.");
  return apply(rule, data);
};

/* ---- rules and data on their way in, answers on their way out ---- */

const prepared = new WeakMap();

/* Numbers exact, texts normalised; and/or answer yes or no where json-logic-js answers with an operand. */
function prepare(rule) {
  if (typeof rule === "number") return new Exact(rule);
  if (typeof rule === "string") return rule.normalize("NFC");
  if (rule === null || typeof rule !== "object") return rule;
  if (!prepared.has(rule)) prepared.set(rule, Array.isArray(rule) ? rule.map(prepare) : preparedOperation(rule));
  return prepared.get(rule);
}

function preparedOperation(rule) {
  const [[name, values]] = Object.entries(rule);
  const operation = { [name]: Array.isArray(values) ? values.map(prepare) : [prepare(values)] };
  return name === "and" || name === "or" ? { "!!": [operation] } : operation;
}

function revive(value, type) {
  if (!there(value) || value === "") return null;
  if (type === "number") return revivedNumber(value);
  if (type === "text") return value.normalize("NFC");
  if (type === "moment") return new Moment(value);
  if (typeof type === "string") return value;
  if (type.rows) return value.map((row) => fields(row, type.rows));
  if (type.list) return value.map((item) => revive(item, type.list));
  if (type.record) return fields(value, type.record);
  return typeof value === "object" ? new Link({ id: value.id, ...fields(value, type.link) }) : value;
}

function fields(data, types) {
  return Object.fromEntries(Object.entries(types).map(([key, type]) => [key, revive(data[key], type)]));
}

function plain(value) {
  if (value instanceof Exact) return digits(value);
  if (value instanceof Moment) return value.iso;
  if (Array.isArray(value)) return value.map(plain);
  return there(value) ? value : null;
}

export function evaluate(rule, data, types) {
  steps = 0;
  return plain(jsonLogic.apply(prepare(rule), fields(data, types)));
}
