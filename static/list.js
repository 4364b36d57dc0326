/* Rows of a list picked to be changed together, filters and what opens in front of the list. The boxes are a form of plain HTML; this adds
   "all on this page", ranges with Shift, the count, and the question in front of the list. */

import { ask } from "./app.js";

let last = null; // the box from which a range begins

const boxes = () => [...document.querySelectorAll("input[form=bulk][name=record]")];

function draw() {
  const all = boxes();
  const picked = all.filter((box) => box.checked).length;
  const said = document.querySelector("[data-picked]");
  if (!said) return;
  said.textContent = said.dataset.picked.replace("%s", picked);
  const whole = document.querySelector("#pick-all");
  whole.closest("label").hidden = !all.length;
  whole.checked = all.length > 0 && picked === all.length;
  whole.indeterminate = picked > 0 && picked < all.length;
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("input[form=bulk][name=record]");
  if (!box) return;
  const all = boxes();
  if (event.shiftKey && last && all.includes(last)) {
    const ends = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of all.slice(ends[0], ends[1] + 1)) one.checked = box.checked;
  }
  last = box;
  draw();
});

document.addEventListener("change", (event) => {
  if (event.target.id !== "pick-all") return;
  for (const box of boxes()) box.checked = event.target.checked;
  draw();
});

document.addEventListener("reset", (event) => event.target.id === "bulk" && setTimeout(draw));

document.addEventListener("submit", (event) => {
  if (event.target.id !== "bulk") return;
  event.preventDefault();
  const data = new FormData(event.target, event.submitter);
  if (data.has("all")) data.delete("record");
  ask(`${event.target.getAttribute("action")}?${new URLSearchParams(data)}`);
});

/* A heading with Shift sorts by its column too, after what the list is sorted by already. */
document.addEventListener("click", (event) => {
  const link = event.shiftKey && event.target.closest("a[data-also]");
  if (!link) return;
  event.preventDefault();
  event.stopPropagation();
  htmx.ajax("GET", link.dataset.also, { source: link, target: "#content", select: "#content", swap: "morph:outerHTML" });
}, true);

/* Filters: another field or comparison asks for other values; a picked record joins those that were picked. */
for (const kind of ["change", "input"]) {
  document.addEventListener(kind, (event) => {
    const drawn = kind === "change" ? "[data-redraw]" : "link-picker select";
    const form = event.target.closest("#filter-editor");
    if (form && event.target.matches(drawn)) form.querySelector("#redraw").click();
  });
}

/* A menu is filled when it opens. */
document.addEventListener("toggle", ({ target }) => {
  if (!target.open || !target.dataset.menu) return;
  htmx.ajax("GET", target.dataset.menu, { target, select: `#${target.id}`, swap: "morph:outerHTML" });
}, true);

/* What was typed since the form was sent stays when it is drawn anew. */
const written = () => [...document.querySelectorAll("#filter-editor input.input")].map(({ id, value }) => [id, value]);
let sent = new Map();
let since = [];
document.addEventListener("htmx:beforeRequest", () => (sent = new Map(written())));
document.addEventListener("htmx:beforeSwap", () => (since = written().filter(([id, value]) => sent.get(id) !== value)));
document.addEventListener("htmx:afterSwap", () => {
  for (const [id, value] of since) {
    const field = document.getElementById(id);
    if (field?.matches("#filter-editor input.input")) field.value = value;
  }
});

/* What a link asks opens in front of the list. */
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-ask]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  ask(link.href);
});

document.addEventListener("htmx:afterSettle", draw);
draw();

/* On a narrow screen the view that is open may stand beyond the edge. */
const tab = document.querySelector(".tabs [aria-current]");
if (tab) tab.parentElement.scrollLeft = tab.offsetLeft + tab.offsetWidth - tab.parentElement.clientWidth;
