/* The formula that is being typed: names and functions completed, by arrows and Enter or a click; conditions
   that show their values as soon as their field or comparison is another one. */

const area = () => document.querySelector("#formula");
const list = () => document.querySelector("#completions");
const WORD = /[\p{L}_][\p{L}\p{N}_.]*$/u;

function wordBefore(box) {
  return WORD.exec(box.value.slice(0, box.selectionStart))?.[0] ?? "";
}

function insert(text, over = 0) {
  const box = area();
  box.setRangeText(text, box.selectionStart - over, box.selectionEnd, "end");
  box.focus();
  close();
  box.dispatchEvent(new Event("completed", { bubbles: true }));
}

function close() {
  list().hidden = true;
  area().removeAttribute("aria-activedescendant");
}

function open(word) {
  const low = word.toLowerCase();
  const names = [...document.querySelectorAll("#names [data-insert]")];
  const fits = names.filter(({ dataset }) => [dataset.insert, ...(dataset.search ?? "").split("|")].some((name) => name.toLowerCase().startsWith(low)));
  list().replaceChildren(...fits.slice(0, 8).map((button, at) => {
    const item = document.createElement("li");
    item.role = "option";
    item.id = `completion-${at}`;
    item.dataset.insert = button.dataset.insert;
    item.textContent = button.dataset.also ? `${button.dataset.also} – ${button.dataset.insert}` : button.dataset.insert;
    return item;
  }));
  const any = fits.length > 0 && !(fits.length === 1 && fits[0].dataset.insert === word);
  list().hidden = !any;
  if (any) choose(0);
}

function choose(at) {
  const items = [...list().children];
  const next = (at + items.length) % items.length;
  items.forEach((item, place) => item.setAttribute("aria-selected", String(place === next)));
  area().setAttribute("aria-activedescendant", items[next].id);
}

document.addEventListener("input", (event) => {
  if (event.target.id !== "formula") return;
  const word = wordBefore(event.target);
  if (word.length) open(word);
  else close();
});

document.addEventListener("keydown", (event) => {
  if (event.target.id !== "formula" || list().hidden) return;
  const at = [...list().children].findIndex((item) => item.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") choose(at + 1);
  else if (event.key === "ArrowUp") choose(at - 1);
  else if (event.key === "Enter" || event.key === "Tab") insert(list().children[at].dataset.insert, wordBefore(area()).length);
  else if (event.key === "Escape") close();
  else return;
  event.preventDefault();
});

document.addEventListener("click", (event) => {
  const item = event.target.closest("#completions [data-insert]");
  const name = event.target.closest("#names [data-insert]");
  if (item) insert(item.dataset.insert, wordBefore(area()).length);
  else if (name) insert(name.dataset.insert);
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-redraw]")) document.querySelector("#redraw").click();
});
