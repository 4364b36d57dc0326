/* Carrying something with the pointer to a place. A press that stays where it is remains a click; a finger takes up what it stays on,
   and scrolls when it moves at once, unless nothing scrolls there.

   drag({ find(target, x), says(source), goal(source, x, y), drop(source, goal), lift(source) })
   `lift`, if given, hears of what is taken up; `goal` gives where it would go, with `line`: the box that shows it, and `words`
   that the hand carries there; nothing where it can't. */

const FAR = 6; /* pixels from which on a press is a drag */
const HOLD = 350; /* milliseconds after which a finger that stays takes up what is below it */

export function drag({ find, says, goal, drop, lift }) {
  let source, start, at, carried, line, place, turning, holding;

  document.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary) return;
    source = event.button === 0 ? find(event.target, event.clientX) : null;
    start = at = [event.clientX, event.clientY];
    const scrolls = event.pointerType === "touch" && getComputedStyle(event.target).touchAction !== "none";
    holding = source && scrolls ? setTimeout(begin, HOLD) : null;
  });
  document.addEventListener("pointermove", (event) => {
    if (!source || !event.isPrimary) return;
    at = [event.clientX, event.clientY];
    if (!carried && Math.hypot(at[0] - start[0], at[1] - start[1]) < FAR) return;
    if (!carried && holding) return end();
    if (!carried) begin();
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
  document.addEventListener("touchmove", (event) => { if (carried) event.preventDefault(); }, { passive: false });
  document.addEventListener("contextmenu", (event) => { if (source && holding) event.preventDefault(); });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && carried) { event.stopImmediatePropagation(); end(); }
  }, true);
  document.addEventListener("dragstart", (event) => { if (source) event.preventDefault(); });

  /* Where it would go now; again and again, since what lies below may scroll while the hand is still. */
  function look() {
    scroll(...at);
    carried.style.left = `${at[0]}px`;
    carried.style.top = `${at[1]}px`;
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
    look();
  }

  function end() {
    clearTimeout(holding);
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

/* Near the edge of what scrolls, it scrolls: a column or the page up and down, a board or a table sideways. */
function scroll(x, y) {
  const under = document.elementFromPoint(x, y);
  const near = (at, first, last) => (at < first + 40 ? -12 : at > last - 40 ? 12 : 0);
  const [column, board] = [under?.closest(".canvas, .cards-of"), under?.closest(".board, .scroll")];
  const inside = column && column.scrollHeight > column.clientHeight ? column.getBoundingClientRect() : { top: 0, bottom: innerHeight };
  (inside.height ? column : document.scrollingElement).scrollBy(0, near(y, inside.top, inside.bottom));
  if (board) board.scrollBy(near(x, board.getBoundingClientRect().left, board.getBoundingClientRect().right), 0);
}
