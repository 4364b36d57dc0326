/* The gestures of the form designer: several selected at once, keys that press buttons, fields dragged to a place. */
import { edit } from "./builder.js";
import { drag } from "./drag.js";

const picks = () => [...document.querySelectorAll("#canvas .pick")];
let asked = null; /* what is selected already, though the page does not show it yet */
let turns = Promise.resolve();
const chosen = () => asked ?? picks().filter((pick) => pick.ariaCurrent === "true").map((pick) => pick.dataset.pick);

/* The page with these selected, at its own address; one selection after the other. */
function select(names) {
  asked = names;
  turns = turns.then(() => show(names)).finally(() => { if (asked === names) asked = null; });
  return turns;
}

function show(names) {
  const address = new URL(document.querySelector("#content").dataset.here, location.href);
  address.searchParams.delete("select");
  for (const name of names) address.searchParams.append("select", name);
  const path = address.pathname + address.search;
  return htmx.ajax("GET", path, { target: "body", swap: "morph:innerHTML show:none" }).then(() => history.replaceState(history.state, "", path));
}

let from = null; /* where a range begins */

function toggled(name) {
  const names = chosen();
  return names.includes(name) ? names.filter((other) => other !== name) : [...names, name];
}

function range(name) {
  const all = picks().map((pick) => pick.dataset.pick).filter((one) => one.split(".")[0] === "fields");
  const [one, other] = [all.indexOf(from ?? name), all.indexOf(name)].sort((a, b) => a - b);
  return one < 0 ? [name] : all.slice(one, other + 1);
}

document.addEventListener("click", (event) => {
  const pick = event.target.closest?.("#canvas .pick");
  if (!pick) return;
  const { pick: name } = pick.dataset;
  event.preventDefault();
  event.stopPropagation();
  if (event.shiftKey) select(range(name));
  else select(event.ctrlKey || event.metaKey ? toggled(name) : [(from = name)]);
}, true);

/* Arrows go from field to field, with Shift they select on the way; other keys press the button that names them. */
document.addEventListener("keydown", async (event) => {
  const pick = event.target.closest?.("#canvas .pick");
  if (event.target.closest?.("input, textarea, select, [contenteditable]")) return;
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key];
  if (pick && step && !event.altKey && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    const all = picks(), next = all[all.indexOf(pick) + step];
    if (!next) return;
    if (event.shiftKey) {
      if (!chosen().length) from = pick.dataset.pick;
      from ??= pick.dataset.pick;
      await select(range(next.dataset.pick));
      document.getElementById(next.id)?.focus();
    } else next.focus();
    return;
  }
  if (pick && event.key === " ") {
    event.preventDefault();
    from ??= pick.dataset.pick;
    await select(toggled(pick.dataset.pick));
    return;
  }
  const keys = `${event.altKey ? "Alt+" : ""}${event.ctrlKey || event.metaKey ? "Control+" : ""}${event.key.length === 1 ? event.key.toLowerCase() : event.key}`;
  const named = () => document.querySelector(`[data-keys="${CSS.escape(keys)}"]`);
  if (/^Control\+[cx]$/.test(keys) && String(getSelection())) return; /* words are copied as ever */
  if (pick && /^Alt\+Arrow(Up|Down)$/.test(keys) && !chosen().includes(pick.dataset.pick)) await select([pick.dataset.pick]);
  const button = named();
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});

/* Finding a kind of field. */
document.addEventListener("input", (event) => {
  if (event.target.id !== "find-type") return;
  const words = event.target.value.trim().toLowerCase();
  for (const kind of document.querySelectorAll(".kind")) kind.hidden = !`${kind.textContent} ${kind.value}`.toLowerCase().includes(words);
  for (const group of document.querySelectorAll("[data-kinds]")) group.hidden = !group.querySelector(".kind:not([hidden])");
});
document.addEventListener("keydown", (event) => {
  if (event.target.id !== "find-type" || event.key !== "Enter") return;
  event.preventDefault();
  document.querySelector(".kind:not([hidden])")?.click();
});

