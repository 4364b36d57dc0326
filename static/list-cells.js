/* The cells of a list by keyboard, and edited where they stand.

   Arrows go from cell to cell, j and k from row to row; Space or x picks the row, Enter opens the record. F2, Enter
   or a double click edits a cell that this person may change: Enter saves and goes down, Tab saves and goes on,
   Escape takes it back. What the server says against it stands in the cell, and nothing that was typed is lost. */

const table = () => document.querySelector("#list table.grid");
const rows = () => [...(table()?.tBodies ?? [])].flatMap((body) => [...body.rows]).filter((row) => row.querySelector("a"));
const cells = (row) => [...row.cells].filter((cell) => !cell.classList.contains("pick"));
const inside = () => document.activeElement?.closest("#list tbody :is(td, th)");

let open = null; // the cell that is being edited: {cell, kept, before}
let early = null; // keys that were pressed before its input was there

/* ---- from cell to cell ---- */

function go(cell) {
  if (!cell) return;
  const target = cell.querySelector("a.key, .group-head a") ?? (cell.tagName === "TH" ? cell.querySelector("a") : cell);
  if (target === cell) cell.tabIndex = -1;
  target.focus();
  target.scrollIntoView({ block: "nearest", inline: "nearest" });
}

function step(cell, across, down) {
  const all = rows();
  const row = all.indexOf(cell.closest("tr"));
  const at = cells(all[row]).indexOf(cell);
  const there = cells(all[Math.min(all.length - 1, Math.max(0, row + down))]);
  go(there[Math.min(there.length - 1, Math.max(0, at + across))]);
}

const ARROWS = { ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0], k: [0, -1], j: [0, 1] };

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || !table()) return;
  if (early && !event.target.closest("input, textarea, select")) return wait(event);
  if (event.target.closest("input:not([name=record]), textarea, select, [contenteditable], dialog, details[open]")) return;
  const cell = inside();
  const arrow = ARROWS[event.key];
  if (arrow && (cell || event.key === "j" || event.key === "k")) {
    event.preventDefault();
    if (!cell) go(rows()[0] && cells(rows()[0])[0]);
    else step(cell.classList.contains("pick") ? cells(cell.closest("tr"))[0] : cell, ...arrow);
  } else if (cell && (event.key === "x" || (event.key === " " && event.target.name !== "record"))) {
    event.preventDefault();
    cell.closest("tr").querySelector("input[form=bulk]")?.click();
  } else if (cell && (event.key === "F2" || (event.key === "Enter" && event.target === cell))) {
    event.preventDefault();
    if (cell.dataset.key) edit(cell);
    else if (event.key === "Enter") cell.closest("tr").querySelector("a.key")?.click();
  }
});

document.addEventListener("dblclick", (event) => {
  const cell = event.target.closest("#list td[data-key]");
  if (cell && cell !== open?.cell && !event.target.closest("input, select, textarea")) edit(cell);
});

/* ---- editing ---- */

async function edit(wanted) {
  const [row, key] = [wanted.closest("tr").id, wanted.dataset.key];
  if (open && !(await save())) return;
  const cell = wanted.isConnected ? wanted : document.getElementById(row)?.querySelector(`[data-key="${key}"]`);
  if (!cell) return;
  const list = new URLSearchParams({ list: location.search.slice(1) });
  early = [];
  const answer = await ask(`${cell.closest("tr").querySelector("a.key").href}/cells/${cell.dataset.key}?${list}`);
  const keys = early.splice(0);
  early = null;
  if (!answer || open || !cell.isConnected) return;
  if (!answer.ok) return note(cell, answer.text);
  open = { cell, kept: [...cell.childNodes] };
  cell.classList.add("editing");
  put(answer.text);
  open.before = written();
  replay(keys);
}

function wait(event) {
  if (event.key.length > 1 && !(event.key in DONE)) return;
  event.preventDefault();
  early.push(event);
}

function replay(keys) {
  const input = document.activeElement;
  const text = keys.filter((event) => event.key.length === 1).map((event) => event.key).join("");
  if (input?.type === "checkbox") input.checked = input.checked !== (text.split(" ").length % 2 === 0);
  else if (text && "value" in input && input.tagName !== "SELECT") input.value = text;
  if (text) input.dispatchEvent(new Event("input", { bubbles: true }));
  const last = keys.find((event) => event.key in DONE);
  if (last) DONE[last.key](last);
}

