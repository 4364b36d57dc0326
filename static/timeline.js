/* A timeline: a bar is carried to other days, or one of its ends is pulled; the server is asked as for a day of the calendar. */

import { post } from "./board.js";
import { drag } from "./drag.js";

const DAY = 86400000;
const days = () => [...document.querySelectorAll(".bars [data-day]")];
const add = (day, count) => new Date(Date.parse(day) + count * DAY).toISOString().slice(0, 10);
const between = (from, to) => Math.round((Date.parse(to) - Date.parse(from)) / DAY);

/* Whether this part of a bar ("begin", "end", "whole") can be moved by this person. */
const open = (bar, part) => (part === "whole" ? bar.dataset.begin && bar.dataset.end : bar.dataset[part]);

/* The first and the last day after a part was moved by so many days; no end goes past the other. */
function span({ dataset: { first, last } }, part, count) {
  const [begin, end] = [part === "end" ? first : add(first, count), part === "begin" ? last : add(last, count)];
  if (begin <= end) return [begin, end];
  return part === "begin" ? [last, last] : [first, first];
}

function words([begin, end]) {
  const { lang } = document.documentElement;
  const said = (day) => new Intl.DateTimeFormat(lang === "en" ? "en-GB" : lang, { day: "numeric", month: "short", timeZone: "UTC" }).format(new Date(day));
  return begin === end ? said(begin) : `${said(begin)} – ${said(end)}`;
}

/* Where a bar of these days would stand, as far as they are shown. */
function box(bar, [begin, end]) {
  const shown = days();
  const place = (day) => shown[Math.min(Math.max(between(shown[0].dataset.day, day), 0), shown.length - 1)].getBoundingClientRect();
  const { top, height } = bar.getBoundingClientRect();
  const left = place(begin).left;
  return { left, top, width: place(end).right - left, height };
}

function move(bar, part, [begin, end]) {
  const { base, first, last, begin: start, end: until } = bar.dataset;
  if (begin === first && end === last) return;
  if (part === "whole") post(bar, { by: start, end: until, to: begin, base, from: first });
  else post(bar, part === "begin" ? { by: start, to: begin, base } : { by: until, to: end, base });
}

/* ---- by pointer ---- */

let part, held; /* what was taken hold of, and on which day */

function dayAt(x) {
  const shown = days();
  const place = shown.findIndex((cell) => x < cell.getBoundingClientRect().right);
  return shown.at(place).dataset.day;
}

drag({
  find(target, x) {
    const bar = target.closest(".bars [data-card]:not([aria-busy])");
    if (!bar) return null;
    part = target.closest("[data-grip]")?.dataset.grip ?? "whole";
    held = dayAt(x);
    return open(bar, part) ? bar : null;
  },
  says: (bar) => words(span(bar, part, 0)),
  goal(bar, x) {
    const to = span(bar, part, between(held, dayAt(x)));
    return { to, line: box(bar, to), words: words(to) };
  },
  drop: (bar, { to }) => move(bar, part, to),
});

/* ---- by keys: Alt and an arrow carry the bar, Shift pulls its end, both its beginning; letting go of them lets go of it ---- */

let pulled = null;

document.addEventListener("keydown", (event) => {
  const bar = event.target.closest?.(".bars [data-card]");
  if (!bar || event.ctrlKey || event.metaKey) return;
  const up = { ArrowUp: -1, ArrowDown: 1 }[event.key];
  if (up && !event.altKey && !event.shiftKey) {
    const bars = [...document.querySelectorAll(".bars [data-card]")];
    event.preventDefault();
    return bars[bars.indexOf(bar) + up]?.focus();
  }
  const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
  const which = event.altKey ? (event.shiftKey ? "begin" : "whole") : event.shiftKey ? "end" : "";
  if (!step || !which) return event.key === "Escape" && pull(null);
  event.preventDefault();
  if (!open(bar, which) || bar.hasAttribute("aria-busy")) return;
  const before = pulled?.part === which ? pulled.count : 0;
  pull({ bar, part: which, count: before + step });
});
document.addEventListener("keyup", (event) => ["Alt", "Shift"].includes(event.key) && release());
document.addEventListener("focusout", release);

/* Shows where it would stand; nothing is asked of the server before the keys are let go. */
function pull(now) {
  const bar = (now ?? pulled)?.bar;
  pulled = now;
  if (!bar) return;
  Object.assign(bar.style, { translate: "", inlineSize: "" });
  const to = span(bar, now?.part ?? "whole", now?.count ?? 0);
  bar.querySelector(".days-of").textContent = words(to);
  if (!now) return;
  const { left, width } = box(bar, to);
  Object.assign(bar.style, { translate: `${left - bar.getBoundingClientRect().left}px`, inlineSize: `${width}px` });
}

function release() {
  if (!pulled) return;
  const { bar, part: which, count } = pulled;
  pulled = null;
  move(bar, which, span(bar, which, count));
}
