/* What somebody types into a record is kept in this browser until it is saved: after a reload or a lost connection
   it is offered again. Kept for each person and record, without files; gone on saving, discarding and signing out. */

const PREFIX = "formloom-draft:";
const WAIT = 500;
const KEPT = 14 * 24 * 60 * 60 * 1000;
const APART = ["csrf_token", "key", "base", "rev", "status", "then", "restore"]; /* of the page, not of the person */

let waiting = null;

const form = () => document.querySelector("#record[data-draft]");
const nameOf = (record) => `${PREFIX}${record.dataset.draft}:${new URL(record.action).pathname}`;

/* ---- keeping ---- */

const entries = (record) => [...new FormData(record)].filter(([, value]) => !(value instanceof File));
const typed = (list) => JSON.stringify(list.filter(([name]) => !APART.includes(name)));

function keep() {
  clearTimeout(waiting);
  waiting = null;
  const record = form();
  if (!record?.sheet?.dirty) return;
  try {
    localStorage.setItem(nameOf(record), JSON.stringify({ at: Date.now(), entries: entries(record) }));
  } catch { /* no room: then it is not kept */ }
}

function drop(name) {
  clearTimeout(waiting);
  waiting = null;
  localStorage.removeItem(name);
}

document.addEventListener("input", (event) => {
  if (!event.target.form || event.target.form !== form()) return;
  clearTimeout(waiting);
  waiting = setTimeout(keep, WAIT);
});
for (const leaving of ["pagehide", "visibilitychange"]) addEventListener(leaving, () => waiting && keep(), true);

/* ---- offering ---- */

function kept(name) {
  try {
    const found = JSON.parse(localStorage.getItem(name));
    return found && Date.now() - found.at < KEPT && Array.isArray(found.entries) ? found : null;
  } catch {
    return null;
  }
}

function offer() {
  const [record, bar] = [form(), document.querySelector("#draft")];
  if (!record || !bar || record.sheet?.dirty || record.hasAttribute("data-typed")) return;
  const name = nameOf(record);
  const found = kept(name);
  bar.hidden = !found || typed(found.entries) === typed(entries(record));
  if (bar.hidden) return localStorage.removeItem(name);
  const said = bar.querySelector("[data-said]");
  said.textContent = said.dataset.said.replace("%s", moment(found.at));
  bar.querySelector("[data-restore]").onclick = () => restore(record, found.entries);
}

function moment(at) {
  const [time, language] = [new Date(at), document.documentElement.lang];
  const short = { hour: "2-digit", minute: "2-digit" };
  const today = time.toDateString() === new Date().toDateString();
  return today ? time.toLocaleTimeString(language, short) : time.toLocaleDateString(language, { ...short, day: "numeric", month: "short" });
}

/* The server draws the page with it, as it does after a refusal; what others changed since is merged on saving. */
function restore(record, list) {
  const values = { csrf_token: record.elements.csrf_token.value, key: record.elements.key.value, restore: "1" };
  for (const [name, value] of list) {
    if (name !== "base" && APART.includes(name)) continue;
    values[name] = name in values ? [values[name], value].flat() : value;
  }
  htmx.ajax("POST", record.action, { target: "#content", select: "#content", swap: "outerHTML", values });
}

/* ---- saved, discarded, not gone through ---- */

document.addEventListener("click", (event) => {
  const record = form();
  if (!record || !event.target.closest("[data-discard]")) return;
  drop(nameOf(record));
  if (event.target.closest("#draft")) document.querySelector("#draft").hidden = true;
});

let sending = null; /* the request that saves, and of which draft */

document.addEventListener("htmx:beforeRequest", ({ detail }) => {
  if (detail.elt === form() && detail.requestConfig.verb === "post") sending = { config: detail.requestConfig, record: detail.elt, name: nameOf(detail.elt) };
});

document.addEventListener("htmx:afterRequest", ({ detail }) => {
  if (!sending || detail.requestConfig !== sending.config) return;
  const { record, name } = sending;
  sending = null;
  if (detail.successful && !document.querySelector("#record[data-typed]")) drop(name);
  else if (form() === record) {
    record.sheet.dirty = true; /* it did not arrive */
    keep();
  }
});

/* After record.js, which comes first, has taken up a page. */
document.addEventListener("htmx:afterSettle", () => offer());
for (const key of Object.keys(localStorage)) if (key.startsWith(PREFIX) && !kept(key)) localStorage.removeItem(key);
offer();
