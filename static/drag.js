/* Carrying something with the pointer to a place. A press that stays where it is remains a click.

   drag({ find(target, x), says(source), goal(source, x, y), drop(source, goal), lift(source) })
   `lift`, if given, hears of what is taken up; `goal` gives where it would go, with `line`: the box that shows it, and `words`
   that the hand carries there; nothing where it can't. */

const FAR = 6; /* pixels from which on a press is a drag */

export function drag({ find, says, goal, drop, lift }) {
  let source, start, at, carried, line, place, turning;

  document.addEventListener("pointerdown", (event) => {
    source = event.button === 0 ? find(event.target, event.clientX) : null;
    start = [event.clientX, event.clientY];
  });
  document.addEventListener("pointermove", (event) => {
    if (!source) return;
    const { clientX: x, clientY: y } = event;
    if (!carried && Math.hypot(x - start[0], y - start[1]) < FAR) return;
    if (!carried) begin();
    carried.style.left = `${x}px`;
    carried.style.top = `${y}px`;
    at = [x, y];
    look();
  });
  document.addEventListener("pointerup", () => {
    const [carrying, where, what] = [carried, place, source];
    end();
    if (!carrying) return;
    document.addEventListener("click", swallow, { capture: true, once: true });
    setTimeout(() => document.removeEventListener("click", swallow, { capture: true }));
    if (where) drop(what, where);
  });
  document.addEventListener("pointercancel", end);
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && carried) { event.stopImmediatePropagation(); end(); }
  }, true);
  document.addEventListener("dragstart", (event) => { if (source) event.preventDefault(); });

  /* Where it would go now; again and again, since what lies below may scroll while the hand is still. */
  function look() {
    scroll(...at);
    place = goal(source, ...at);
    line.hidden = !place;
    if (place?.words) carried.textContent = place.words;
    if (place) for (const [side, size] of Object.entries(place.line)) line.style[side] = `${size}px`;
  }

  function begin() {
    turning = setInterval(look, 50);
    carried = document.body.appendChild(Object.assign(document.createElement("div"), { className: "carried", textContent: says(source) }));
    line = document.body.appendChild(Object.assign(document.createElement("div"), { className: "drop-line", hidden: true }));
    document.documentElement.classList.add("dragging");
    (source.closest("[data-unit], [data-column]") ?? source).classList.add("dragged");
    lift?.(source);
  }

  function end() {
    clearInterval(turning);
    carried?.remove();
    line?.remove();
    document.documentElement.classList.remove("dragging");
    for (const one of document.querySelectorAll(".dragged")) one.classList.remove("dragged");
    source = carried = line = place = null;
  }
}

function swallow(event) {
  event.preventDefault();
  event.stopPropagation();
}

/* Near the edge of what scrolls, it scrolls: the page or a column up and down, a board or a timeline sideways. */
function scroll(x, y) {
  const under = document.elementFromPoint(x, y);
  const near = (at, first, last) => (at < first + 40 ? -12 : at > last - 40 ? 12 : 0);
  const [column, board] = [under?.closest(".canvas, .cards-of"), under?.closest(".board, .timeline .scroll")];
  if (column) column.scrollBy(0, near(y, column.getBoundingClientRect().top, column.getBoundingClientRect().bottom));
  if (board) board.scrollBy(near(x, board.getBoundingClientRect().left, board.getBoundingClientRect().right), 0);
}
