/* What every design page does besides being HTML: keys for undo and redo. */

document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== "z") return;
  if (event.target.closest("input, textarea, select, [contenteditable]")) return;
  const button = document.querySelector(event.shiftKey ? "#redo" : "#undo");
  if (!button || button.disabled) return;
  event.preventDefault();
  button.click();
});