function put(html) {
  open.cell.innerHTML = html;
  const input = open.cell.querySelector("input:not([type=hidden]), select:not([hidden]), textarea");
  input?.focus();
  if (input?.type === "text") input.select();
}

const written = () => new URLSearchParams(new FormData(open.cell.querySelector("form"))).toString();

function leave() {
  const { cell, kept } = open;
  open = null;
  cell.classList.remove("editing", "saving");
  cell.replaceChildren(...kept);
  return cell;
}

/* Whether what was typed is saved, or was nothing new; `after` is told the cell as it then stands. */
function save(after = () => {}) {
  const here = open;
  here.saving ??= saved(here, after).finally(() => (here.saving = null));
  return here.saving;
}

async function saved({ cell, before }, after) {
  if (written() === before) {
    after(leave());
    return true;
  }
  cell.classList.add("saving");
  const form = cell.querySelector("form");
  const answer = await ask(form.getAttribute("action"), { method: "POST", body: new FormData(form) });
  cell.classList.remove("saving");
  if (answer?.ok) {
    after(stands(cell, answer.text));
    return true;
  }
  if (answer?.text.includes("<form")) put(answer.text);
  else if (answer) note(leave(), answer.text);
  else cell.querySelector(".error").textContent = document.querySelector("#toasts").dataset.failed;
  return false;
}

/* The row as the server has it now, in place of the one that was there. */
function stands(cell, html) {
  const row = cell.closest("tr");
  const at = cells(row).indexOf(cell);
  const drawn = Object.assign(document.createElement("template"), { innerHTML: html }).content.querySelector("tr");
  const box = row.querySelector("input[form=bulk]");
  open = null;
  row.replaceWith(drawn);
  if (box?.checked) drawn.querySelector("input[form=bulk]").checked = true;
  addUp();
  return cells(drawn)[at] ?? drawn.cells[0];
}

/* Sums of the whole and of groups, after a row changed. */
async function addUp() {
  const heads = () => document.querySelectorAll("#list :is(tfoot tr, .group-head)");
  if (!heads().length) return;
  const answer = await ask(location.href);
  const page = new DOMParser().parseFromString(answer?.ok ? answer.text : "", "text/html");
  for (const head of heads()) {
    const name = head.querySelector("a")?.id;
    const fresh = name ? page.getElementById(name)?.closest("tr") : page.querySelector("#list tfoot tr");
    [...(fresh?.cells ?? [])].forEach((cell, at) => head.cells[at] && cell.tagName === "TD" && (head.cells[at].innerHTML = cell.innerHTML));
  }
}

async function ask(address, options) {
  const answer = await fetch(address, { headers: { Accept: "text/html", "HX-Request": "true" }, ...options }).catch(() => null);
  return answer && { ok: answer.ok, text: await answer.text() };
}

/* Words beside a cell, until something else is done. */
function note(cell, html) {
  const words = Object.assign(document.createElement("div"), { className: "note", innerHTML: html });
  cell.append(words);
  go(cell);
  const gone = () => words.remove();
  for (const kind of ["keydown", "pointerdown"]) document.addEventListener(kind, gone, { once: true });
}

const DONE = {
  Escape: () => go(leave()),
  Enter: () => save((cell) => step(cell, 0, 1)),
  Tab: (event) => save((cell) => step(cell, event.shiftKey ? -1 : 1, 0)),
};

document.addEventListener("keydown", (event) => {
  if (!open?.cell.contains(event.target) || event.defaultPrevented || !(event.key in DONE)) return;
  if (event.key === "Enter" && (event.shiftKey || event.altKey)) return;
  if (event.key === "Tab" && !leaves(event)) return;
  event.preventDefault();
  DONE[event.key](event);
});

/* Whether Tab leads out of the cell, which may hold several inputs. */
function leaves(event) {
  const inputs = [...open.cell.querySelectorAll("input:not([type=hidden]), select:not([hidden]), textarea")];
  return inputs.indexOf(event.target) === (event.shiftKey ? 0 : inputs.length - 1);
}

document.addEventListener("focusout", (event) => {
  if (open?.cell.contains(event.target) && event.relatedTarget && !open.cell.contains(event.relatedTarget)) save();
});
document.addEventListener("pointerdown", (event) => open && !open.cell.contains(event.target) && save());
document.addEventListener("submit", (event) => {
  if (!event.target.matches("#list form.inline")) return;
  event.preventDefault();
  save((cell) => step(cell, 0, 1));
});
