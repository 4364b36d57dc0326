/* An open list or record shows what others changed: it is asked about every few seconds while the page is in
   sight, and drawn anew where something did. What is focused, picked, typed or scrolled stays as it is. */

import { say } from "./app.js";

const EVERY = 4000;
const SLOWER = 30000; /* after something went wrong */

let waiting = null;
let asking = false;

const place = () => document.querySelector("#live[data-live]");

function later(delay = EVERY) {
  clearTimeout(waiting);
  if (!document.hidden) waiting = setTimeout(look, delay);
}

async function look() {
  const live = place();
  if (!live || asking || document.hidden) return later();
  asking = true;
  const { version, live: address } = live.dataset;
  const headers = { Accept: "application/json", "If-None-Match": `"${version}"` };
  const answer = await fetch(address, { headers, cache: "no-store" }).catch(() => null);
  asking = false;
  if (place() !== live || live.dataset.version !== version) return later(); /* the page was drawn anew meanwhile */
  if (answer?.status === 304) return later();
  if (!answer?.ok) return answer && answer.status < 500 ? gone(answer, live) : later(SLOWER);
  const told = await answer.json();
  const seen = answer.headers.get("ETag").replace(/^W\/|"/g, "");
  if (await (document.querySelector("#record") ? record(told) : list(told))) live.dataset.version = seen;
  later();
}

/* Nothing more is asked of what is no longer there, or of a session that has ended. */
function gone(answer, live) {
  live.removeAttribute("data-live");
  if (answer.status === 404 && live.dataset.gone) tell(live.dataset.gone, null);
}

/* What somebody is in the middle of must not move under their hands. */
const busy = () => document.querySelector("dialog[open], .htmx-request, .dragging, [data-card][aria-busy], #list details[open]:not(.folded), #list form.inline");

async function fresh() {
  const answer = await fetch(location.href.split("#")[0], { headers: { Accept: "text/html" } }).catch(() => null);
  if (!answer?.ok) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const plain of page.querySelectorAll("noscript")) plain.remove();
  const [links, loaded] = [page.querySelector("#links"), document.querySelector("#links:not([hx-get])")];
  if (links && loaded) links.replaceWith(loaded.cloneNode(true));
  return page;
}

async function list({ changed }) {
  if (!changed) return true;
  if (busy()) return false;
  const page = await fresh();
  if (!page || busy()) return false;
  for (const id of ["list", "tally"]) morph(document.getElementById(id), page.getElementById(id));
  return true;
}

/* ---- a record ---- */

async function record({ changed, words }) {
  const sheet = document.querySelector("#record").sheet;
  if (!changed) return (await redraw("#talk")) !== null;
  if (sheet?.dirty || written() || document.querySelector("#record :is(tr[data-fresh], [aria-expanded=true])")) {
    tell(words, async () => (await redraw(".rail"))?.querySelector("#talk"));
    return true;
  }
  if (document.querySelector("dialog[open], .htmx-request, .head details[open]")) return false;
  const page = await fresh();
  if (!page || sheet?.dirty) return false;
  whole(page);
  return true;
}

/* Words in the box for comments that were not sent. */
const written = () => [...document.querySelectorAll("#talk textarea")].some((area) => area.value !== area.defaultValue) || document.querySelector("#comment-files")?.files.length > 0;

/* The record as it stands now in place of what is shown. */
function whole(page) {
  const kept = focused();
  const old = document.querySelector("#content");
  const content = document.adoptNode(page.querySelector("#content"));
  old.replaceWith(content);
  document.title = page.title;
  htmx.process(content);
  document.dispatchEvent(new Event("htmx:afterSettle"));
  kept();
}

/* A part of the page beside the form. */
async function redraw(selector) {
  const page = await fresh();
  if (page) morph(document.querySelector(selector), page.querySelector(selector));
  return page && document;
}

/* Says that somebody changed what is being worked on; `show` leads to what it was. */
function tell(words, show) {
  const bar = document.querySelector("#elsewhere");
  if (!bar) return say(null, words);
  bar.hidden = false;
  bar.querySelector("b").textContent = words;
  const button = bar.querySelector("button");
  button.hidden = show === null;
  button.onclick = async () => {
    const where = await show();
    bar.hidden = true;
    where?.scrollIntoView({ block: "start" });
    where?.focus({ preventScroll: true });
  };
}

/* ---- drawing ---- */

/* Puts `now` in place of `old`, part by part. Boxes keep their ticks, and what was typed stays. */
function morph(old, now) {
  if (!old || !now) return;
  const kept = focused();
  Idiomorph.morph(old, now, {
    callbacks: {
      beforeNodeMorphed: (from, to) => !(from.nodeType === 1 && mine(from, to)),
      beforeAttributeUpdated: (name) => !["open", "tabindex"].includes(name),
    },
  });
  htmx.process(old);
  document.dispatchEvent(new Event("htmx:afterSettle"));
  kept();
}

function mine(from, to) {
  if (from.matches("input[type=checkbox]")) {
    to.checked = from.checked;
    return from.id === "pick-all";
  }
  if (from.localName === "mention-box") return true;
  return from.matches("textarea, select, input:not([type=hidden])") && (from === document.activeElement || from.value !== from.defaultValue);
}

/* Remembers what has the focus; the function it gives brings it back, to the same thing in the same row. */
function focused() {
  const element = document.activeElement;
  if (!element || element === document.body) return () => {};
  const { id, selectionStart, selectionEnd } = element;
  const row = element.closest("[id^=row-], [id^=card-]")?.id;
  const at = row ? parts(row).indexOf(element) : -1;
  const [left, top] = [scrollX, scrollY];
  return () => {
    if (!element.isConnected || document.activeElement !== element) {
      const again = (id && document.getElementById(id)) || (element.isConnected && element) || (row && parts(row)[at]);
      again?.focus({ preventScroll: true });
      if (again && selectionStart !== null && selectionStart !== undefined && "setSelectionRange" in again) {
        try { again.setSelectionRange(selectionStart, selectionEnd); } catch { /* not of this kind of input */ }
      }
    }
    scrollTo(left, top);
  };
}

const parts = (row) => [...(document.getElementById(row)?.querySelectorAll("a, button, input, summary") ?? [])];

document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(waiting) : later(0)));
later();
