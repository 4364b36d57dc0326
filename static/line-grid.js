/* Line items as in a spreadsheet: arrows and Enter go from cell to cell, a block copied from one is pasted in,
   lines are put in, moved by key or drag, filled down. Whatever it does could be typed too. */

import { addLines, cellsOf, inputOf, linesOf, put, renumber, textOf } from "./lines.js";

const MOST = 500; // lines of one paste
const TYPED = ["text", "search", "tel", "email", "url"];

const bodyOf = (element) => element.closest?.("#record [data-lines]");
const sheetOf = (body) => body.closest("form").sheet;
const whole = (body) => Boolean(body.closest("form").querySelector(`template[data-blank="${body.dataset.lines}"]`));

/* ---- keys ---- */

document.addEventListener("keydown", (event) => {
  const body = bodyOf(event.target);
  const cell = event.target.closest?.("td.in");
  if (!body || !cell || event.isComposing || event.target.getAttribute("aria-expanded") === "true") return;
  if (act(body, cell, event)) {
    event.preventDefault();
    event.stopPropagation();
  }
}, true);

function act(body, cell, event) {
  const { key, altKey, shiftKey, target } = event;
  const ctrl = event.ctrlKey || event.metaKey;
  const step = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (altKey && step) return whole(body) && !shiftKey && target.tagName !== "SELECT" && carry(body, cell, step);
  if (altKey && key === "Insert") return whole(body) && insert(body, cell);
  if (ctrl && key.toLowerCase() === "d") return fillDown(body, cell);
  if (ctrl && key === "Enter") return save(body);
  if (key === "F2") return Boolean(cell.querySelector("link-picker")?.look(""));
  if (ctrl || altKey || target.tagName === "TEXTAREA") return false;
  if (key === "Enter") return enter(body, cell, shiftKey ? -1 : 1);
  if (!TYPED.includes(target.type)) return false;
  if (step) return go(body, cell, step, 0);
  const side = { ArrowRight: 1, ArrowLeft: -1 }[key];
  return side && !shiftKey && atEdge(target, side) && go(body, cell, 0, side);
}

function atEdge(input, side) {
  const { selectionStart: from, selectionEnd: to, value } = input;
  if (from === 0 && to === value.length) return true;
  return from === to && (side > 0 ? to === value.length : from === 0);
}

function go(body, cell, down, right) {
  const rows = linesOf(body);
  const row = cell.closest("tr");
  const to = rows[rows.indexOf(row) + down];
  return Boolean(to) && focus(cellsOf(to)[cellsOf(row).indexOf(cell) + right]);
}

function focus(cell) {
  const input = inputOf(cell);
  if (!input) return false;
  input.focus();
  if (TYPED.includes(input.type)) input.select();
  return true;
}

/* Down, and on the last line a new one. */
function enter(body, cell, step) {
  if (go(body, cell, step, 0) || step < 0) return true;
  if (whole(body)) focus(cellsOf(addLines(sheetOf(body), body.dataset.lines)[0])[cellsOf(cell.closest("tr")).indexOf(cell)]);
  return true;
}

function save(body) {
  const form = body.closest("form");
  form.requestSubmit(form.querySelector("#save"));
  return true;
}

function fillDown(body, cell) {
  const rows = linesOf(body);
  const row = cell.closest("tr");
  const above = rows[rows.indexOf(row) - 1];
  const from = above && cellsOf(above)[cellsOf(row).indexOf(cell)];
  if (!from) return true;
  fill(body, [[cell, textOf(from)]]);
  return true;
}

function insert(body, cell) {
  const [row] = addLines(sheetOf(body), body.dataset.lines, 1, cell.closest("tr"));
  return focus(cellsOf(row)[0]);
}

function carry(body, cell, step) {
  const rows = linesOf(body);
  const row = cell.closest("tr");
  const other = rows[rows.indexOf(row) + step];
  if (other) move(body, row, step > 0 ? other.nextElementSibling : other);
  inputOf(cell).focus();
  return true;
}

