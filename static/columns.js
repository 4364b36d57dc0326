/* Columns of a list: a heading is carried to another place, as the buttons of the menu put it there. */

import { drag } from "./drag.js";

const heads = () => [...document.querySelectorAll("#list [data-arranged] > [data-column]")];

/* How many of the other headings stand before x. */
function goal(head, x, y) {
  const table = head.closest("table").getBoundingClientRect();
  const others = heads().filter((one) => one !== head);
  const boxes = others.map((one) => one.getBoundingClientRect());
  const before = boxes.filter((box) => x > box.left + box.width / 2).length;
  if (y < table.top - 40 || y > table.bottom || before === heads().indexOf(head)) return null;
  const left = boxes[before]?.left ?? boxes.at(-1).right;
  return { others, before, line: { left: left - 2, top: table.top, width: 4, height: table.height } };
}

function drop(head, { others, before }) {
  const keys = others.map((one) => one.dataset.column).toSpliced(before, 0, head.dataset.column);
  const address = new URL(head.parentElement.dataset.arranged, location.href);
  address.searchParams.set("columns", keys.join(" "));
  const { pathname, search } = address;
  htmx.ajax("GET", pathname + search, { target: "#content", select: "#content", swap: "morph:outerHTML", push: pathname + search });
}

drag({ find: (target) => target.closest("#list [data-arranged] > [data-column]"), says: (head) => head.innerText.trim(), goal, drop });
