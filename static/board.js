/* A board: a card is carried to another column, which asks the server for the way there. What the server says
   against it opens in front of the board; either way the board is then drawn as it stands. */

import { drag } from "./drag.js";

const board = () => document.querySelector("#list[data-board]");
const here = () => location.pathname + location.search;

/* ---- by pointer ---- */

drag({
  find: (target) => target.closest(".board [data-card]:not([aria-busy])"),
  says: (card) => card.querySelector(".key").textContent,
  goal(card, x, y) {
    const column = document.elementFromPoint(x, y)?.closest(".board [data-place]");
    if (!column || column === card.closest("[data-place]")) return null;
    const { left, top, width, height } = column.getBoundingClientRect();
    return { column, line: { left, top, width, height } };
  },
  drop: (card, { column }) => move(card, column),
});

async function move(card, column) {
  const { card: id, rev, status, base } = card.dataset;
  const seen = base ? { base } : { rev, status };
  const values = { by: board().dataset.board, to: column.dataset.place, next: here(), ...seen };
  card.setAttribute("aria-busy", "true");
  column.querySelector(".cards-of").prepend(card);
  await htmx.ajax("POST", `${board().dataset.path}${id}/place`, { target: "#dialog", select: "#question", swap: "innerHTML", values });
  if (!document.querySelector("#dialog").open && card.isConnected && card.hasAttribute("aria-busy")) refresh();
}

const refresh = () => htmx.ajax("GET", here(), { target: "#content", select: "#content", swap: "morph:outerHTML" });

document.querySelector("#dialog").addEventListener("close", () => document.querySelector("[data-card][aria-busy]") && refresh());

/* ---- by keys: arrows go from card to card, m moves the one with the focus ---- */

document.addEventListener("keydown", (event) => {
  const card = event.target.closest?.(".board [data-card]");
  if (!card || event.ctrlKey || event.metaKey || event.altKey) return;
  const next = beside(card, event.key);
  if (next) {
    event.preventDefault();
    next.querySelector(".key").focus();
  } else if (event.key === "m") {
    event.preventDefault();
    card.querySelector(".move")?.click();
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
