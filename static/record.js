/* A record while somebody types: shows, needs, computes and checks by the form's own rules, which the page
   carries (data-rules). What only the server may work out it is asked for. The server decides at every save. */

import { ask } from "./app.js";
import { Figures, there } from "./figures.js";
import "./line-grid.js";
import { addLines, cellsOf, inputOf, renumber } from "./lines.js";
import "./link-picker.js";
import { lock } from "./locks.js";
import { evaluate } from "./rules.js";
import "./scan.js";
import { Values } from "./values.js";

const WAIT = 400;
const STARTED = ["line", "lines", "figure", "box", "choice"]; // asked with one input that a start value can go into

class Sheet {
  constructor(form) {
    this.form = form;
    this.rules = JSON.parse(form.dataset.rules);
    this.figures = new Figures(form.dataset.language);
    this.touched = new Set();
    this.started = new Map();
    this.wrong = new Set();
    this.dirty = form.matches("[data-typed]") || Boolean(document.querySelector("#problems, #clashes"));
    this.values = new Values(form, this.rules, this.figures);
    this.listen();
    renumber(this);
    if (this.rules.isNew) this.entitle();
    if (this.rules.isNew || Object.values(this.rules.fields).some((field) => "lock" in field)) this.run();
  }

  /* Who made it from a link elsewhere has named it already. */
  entitle() {
    const title = new URLSearchParams(location.search).get("title");
    const input = title && this.values.input(this.form.dataset.title);
    if (!input || input.type !== "text" || input.value) return;
    input.value = title;
    this.touched.add(input.name);
    this.dirty = true;
  }

  /* ---- gestures ---- */

  listen() {
    this.form.addEventListener("input", (event) => this.typed(event.target));
    for (const button of this.form.querySelectorAll("[data-add-line]")) {
      button.hidden = false;
      button.addEventListener("click", () => inputOf(cellsOf(addLines(this, button.dataset.addLine)[0])[0]).focus());
    }
    for (const button of document.querySelectorAll("button[form=record][data-question]")) {
      button.addEventListener("click", (event) => this.question(event, button));
    }
    this.form.addEventListener("submit", () => (this.dirty = false));
  }

  /* With nothing to save, a question opens right here; else the record is saved first. */
  question(event, button) {
    if (this.dirty) return;
    event.preventDefault();
    event.stopPropagation();
    ask(button.dataset.question);
  }

  typed(target) {
    if (!target.name || target.name.startsWith("choice-")) return;
    if (target.type === "file") this.weigh(target);
    this.touched.add(target.name);
    this.dirty = true;
    this.form.querySelector("#unsaved").textContent = this.form.dataset.unsaved;
    this.run();
    if (this.rules.asks && this.form.dataset.preview) this.askLater();
  }

  /* A file that is too large is told before it is sent. */
  weigh(input) {
    const heavy = [...input.files].find((file) => file.size > Number(input.dataset.largest));
    const box = input.closest(".field")?.querySelector(".error");
    if (box) box.textContent = heavy ? input.dataset.tooLarge.replace("%s", heavy.name) : "";
    if (heavy) input.value = "";
  }

  /* ---- where everything stands on the page ---- */

  index() {
    this.values.index();
    this.outs = new Map();
    this.drawn = new Map(); // what stands in them
    for (const place of this.form.querySelectorAll("[data-out]")) {
      const line = place.closest("tr")?.dataset.line;
      const [key, column] = place.dataset.out.split(".");
      this.outs.set(line === undefined ? key : `${key}-${line}-${column}`, place);
    }
  }

  /* ---- the rules, in the order in which one stands on the other ---- */

  run() {
    this.gather();
    for (const [path, field] of Object.entries(this.rules.fields)) {
      const [key, column] = path.split(".");
      if (!column) this.work(path, field, this.data, key, "", this.rules.isNew);
      else for (const line of this.lines[key] ?? []) this.work(path, field, line.data, column, `${key}-${line.index}-`, line.isNew);
    }
    this.check();
  }

  gather() {
    const { values, fields, around } = this.rules;
    this.data = { ...around };
    this.lines = {};
    for (const path of Object.keys(fields).filter((path) => !path.includes("."))) {
      const shown = this.values.at(path, path);
      this.data[path] = shown === undefined ? (values[path] ?? null) : shown;
    }
    for (const body of this.form.querySelectorAll("[data-lines]")) this.gatherLines(body);
  }

  gatherLines(body) {
    const key = body.dataset.lines;
    const { values, fields, around } = this.rules;
    const before = new Map((values[key] ?? []).map((line) => [String(line.id), line]));
    const columns = Object.keys(fields).filter((path) => path.startsWith(`${key}.`));
    this.lines[key] = [];
    for (const row of body.rows) {
      if (!row.dataset.line || this.values.input(`${key}-${row.dataset.line}-gone`)?.checked) continue;
      const old = before.get(row.dataset.id) ?? {};
      const data = { user: around.user, today: around.today, now: around.now, header: this.data };
      for (const path of columns) {
        const column = path.slice(key.length + 1);
        const shown = this.values.at(`${key}-${row.dataset.line}-${column}`, path);
        data[column] = shown === undefined ? (old[column] ?? null) : shown;
      }
      this.lines[key].push({ index: row.dataset.line, isNew: !row.dataset.id, data });
    }
    this.data[key] = this.lines[key].map((line) => line.data);
  }

