/* Lines of line items on a record's page: new ones, where they stand, and what is in their cells. */

/* New lines from the blank one, before a row or at the end; returns their rows. */
export function addLines(sheet, key, count = 1, before = null) {
  const blank = sheet.form.querySelector(`template[data-blank="${key}"]`);
  const body = sheet.form.querySelector(`[data-lines="${key}"]`);
  const first = 1 + Math.max(-1, ...[...body.rows].map((row) => Number(row.dataset.line ?? -1)));
  const holder = document.createElement("tbody");
  holder.innerHTML = Array.from({ length: count }, (_none, at) => blank.innerHTML.replaceAll("__index__", first + at)).join("");
  const rows = [...holder.rows];
  for (const row of rows) row.dataset.fresh = "";
  if (before) before.before(...rows);
  else body.append(...rows);
  sheet.form.querySelector(`[data-no-lines="${key}"]`)?.remove();
  renumber(sheet);
  sheet.run();
  return rows;
}

/* After lines came, went or moved. */
export function renumber(sheet) {
  sheet.index();
  for (const body of sheet.form.querySelectorAll("[data-lines]")) {
    const rows = linesOf(body);
    rows.forEach((row, index) => (row.querySelector(".no span").textContent = index + 1));
    const count = sheet.form.querySelector(`[data-lines-count="${body.dataset.lines}"]`);
    if (count) count.textContent = rows.length || "";
  }
}

export const linesOf = (body) => [...body.rows].filter((row) => row.dataset.line);

/* The cells of a line that are filled in, in their order. */
export const cellsOf = (row) => [...row.querySelectorAll("td.in")];

/* What of a cell takes the focus. */
export const inputOf = (cell) => cell?.querySelector("input:not([type=hidden]):not([hidden]), select:not([hidden]), textarea");

const YES = ["1", "true", "yes", "y", "x", "✓", "是", "对"];
const DAY = /^(\d{1,2})[./](\d{1,2})[./](\d{4})$/;
const FULL = /^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/;

/* Put a text into a cell as if it had been typed; a picker's comes back, to be looked up. */
export function put(cell, text) {
  const picker = cell.querySelector("link-picker");
  if (picker) return picker;
  const input = inputOf(cell);
  if (!input) return null;
  if (input.type === "checkbox") input.checked = YES.includes(text.toLowerCase());
  else if (input.tagName === "SELECT") input.value = optionFor(input, text);
  else if (input.type === "date") input.value = isoDay(text);
  else input.value = text;
  return null;
}

function optionFor(select, text) {
  const wanted = text.toLowerCase();
  const found = [...select.options].find((one) => one.textContent.trim().toLowerCase() === wanted || one.value === text);
  return found?.value ?? "";
}

/* 2026-12-24, 2026/12/24, 24.12.2026; 24/12/2026 as English reads it outside of America. */
function isoDay(text) {
  const full = FULL.exec(text);
  const [year, month, day] = full ? full.slice(1) : (DAY.exec(text)?.slice(1).reverse() ?? ["", "", ""]);
  return year ? `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}` : "";
}

/* What a cell holds, as text. */
export function textOf(cell) {
  const input = inputOf(cell);
  if (!input) return "";
  return input.type === "checkbox" ? (input.checked ? "1" : "") : input.tagName === "SELECT" ? (input.selectedOptions[0]?.textContent.trim() ?? "") : input.value;
}