/* What was copied stays in the browser, so that it can be put in in another form or app. */
const KEPT = "formloom.copied";

document.addEventListener("click", (event) => {
  const button = event.target.closest?.("#copy, #cut, #paste");
  if (!button) return;
  if (button.id === "paste") {
    document.querySelector("#pasted").value = localStorage.getItem(KEPT) ?? "";
    return;
  }
  const { copy, copied } = document.querySelector("#copy").dataset;
  localStorage.setItem(KEPT, copy);
  if (button.id === "cut") document.querySelector("#act-remove").click();
  else document.querySelector("#selected-says").textContent = copied;
  drawn();
}, true);

/* On a phone the properties cover the lower half: what is selected stays above them. */
const narrow = matchMedia("(max-width: 60rem)");

function drawn() {
  if (narrow.matches) document.querySelector(".unit.on, .column.on, .part.on, .tab-head.on")?.scrollIntoView({ block: "nearest" });
  const paste = document.querySelector("#paste");
  if (paste) paste.disabled = !localStorage.getItem(KEPT);
  for (const label of document.querySelectorAll(".find-type")) label.hidden = false;
}
drawn();
document.body.addEventListener("draft-drawn", drawn);
document.addEventListener("htmx:afterSettle", drawn);

/* Where something that is carried would go: {section, after} among fields, {rows, after} among columns. */
function goal(x, y, columnar, own) {
  const under = document.elementFromPoint(x, y);
  const table = columnar && under?.closest("[data-rows]");
  if (table) return among([...table.querySelectorAll("[data-column]")], x, y, "column", { rows: table.dataset.rows }, true);
  const list = own === "column" ? null : (under?.closest("[data-into]") ?? under?.closest("[data-section]")?.querySelector("[data-into]"));
  return list ? among([...list.querySelectorAll(":scope > [data-unit]")], x, y, "unit", { section: list.dataset.into }, false, list) : null;
}

/* The last one that stands before the pointer, and the line that shows it. */
function among(all, x, y, key, place, sideways, list) {
  const boxes = all.map((one) => one.getBoundingClientRect());
  const before = boxes.filter((box) => (sideways ? x > box.left + box.width / 2 : y > box.bottom || (y > box.top && x > box.left + box.width / 2) )).length;
  const last = all[before - 1];
  const box = boxes[before - 1] ?? boxes[0] ?? list.getBoundingClientRect();
  const edge = before > 0 ? box.right : box.left;
  return { ...place, after: last ? last.dataset[key] : "", line: { left: edge - 1.5, top: box.top, width: 3, height: box.height } };
}

drag({
  find: (target) => target.closest(".kind, #canvas .pick:not([data-still])"),
  says: (source) => source.textContent.trim().split("\n")[0],
  goal: (source, x, y) => {
    const column = source.closest("[data-column]");
    const columnar = source.matches("[data-columnar]") || (column && true);
    const found = goal(x, y, columnar, column ? "column" : "");
    return column && found?.rows !== column.closest("[data-rows]").dataset.rows ? null : found;
  },
  drop: (source, place) => (source.matches(".kind") ? added(source, place) : moved(source.dataset.pick, place)),
});

function added(button, place) {
  const { form } = button;
  for (const name of ["section", "after", "rows"]) form.elements[name].value = place[name] ?? "";
  form.requestSubmit(button);
  for (const name of ["section", "after", "rows"]) form.elements[name].value = "";
}

function moved(name, place) {
  const form = document.querySelector("#canvas").dataset.form;
  const names = chosen().includes(name) ? chosen() : [name];
  if (place.rows) {
    const key = name.split(".").at(-1);
    if (place.after === key) return;
    edit("move", { path: `forms[${form}].fields[${place.rows}].fields[${key}]`, after: place.after || null });
    return;
  }
  const fields = names.map((one) => one.split(".")).filter((path) => path[0] === "fields" && path.length === 2).map((path) => path[1]);
  edit("place", { form, fields, section: place.section, after: place.after || null });
}
