/* An open list or record shows what others changed: it is asked about every few seconds while the page is in
   sight, and drawn anew where something did. What is focused, picked, typed or scrolled stays as it is. */

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
  const drawing = await import("./redraw.js").catch(() => null);
  if (!drawing) return later(SLOWER);
  if (await drawing.draw(told)) live.dataset.version = seen;
  later();
}

/* Nothing more is asked of what is no longer there, or of a session that has ended. */
async function gone(answer, live) {
  live.removeAttribute("data-live");
  if (answer.status !== 404 || !live.dataset.gone) return;
  const { tell } = await import("./redraw.js");
  tell(live.dataset.gone, null);
}

document.addEventListener("visibilitychange", () => (document.hidden ? clearTimeout(waiting) : later(0)));
later();
