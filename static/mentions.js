/* <mention-box data-source="…/people"><textarea></textarea></mention-box>

   "@" and the beginning of a name offers those who may be called; Enter or a click puts the name there.
   Who was chosen is sent along, for people of the same name. */

const WAIT = 120;
const CALLING = /(?:^|[^\w.])@([^@\n]{0,40})$/u;
let counter = 0;

class MentionBox extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    if (!this.area || this.list) return;
    this.found = [];
    this.active = -1;
    this.nobody = ""; // no name begins like this
    this.list = document.createElement("ul");
    this.list.id = `called-${(counter += 1)}`;
    this.list.className = "list";
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", this.querySelector("label").textContent.trim());
    this.list.hidden = true;
    const combo = document.createElement("span");
    combo.className = "combo";
    combo.append(this.list);
    this.append(combo);
    this.area.setAttribute("aria-autocomplete", "list");
    this.area.addEventListener("input", () => this.look());
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("blur", () => this.show([]));
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("[role=option]");
      if (item) this.choose(this.found[[...this.list.children].indexOf(item)]);
    });
  }

  /* What stands between the last "@" and the caret. */
  get begun() {
    return CALLING.exec(this.area.value.slice(0, this.area.selectionStart))?.[1];
  }

  look() {
    clearTimeout(this.waiting);
    const begun = this.begun;
    if (begun === undefined || (this.nobody && begun.startsWith(this.nobody))) return this.show([]);
    this.waiting = setTimeout(async () => {
      const address = `${this.dataset.source}?q=${encodeURIComponent(begun)}`;
      const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
      const found = answer?.ok ? await answer.json() : [];
      if (!found.length) this.nobody = begun;
      if (this.begun === begun) this.show(found);
    }, WAIT);
  }

  show(found) {
    this.found = found;
    this.list.replaceChildren(...found.map((person, index) => this.option(person, index)));
    this.list.hidden = found.length === 0;
    this.area.toggleAttribute("aria-controls", false);
    if (found.length) {
      this.area.setAttribute("aria-controls", this.list.id);
      this.place();
      this.mark(0);
    } else {
      this.area.removeAttribute("aria-activedescendant");
    }
  }

  option(person, index) {
    const item = document.createElement("li");
    item.setAttribute("role", "option");
    item.id = `${this.list.id}-${index}`;
    item.textContent = person.name;
    return item;
  }

  place() {
    const box = this.area.getBoundingClientRect();
    const below = window.innerHeight - box.bottom > 220 || box.top < 220;
    this.list.style.left = `${box.left}px`;
    this.list.style.minWidth = `${Math.min(box.width, 240)}px`;
    this.list.style.top = below ? `${box.bottom + 4}px` : "auto";
    this.list.style.bottom = below ? "auto" : `${window.innerHeight - box.top + 4}px`;
  }

  mark(index) {
    this.active = index;
    [...this.list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
    const item = this.list.children[index];
    this.area.setAttribute("aria-activedescendant", item.id);
    item.scrollIntoView({ block: "nearest" });
  }

  key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      return this.area.form.requestSubmit();
    }
    if (this.list.hidden) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.mark((this.active + step + this.found.length) % this.found.length);
    else if (event.key === "Enter" || event.key === "Tab") this.choose(this.found[this.active]);
    else if (event.key === "Escape") this.show([]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  choose(person) {
    const caret = this.area.selectionStart;
    const start = caret - this.begun.length;
    this.area.setRangeText(`${person.name} `, start, caret, "end");
    const chosen = document.createElement("input");
    Object.assign(chosen, { type: "hidden", name: "chosen", value: person.id });
    this.append(chosen);
    this.show([]);
    this.area.dispatchEvent(new Event("input", { bubbles: true }));
  }
}

customElements.define("mention-box", MentionBox);
