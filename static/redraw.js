/* Draws anew what others changed in a list or record, as live.js heard of it. */

import { say } from "./app.js";

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

/* Whether what was told of is seen now. */
export const draw = (told) => (document.querySelector("#record") ? record(told) : list(told));

async function list({ changed }) {
  if (!changed) return true;
  if (busy()) return false;
  const page = await fresh();
  if (!page || busy()) return false;
  for (const id of ["list", "tally"]) await morph(document.getElementById(id), page.getElementById(id));
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
  if (page) await morph(document.querySelector(selector), page.querySelector(selector));
  return page && document;
}

/* Says that somebody changed what is being worked on; `show` leads to what it was. */
export function tell(words, show) {
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
async function morph(old, now) {
  if (!old || !now) return;
  await idiomorph();
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

/* Pages that htmx draws anew part by part have it already. */
const idiomorph = () => globalThis.Idiomorph ?? new Promise((done, failed) => {
  const script = document.createElement("script");
  Object.assign(script, { src: new URL("./vendor/idiomorph-ext-0.8.0.min.js", import.meta.url), onload: done, onerror: failed });
  document.head.append(script);
});

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
