/* Tasks ticked to be done together: their count, all of a form at once, ranges with Shift, and the question in
   front of the page. Without script the buttons above send what is ticked. */

import { ask } from "./app.js";

let last = null; // the box from which a range begins

const boxes = (form) => [...document.querySelectorAll(`input[type=checkbox][form="${form.id}"]`)];

function draw() {
  for (const form of document.querySelectorAll("form[data-together]")) {
    const all = boxes(form);
    const ticked = all.filter((box) => box.checked).length;
    const every = form.querySelector("[data-every]");
    every.closest("label").hidden = false;
    form.querySelector(".of").hidden = true;
    every.checked = ticked === all.length;
    every.indeterminate = ticked > 0 && ticked < all.length;
    const said = form.querySelector("[data-ticked]");
    said.textContent = ticked ? said.dataset.ticked.replace("%s", ticked) : "";
    for (const button of form.querySelectorAll("button")) button.hidden = ticked === 0;
  }
}

document.addEventListener("click", (event) => {
  const box = event.target.closest("input[type=checkbox][name=record]");
  if (!box?.form?.matches("[data-together]")) return;
  const all = boxes(box.form);
  if (event.shiftKey && last && all.includes(last)) {
    const ends = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
    for (const one of all.slice(ends[0], ends[1] + 1)) one.checked = box.checked;
  }
  last = box;
  draw();
});

document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-every]")) return;
  for (const box of boxes(event.target.form)) box.checked = event.target.checked;
  draw();
});

document.addEventListener("submit", (event) => {
  if (!event.target.matches("[data-together]")) return;
  event.preventDefault();
  ask(`${event.target.getAttribute("action")}?${new URLSearchParams(new FormData(event.target, event.submitter))}`);
});

draw();
