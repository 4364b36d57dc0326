/* A field that a rule locks: it is read and copied, not changed, by mouse or key; it is still sent, as it was. */

export function lock(place, locked) {
  if (place.hasAttribute("data-locked") === locked) return;
  place.toggleAttribute("data-locked", locked);
  for (const input of place.querySelectorAll("input:not([type=hidden]), select, textarea, button")) {
    if ("readOnly" in input) input.readOnly = locked;
    if (locked) input.setAttribute("aria-disabled", "true");
    else input.removeAttribute("aria-disabled");
  }
}

for (const kind of ["mousedown", "click", "keydown", "beforeinput", "drop", "paste"]) {
  document.addEventListener(kind, (event) => {
    const place = event.target.closest?.("#record [data-locked]");
    if (!place || ["Tab", "Escape"].includes(event.key) || event.ctrlKey) return;
    if (kind === "mousedown" && event.target.matches("input, textarea")) return; /* may be selected and copied */
    event.preventDefault();
    event.stopPropagation();
  }, true);
}
