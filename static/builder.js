/* What every design page does besides being HTML: keys for undo and redo, edits that gestures make, redrawing. */

Idiomorph.defaults.ignoreActiveValue = true; /* what is being typed stays while others build */
Idiomorph.defaults.callbacks.beforeAttributeUpdated = (name, node) => name !== "open" || node.localName !== "details"; /* what is folded stays folded */

document.addEventListener("keydown", (event) => {
  const key = event.key.toLowerCase();
  if (!(event.ctrlKey || event.metaKey) || event.altKey || (key !== "z" && key !== "y")) return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const button = document.querySelector(event.shiftKey || key === "y" ? "#redo" : "#undo");
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});

let last = Promise.resolve(); /* quick keys make one edit after the other, each on what the one before left */

/* One edit of definition/edits.py, then the page as it stands after it (or another, at `next`). */
export function edit(name, given, next) {
  last = last.then(() => send(name, given, next));
  return last;
}

function send(name, given, next) {
  const { edits, rev, here } = document.querySelector("#content").dataset;
  const values = { name, arguments: JSON.stringify(given), base: rev, next: next ?? here };
  return htmx.ajax("POST", edits, { target: "body", swap: "morph:innerHTML show:none", values });
}

/* Several edits that are taken back together: [[name, arguments], ...]. */
export const editAll = (edits, next) =>
  edit("several", { edits: edits.map(([name, given]) => ({ name, arguments: given })) }, next);

/* A form marked data-live sends itself when an input of it changes. */
document.addEventListener("change", (event) => {
  const form = event.target.form; /* an input of a table stands in another cell than its form */
  if (form?.matches("[data-live]") && !event.target.closest("[data-waits]")) form.requestSubmit();
});

/* After the page drew itself anew: gestures take hold again, and the problems are counted anew. */
document.addEventListener("htmx:afterSettle", (event) => {
  if (event.detail.target === document.body) document.body.dispatchEvent(new CustomEvent("draft-drawn"));
});
