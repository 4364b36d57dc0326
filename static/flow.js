/* The gestures of the flow designer: statuses carried to a place, arrows drawn from one to another, keys, zoom. */
import { edit } from "./builder.js";

const FAR = 5;
const STEP = 20;
const diagram = () => document.querySelector("#diagram");
const svg = () => diagram()?.querySelector("svg");
const boxes = () => [...document.querySelectorAll("#diagram .box")];
let zoom = 1;
let held = null;

const scale = () => zoom;
const place = (box) => ({ x: Number(box.dataset.x), y: Number(box.dataset.y) });
const path = (box) => `status_lists[${diagram().dataset.list}].statuses[${box.dataset.status}]`;

function put(box, x, y) {
  box.dataset.x = Math.round(x);
  box.dataset.y = Math.round(y);
  box.setAttribute("transform", `translate(${box.dataset.x} ${box.dataset.y})`);
}

const keep = (box) => edit("patch", { path: path(box), values: place(box) });

document.addEventListener("pointerdown", (event) => {
  const box = event.button === 0 && event.target.closest?.("#diagram .box");
  if (!box) return;
  const { x, y } = place(box);
  held = { box, x, y, at: [event.clientX, event.clientY], draws: event.target.classList.contains("handle"), moved: false };
});

document.addEventListener("pointermove", (event) => {
  if (!held) return;
  const dx = (event.clientX - held.at[0]) / scale(), dy = (event.clientY - held.at[1]) / scale();
  if (!held.moved && Math.hypot(dx, dy) < FAR) return;
  held.moved = true;
  if (!held.draws) return put(held.box, Math.max(0, held.x + dx), Math.max(0, held.y + dy));
  const line = document.querySelector("#drawing");
  const ground = held.box.querySelector(".ground").getBBox();
  const start = [held.x + ground.width, held.y + ground.height / 2];
  line.removeAttribute("hidden");
  line.setAttribute("d", `M${start[0]} ${start[1]} L${start[0] + dx} ${start[1] + dy}`);
  for (const box of boxes()) box.classList.toggle("aimed", box === over(event) && box !== held.box);
});

const over = (event) => document.elementsFromPoint(event.clientX, event.clientY).map((one) => one.closest(".box")).find(Boolean);

document.addEventListener("pointerup", (event) => {
  const was = held;
  held = null;
  if (!was?.moved) return;
  document.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => document.removeEventListener("click", swallow, { capture: true }));
  if (!was.draws) return keep(was.box);
  document.querySelector("#drawing").setAttribute("hidden", "");
  const target = over(event);
  for (const box of boxes()) box.classList.remove("aimed");
  if (target && target !== was.box) draw(was.box.dataset.status, target.dataset.status);
});

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

document.addEventListener("dragstart", (event) => { if (event.target.closest?.("#diagram")) event.preventDefault(); });

/* The ground is carried by the mouse: a finger and the keys scroll it by themselves. */
let ground = null;

document.addEventListener("pointerdown", (event) => {
  const view = event.target.closest?.("#diagram");
  if (!view || event.button !== 0 || event.pointerType !== "mouse" || event.target.closest("a")) return;
  ground = { view, at: [event.clientX + view.scrollLeft, event.clientY + view.scrollTop] };
  view.classList.add("panned");
});
document.addEventListener("pointermove", (event) => {
  if (ground) ground.view.scrollTo(ground.at[0] - event.clientX, ground.at[1] - event.clientY);
});
document.addEventListener("pointerup", () => {
  ground?.view.classList.remove("panned");
  ground = null;
});

/* A new transition is selected at once, so that it can be named. */
function draw(source, target) {
  const { rev, here } = document.querySelector("#content").dataset;
  const form = document.createElement("form");
  form.method = "post";
  form.action = diagram().dataset.add;
  const token = JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"];
  for (const [name, value] of Object.entries({ source, target, base: rev, next: here, csrf_token: token })) {
    form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
  }
  document.body.append(form);
  form.submit();
}

/* Arrows go to the nearest status that way; with Alt they carry it. */
const WAYS = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };

document.addEventListener("keydown", (event) => {
  const box = event.target.closest?.("#diagram .box"), way = WAYS[event.key];
  if (!box || !way || event.ctrlKey || event.metaKey) return;
  event.preventDefault();
  const { x, y } = place(box);
  if (event.altKey) {
    put(box, Math.max(0, x + way[0] * STEP), Math.max(0, y + way[1] * STEP));
    keep(box);
    return;
  }
  const far = (other) => {
    const [dx, dy] = [place(other).x - x, place(other).y - y];
    const along = dx * way[0] + dy * way[1], beside = Math.abs(dx * way[1]) + Math.abs(dy * way[0]);
    return along > 0 ? along + 2 * beside : Infinity;
  };
  const next = boxes().filter((other) => other !== box).sort((a, b) => far(a) - far(b))[0];
  if (next && far(next) < Infinity) next.focus();
});

function show() {
  const picture = svg();
  if (!picture) return;
  picture.setAttribute("width", picture.dataset.width * zoom);
  picture.setAttribute("height", picture.dataset.height * zoom);
  document.querySelector("#zooms")?.removeAttribute("hidden");
}

function zoomBy(way) {
  zoom = Math.min(2, Math.max(0.4, Math.round((zoom + way * 0.1) * 10) / 10));
  show();
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-zoom]");
  if (button) zoomBy(Number(button.dataset.zoom));
});
document.addEventListener("wheel", (event) => {
  if (!event.ctrlKey || !event.target.closest("#diagram")) return;
  event.preventDefault();
  zoomBy(event.deltaY < 0 ? 1 : -1);
}, { passive: false });
document.body.addEventListener("draft-drawn", show);
show();
