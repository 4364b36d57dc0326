/* The matrix by pointer and keys: cells selected one, in a range, a whole row or column; filled by a letter or a button. */
import { editAll } from "./builder.js";

const grid = () => document.querySelector("#matrix");
const body = () => grid().tBodies[0];
const heads = () => [...grid().tHead.rows].at(-1).cells;
let from = null; // [row, column] where a range begins
let to = null;
let pressed = false;

const at = (cell) => [cell.parentElement.rowIndex - grid().tHead.rows.length, cell.cellIndex];
const cellAt = ([row, column]) => body().rows[row]?.cells[column];
const selected = () => [...body().querySelectorAll('[aria-selected="true"]')];

function mark(start, end, keep = false) {
  if (!keep) for (const cell of selected()) cell.removeAttribute("aria-selected");
  const [top, bottom] = [start[0], end[0]].sort((a, b) => a - b);
  const [left, right] = [start[1], end[1]].sort((a, b) => a - b);
  for (let row = top; row <= bottom; row += 1) {
    for (let column = Math.max(1, left); column <= right; column += 1) cellAt([row, column])?.setAttribute("aria-selected", "true");
  }
  count();
}

function count() {
  const many = selected().length;
  const said = document.querySelector("#cells");
  if (many) said.textContent = said.dataset.said.replace("%s", many);
  for (const button of document.querySelectorAll("#fill [data-mode]")) button.disabled = !many;
}

function go(place, extend) {
  const row = Math.min(body().rows.length - 1, Math.max(0, place[0]));
  const column = Math.min(heads().length - 1, Math.max(1, place[1]));
  to = [row, column];
  if (!extend || !from) from = to;
  mark(from, to);
  for (const cell of grid().querySelectorAll('td[tabindex="0"]')) cell.tabIndex = -1;
  const cell = cellAt(to);
  cell.tabIndex = 0;
  cell.focus();
}

document.addEventListener("pointerdown", (event) => {
  const cell = event.target.closest?.("#matrix td");
  if (!cell || !cell.closest("tbody") || event.button !== 0) return;
  pressed = true;
  event.preventDefault();
  if (event.ctrlKey || event.metaKey) {
    from = to = at(cell);
    mark(from, to, true);
    cell.focus();
  } else go(at(cell), event.shiftKey);
});
document.addEventListener("pointerover", (event) => {
  const cell = pressed && event.target.closest?.("#matrix tbody td");
  if (cell) { to = at(cell); mark(from, to); }
});
document.addEventListener("pointerup", () => { pressed = false; });

document.addEventListener("click", (event) => {
  const head = event.target.closest?.("#matrix thead .colhead");
  const row = event.target.closest?.("#matrix tbody th");
  const button = event.target.closest?.("#fill [data-mode]");
  if (head) {
    const column = head.closest("th").cellIndex;
    from = [0, column]; to = [body().rows.length - 1, column];
    mark(from, to, event.ctrlKey || event.metaKey);
  } else if (row) {
    from = [at(row)[0], 1]; to = [at(row)[0], heads().length - 1];
    mark(from, to, event.ctrlKey || event.metaKey);
  } else if (button) fill(button.dataset.mode);
});

const WAYS = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0], Home: [0, -1000], End: [0, 1000] };

document.addEventListener("keydown", (event) => {
  const cell = event.target.closest?.("#matrix tbody td");
  if (!cell || event.altKey) return;
  const way = WAYS[event.key];
  if (way) {
    event.preventDefault();
    if (!to || cellAt(to) !== cell) from = to = at(cell);
    const here = to;
    go([here[0] + way[0], here[1] + way[1]], event.shiftKey);
    return;
  }
  if (event.ctrlKey || event.metaKey) {
    if (event.key.toLowerCase() === "a") { event.preventDefault(); mark([0, 1], [body().rows.length - 1, heads().length - 1]); }
    return;
  }
  if (!selected().length) go(at(cell));
  const button = document.querySelector(`#fill [data-key="${CSS.escape(event.key === "Backspace" ? "Delete" : event.key)}"]`);
  if (button && !button.disabled) { event.preventDefault(); fill(button.dataset.mode); }
});

/* All selected cells in one edit, so that one undo takes it back. */
function fill(mode) {
  const by = new Map();
  for (const cell of selected()) {
    const { role, step } = heads()[cell.cellIndex].dataset;
    const path = cell.parentElement.dataset.path;
    const cells = by.get(role) ?? by.set(role, {}).get(role);
    (cells[path] ??= {})[step] = mode || null;
  }
  const form = grid().dataset.form;
  if (by.size) editAll([...by].map(([role, cells]) => ["set_cells", { form, role, cells }]));
}

/* After a redraw the same cells are selected. */
document.body.addEventListener("draft-drawn", () => {
  if (from && to && document.querySelector("#matrix")) { const focus = to; mark(from, to); cellAt(focus)?.focus(); }
});
const first = document.querySelector("#matrix tbody td");
if (first) first.tabIndex = 0;