/* A line with what is said below it. */
function move(body, row, before) {
  const said = row.nextElementSibling?.matches(".wrong") ? [row.nextElementSibling] : [];
  if (before === row || said.includes(before)) return;
  if (before) before.before(row, ...said);
  else body.append(row, ...said);
  renumber(sheetOf(body));
  sheetOf(body).typed(row.querySelector("[name]"));
}

/* ---- a block that is pasted ---- */

document.addEventListener("paste", (event) => {
  const body = bodyOf(event.target);
  const cell = event.target.closest?.("td.in");
  const text = event.clipboardData?.getData("text/plain").replace(/\r\n?/g, "\n").replace(/\n$/, "") ?? "";
  if (!body || !cell || !/[\t\n]/.test(text)) return;
  event.preventDefault();
  const block = cut(text).slice(0, MOST);
  const start = linesOf(body).indexOf(cell.closest("tr"));
  const column = cellsOf(cell.closest("tr")).indexOf(cell);
  const lacking = start + block.length - linesOf(body).length;
  if (lacking > 0 && whole(body)) addLines(sheetOf(body), body.dataset.lines, lacking);
  const rows = linesOf(body).slice(start);
  fill(body, rows.flatMap((row, at) => cellsOf(row).slice(column).flatMap((one, side) => (block[at]?.[side] === undefined ? [] : [[one, block[at][side].trim()]]))));
});

/* Rows of cells; a cell in quotes may hold line ends and tabs. */
function cut(text) {
  const rows = [[""]];
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    const row = rows.at(-1);
    const sign = text[at];
    if (quoted && sign === '"' && text[at + 1] === '"') row[row.length - 1] += text[(at += 1)];
    else if (sign === '"' && (quoted || row.at(-1) === "")) quoted = !quoted;
    else if (!quoted && sign === "\t") row.push("");
    else if (!quoted && sign === "\n") rows.push([""]);
    else row[row.length - 1] += sign;
  }
  return rows;
}

/* Put texts into cells: names of linked records are looked up, those that nothing has are said. */
async function fill(body, pairs) {
  const sheet = sheetOf(body);
  const waiting = new Map();
  for (const [cell, text] of pairs) {
    if (cell.matches("[data-locked]")) continue;
    const picker = put(cell, text);
    for (const input of cell.querySelectorAll("[name]")) sheet.touched.add(input.name);
    if (!picker) continue;
    const asked = `${picker.dataset.source} ${text.toLowerCase()}`;
    waiting.set(asked, [...(waiting.get(asked) ?? []), [picker, text]]);
  }
  const last = pairs.at(-1)?.[0].querySelector("[name]");
  if (last) sheet.typed(last);
  const missing = [];
  await Promise.all([...waiting.values()].map(async (places) => {
    const [picker, text] = places[0];
    const found = text ? await picker.named(text) : null;
    if (text && !found) missing.push(text);
    else for (const [one] of places) one.take(found);
  }));
  if (waiting.size && last) sheet.typed(last);
  if (missing.length) say(body.dataset.notFound.replace("%s", missing.join(", ")));
}

function say(words) {
  const note = document.createElement("div");
  note.className = "alert bad";
  note.textContent = words;
  document.querySelector("#toasts")?.replaceChildren(note);
}

/* ---- a line is carried by its number ---- */

let carried = null;

document.addEventListener("pointerdown", (event) => {
  const head = event.target.closest?.("#record [data-lines] .no");
  if (!head || event.button !== 0 || !whole(bodyOf(head))) return;
  event.preventDefault();
  carried = head.closest("tr");
  carried.classList.add("carried");
});

document.addEventListener("pointermove", (event) => {
  const over = carried && document.elementFromPoint(event.clientX, event.clientY)?.closest("tr[data-line]");
  if (!over || over === carried || over.parentElement !== carried.parentElement) return;
  const box = over.getBoundingClientRect();
  move(carried.parentElement, carried, event.clientY < box.top + box.height / 2 ? over : over.nextElementSibling);
});

document.addEventListener("pointerup", () => {
  carried?.classList.remove("carried");
  carried = null;
});
