/* What is offered below an input while somebody types: one of the list is marked by keys, chosen by Enter or mouse. */

const LEAST = 240; /* pixels that a list is wide */
const ROOM = 220;
let counter = 0;

export class Suggestions {
  /* `choose` hears the number of the one that was pressed; no list is wider than `widest` for its input's sake alone. */
  constructor(input, label, choose, widest = Infinity) {
    Object.assign(this, { input, widest, active: -1, list: document.createElement("ul"), element: document.createElement("span") });
    this.element.className = "combo";
    this.element.append(this.list);
    Object.assign(this.list, { id: `suggestions-${(counter += 1)}`, className: "list", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", label);
    input.setAttribute("aria-autocomplete", "list");
    input.setAttribute("aria-controls", this.list.id);
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("[role=option]");
      if (item) choose([...this.list.children].indexOf(item));
    });
  }

  get open() {
    return !this.list.hidden;
  }

  /* found: [{title, subtitle}]; marked: the number of the one to begin with. */
  offer(found, marked) {
    this.list.replaceChildren(...found.map((one, index) => this.option(one, index)));
    this.show(found.length > 0);
    this.mark(marked);
  }

  option({ title, subtitle }, index) {
    const item = document.createElement("li");
    item.id = `${this.list.id}-${index}`;
    item.setAttribute("role", "option");
    item.textContent = title;
    if (subtitle) item.append(Object.assign(document.createElement("span"), { className: "small", textContent: subtitle }));
    return item;
  }

  show(open) {
    this.list.hidden = !open;
    if (this.input.role === "combobox") this.input.setAttribute("aria-expanded", String(open));
    if (open) this.place();
    else this.input.removeAttribute("aria-activedescendant");
  }

  /* Inside a scrolling table the list must not be cut off: it stands in front of the page. */
  place() {
    const box = this.input.getBoundingClientRect();
    const below = window.innerHeight - box.bottom > ROOM || box.top < ROOM;
    this.list.style.left = `${box.left}px`;
    this.list.style.minWidth = `${Math.max(Math.min(box.width, this.widest), LEAST)}px`;
    this.list.style.top = below ? `${box.bottom + 4}px` : "auto";
    this.list.style.bottom = below ? "auto" : `${window.innerHeight - box.top + 4}px`;
  }

  mark(index) {
    this.active = index;
    [...this.list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
    const item = this.list.children[index];
    if (!item) return;
    this.input.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  step(by) {
    const count = this.list.children.length;
    this.mark((this.active + by + count) % count);
  }
}
