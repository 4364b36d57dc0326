/* What every page does besides being HTML: keys, live figures, menus that close, dialogs, word of failures. */

const figures = "formloom-figures";

/* ---- keys: "/" searches ---- */

document.addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.closest("input, textarea, select, [contenteditable], dialog")) return;
  const field = document.querySelector("#find");
  if (field?.offsetParent) {
    event.preventDefault();
    field.select();
  }
});

/* ---- live figures: what waits for me; the last known ones at once, so that nothing jumps ---- */

function showFigures(counts) {
  for (const place of document.querySelectorAll("[data-count]")) {
    const count = counts[place.dataset.count] ?? 0;
    place.textContent = count ? (count > 99 ? "99+" : count) : "";
  }
}

async function refreshFigures() {
  if (document.hidden || !document.querySelector("[data-count]")) return;
  const answer = await fetch("/inbox/counts", { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok) return;
  const counts = await answer.json();
  sessionStorage.setItem(figures, JSON.stringify(counts));
  showFigures(counts);
}

showFigures(JSON.parse(sessionStorage.getItem(figures) ?? "{}"));
refreshFigures();
setInterval(refreshFigures, 60000);
document.addEventListener("visibilitychange", refreshFigures);
document.addEventListener("submit", (event) => {
  if (!event.target.action.endsWith("/sign-out")) return;
  sessionStorage.removeItem(figures);
  for (const key of Object.keys(localStorage)) if (key.startsWith("formloom-draft:")) localStorage.removeItem(key);
});

/* ---- a page on paper ---- */

document.addEventListener("click", (event) => event.target.closest("[data-print]") && print());

/* ---- menus that open below a summary: one at a time, closed by Escape or a click elsewhere ---- */

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.drop[open]")) if (menu !== except) menu.open = false;
}

document.addEventListener("click", (event) => closeMenus(event.target.closest("details.drop")));
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && event.target.closest("details.drop[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

/* ---- htmx: after a swap the focus stays on the page, failures are said, questions open as dialogs ---- */

const dialog = document.querySelector("#dialog");

/* What stands there for browsers without script would come alive in a swap. */
document.addEventListener("htmx:beforeSwap", ({ detail }) => {
  detail.serverResponse = detail.serverResponse.replace(/<noscript>.*?<\/noscript>/gs, "");
});

document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target === dialog) {
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("input:not([type=hidden]), select, textarea, button")?.focus();
    return;
  }
  showFigures(JSON.parse(sessionStorage.getItem(figures) ?? "{}"));
  const first = document.querySelector("#problems, #refusal, #clashes");
  if (first) first.scrollIntoView({ block: "center" });
  const content = document.querySelector("#content");
  if (event.detail.target.id === "content" && dialog?.open) dialog.close();
  if (event.detail.target.id === "content" && document.activeElement === document.body) content.focus({ preventScroll: true });
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt.closest("form");
  if (event.detail.successful && form?.method === "post") refreshFigures();
});

for (const failure of ["htmx:responseError", "htmx:sendError"]) {
  document.addEventListener(failure, (event) => say(event.detail.xhr));
}

/* The server's own words where it sent some, else these, else those that the page carries. */
export function say(answer, words = "") {
  const box = document.querySelector("#toasts");
  box.innerHTML = "";
  if (answer?.status && answer.responseText.startsWith("<div")) {
    box.innerHTML = answer.responseText;
  } else {
    const note = document.createElement("div");
    note.className = "alert bad";
    note.textContent = words || box.dataset.failed;
    box.append(note);
  }
}

dialog?.addEventListener("click", (event) => {
  if (event.target === dialog || event.target.closest("[data-close]")) {
    event.preventDefault();
    dialog.close();
  }
});

/* A question of the page behind opens in front of it; in the dialog its form answers in place. */
export const ask = (address) => htmx.ajax("GET", address, { target: dialog, select: "#question", swap: "innerHTML" });

dialog?.addEventListener("submit", (event) => {
  event.preventDefault();
  const form = event.target;
  const pressed = event.submitter?.name ? { [event.submitter.name]: event.submitter.value } : {};
  htmx.ajax(form.method.toUpperCase(), event.submitter?.getAttribute("formaction") ?? form.action, { source: form, values: pressed, target: dialog, select: "#question", swap: "innerHTML" });
});
