/* A board: a card is carried to another column, which asks the server for the way there. What the server says
   against it opens in front of the board; either way the board is then drawn as it stands. */

import { drag } from "./drag.js";

const board = () => document.querySelector("#list[data-board]");
const here = () => location.pathname + location.search;

/* ---- by pointer ---- */

drag({
  find: (target) => target.closest("[data-board] [data-card]:not([aria-busy])"),
  says: (card) => card.querySelector(".key").textContent,
  goal(card, x, y) {
    const column = document.elementFromPoint(x, y)?.closest("[data-board] [data-place]");
    if (!column || column === card.closest("[data-place]")) return null;
    const { left, top, width, height } = column.getBoundingClientRect();
    return { column, line: { left, top, width, height } };
  },
  drop: (card, { column }) => move(card, column),
  lift: mark,
});

/* Columns that the card can't go to step back while it is carried; dropped there all the same, it is told why. */
async function mark(card) {
  for (const one of document.querySelectorAll("[data-place].shut")) one.classList.remove("shut");
  const { board: by, end = "", path } = board().dataset;
  const address = `${path}${card.dataset.card}/place?${new URLSearchParams({ by, end })}`;
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  const open = answer?.ok ? (await answer.json()).open : null;
  if (!open || !card.classList.contains("dragged")) return;
  const own = card.closest("[data-place]");
  for (const one of document.querySelectorAll("[data-place]")) one.classList.toggle("shut", one !== own && !open.includes(one.dataset.place));
}

function move(card, column) {
  const { rev, status, base } = card.dataset;
  const { board: by, end = "" } = board().dataset;
  const from = card.closest("[data-place]").dataset.place;
  const seen = base ? { base, end, from } : { rev, status };
  column.querySelector(".cards-of").prepend(card);
  post(card, { by, to: column.dataset.place, ...seen });
}

/* Asks for the place; the card waits for what is said. */
export function post(card, values) {
  card.setAttribute("aria-busy", "true");
  const address = `${document.querySelector("#list").dataset.path}${card.dataset.card}/place`;
  htmx.ajax("POST", address, { target: "#dialog", select: "#question", swap: "innerHTML", values: { ...values, next: here() } });
}

/* A card that was carried in vain goes back: once the refusal was read, or at once where the server gave no answer. */
function back() {
  if (document.querySelector("[data-card][aria-busy]")) htmx.ajax("GET", here(), { target: "#content", select: "#content", swap: "morph:outerHTML" });
}

document.querySelector("#dialog").addEventListener("close", back);
document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (detail.failed && detail.requestConfig.verb === "post" && ![409, 422].includes(detail.xhr?.status)) back();
});

/* ---- by keys: arrows go from card to card, m moves the one with the focus ---- */

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.("[data-board] [data-card]");
  if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
  const next = beside(card, event.key);
  if (next) {
    event.preventDefault();
    next.querySelector(".key").focus();
  } else if (event.key === "m") {
    event.preventDefault();
    document.querySelector(`#card-${card.dataset.card} .move`)?.click();
  }
});

function beside(card, key) {
  if (key === "ArrowDown" || key === "j") return card.nextElementSibling?.closest("[data-card]");
  if (key === "ArrowUp" || key === "k") return card.previousElementSibling;
  const step = { ArrowRight: 1, ArrowLeft: -1 }[key];
  if (!step) return null;
  const columns = [...board().querySelectorAll("[data-place]")];
  const row = [...card.parentElement.children].indexOf(card);
  for (let at = columns.indexOf(card.closest("[data-place]")) + step; columns[at]; at += step) {
    const cards = columns[at].querySelectorAll("[data-card]");
    if (cards.length) return cards[Math.min(row, cards.length - 1)];
  }
  return null;
}