  work(path, field, data, key, prefix, isNew) {
    const { types } = field;
    const name = prefix + key;
    const hidden = "show" in field && evaluate(field.show, data, types) !== true;
    if ("show" in field) this.toggle(name, path, prefix, hidden);
    if (hidden) data[key] = null;
    else if ("formula" in field) this.put(name, field, (data[key] = this.figures.fitted(evaluate(field.formula, data, types), field)));
    else if ("via" in field) this.copy(name, field, data, key);
    else if ("start" in field && isNew && !this.touched.has(name)) this.start(name, field, data, key, types);
    if ("lock" in field) this.lock(name, path, prefix, evaluate(field.lock, data, types) === true);
    if ("must" in field && typeof field.must !== "boolean") this.need(name, !hidden && evaluate(field.must, data, types) === true);
  }

  copy(name, field, data, key) {
    const link = data[field.via];
    if (link && !(field.of in link)) return; // as it was
    data[key] = link ? link[field.of] : null;
    this.put(name, field, data[key]);
  }

  /* A start value goes where nothing stands, and where an earlier one still stands as it was put there. */
  start(name, field, data, key, types) {
    const input = this.values.input(name);
    if (!input || !STARTED.includes(field.asks)) return;
    const value = this.figures.fitted(evaluate(field.start, data, types), field);
    if (field.asks === "box") {
      if (this.started.has(name) || !input.closest("tr[data-fresh]")) return;
      input.checked = value === true;
    } else {
      if (input.value && input.value !== this.started.get(name)) return;
      input.value = this.figures.entered(value, field);
    }
    data[key] = value;
    this.started.set(name, input.value);
  }

  /* ---- what is seen of it ---- */

  put(name, field, value) {
    const place = this.outs.get(name);
    if (!place || !field.plain || this.drawn.get(name) === value) return;
    this.drawn.set(name, value);
    place.textContent = this.figures.said(value, field);
  }

  toggle(name, path, prefix, hidden) {
    const place = prefix ? this.values.input(name)?.closest("td") : this.form.querySelector(`[data-field="${path}"]`);
    if (!place) return;
    if (prefix) place.classList.toggle("not-shown", hidden);
    else place.hidden = hidden;
    const section = place.closest("[data-section]");
    if (section) section.hidden = !section.querySelector("[data-field]:not([hidden])");
  }

  lock(name, path, prefix, locked) {
    const place = prefix ? this.values.input(name)?.closest("td") : this.form.querySelector(`[data-field="${path}"]`);
    if (place) lock(place, locked);
  }

  need(name, needed) {
    const input = this.form.querySelector(`#f-${CSS.escape(name)}`);
    if (!input) return;
    this.mark(input, "aria-required", needed);
    const star = input.closest(".field")?.querySelector(".must");
    if (star) star.hidden = !needed;
  }

  /* ---- checks: said beside what was filled in ---- */

  check() {
    for (const [path, field] of Object.entries(this.rules.fields)) {
      if (!field.checks) continue;
      const [key, column] = path.split(".");
      const places = column
        ? (this.lines[key] ?? []).map((line) => [`${key}-${line.index}-${column}`, line.data])
        : [[path, this.data]];
      for (const [name, data] of places) {
        const failed = there(data[column ?? key]) && field.checks.find(([rule]) => evaluate(rule, data, field.types) !== true);
        this.complain(name, failed ? failed[1] : "");
      }
    }
  }

  complain(name, sentence) {
    if (!sentence && !this.wrong.has(name)) return;
    const input = this.form.querySelector(`#f-${CSS.escape(name)}`);
    if (!input) return;
    this.wrong[sentence ? "add" : "delete"](name);
    this.mark(input, "aria-invalid", Boolean(sentence));
    const box = this.form.querySelector(`#f-${CSS.escape(name)}-error`);
    if (box) box.textContent = sentence;
    else input.title = sentence;
  }

  /* A group of inputs is neither needed nor wrong itself: its star and its sentence say so. */
  mark(input, attribute, on) {
    if (input.matches("[role=group], [role=radiogroup]")) return;
    if (on) input.setAttribute(attribute, "true");
    else input.removeAttribute(attribute);
  }

  /* ---- what only the server may work out ---- */

  askLater() {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    this.asking?.abort();
    this.asking = new AbortController();
    const body = new FormData();
    for (const [name, value] of new FormData(this.form)) if (!(value instanceof File)) body.append(name, value);
    const request = { method: "POST", body, headers: { Accept: "application/json" }, signal: this.asking.signal };
    const answer = await fetch(this.form.dataset.preview, request).catch(() => null);
    if (!answer?.ok) return;
    const { texts, hidden, locked } = await answer.json();
    for (const [name, text] of Object.entries(texts)) {
      const [key, , column] = name.split("-");
      const { asks } = this.rules.fields[column ? `${key}.${column}` : key] ?? {};
      this.put(name, { kind: "text", plain: asks !== "box" && asks !== "files" }, text);
    }
    for (const path of Object.keys(this.rules.fields)) {
      if (!path.includes(".") && !("lock" in this.rules.fields[path])) this.lock(path, path, "", locked.includes(path));
    }
    const own = (path) => "show" in (this.rules.fields[path] ?? {});
    for (const place of this.form.querySelectorAll("[data-field]")) {
      if (!own(place.dataset.field)) place.hidden = hidden.includes(place.dataset.field);
    }
  }
}

function start() {
  const form = document.querySelector("#record");
  if (form && !form.sheet) form.sheet = new Sheet(form);
}

start();
document.addEventListener("htmx:afterSettle", start);
window.addEventListener("beforeunload", (event) => {
  if (document.querySelector("#record")?.sheet?.dirty) event.preventDefault();
});
