/* <link-picker data-source="…"><select name="customer">…</select></link-picker>

   A combobox over the select: type, choose from what the server finds, Escape takes it back. The select
   keeps the value that is sent, and is all there is where no script runs. `picker.chosenFields`
   holds those fields of a record just chosen that the form's rules read. */

const WAIT = 150;
let counter = 0;

class LinkPicker extends HTMLElement {
  connectedCallback() {
    if (this.input) return;
    this.select = this.querySelector("select");
    this.querySelector(".combo")?.remove();
    this.chosenFields = null;
    this.found = [];
    this.active = -1;
    this.build();
  }

  build() {
    const list = `picker-${(counter += 1)}`;
    this.select.hidden = true;
    this.input = document.createElement("input");
    Object.assign(this.input, { className: "input", type: "text", autocomplete: "off", value: this.chosen });
    for (const name of ["aria-label", "aria-labelledby", "aria-describedby", "aria-invalid", "aria-required"]) {
      if (this.select.hasAttribute(name)) this.input.setAttribute(name, this.select.getAttribute(name));
    }
    this.input.id = this.select.id;
    this.select.removeAttribute("id");
    this.setAll(this.input, { role: "combobox", "aria-expanded": "false", "aria-controls": list, "aria-autocomplete": "list" });
    this.list = document.createElement("ul");
    this.setAll(this.list, { id: list, class: "list", role: "listbox", "aria-label": this.label });
    this.list.hidden = true;
    const combo = document.createElement("span");
    combo.className = "combo";
    combo.append(this.input, this.list);
    this.append(combo);
    this.listen();
  }

  listen() {
    this.input.addEventListener("input", () => this.look());
    this.input.addEventListener("click", () => this.list.hidden && this.look(""));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("blur", () => this.leave());
    this.list.addEventListener("mousedown", (event) => {
      event.preventDefault();
      const item = event.target.closest("[role=option]");
      if (item) this.choose(this.found[[...this.list.children].indexOf(item)]);
    });
  }

  get label() {
    if (this.input.hasAttribute("aria-label")) return this.input.getAttribute("aria-label");
    const named = this.input.getAttribute("aria-labelledby");
    const element = named ? document.getElementById(named.split(" ")[0]) : document.querySelector(`label[for="${this.input.id}"]`);
    return element?.textContent.trim() ?? "";
  }

  get chosen() {
    return this.select.selectedOptions[0]?.textContent ?? "";
  }

  setAll(element, attributes) {
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  }

  look(text = this.input.value) {
    clearTimeout(this.waiting);
    this.waiting = setTimeout(async () => {
      const answer = await fetch(`${this.dataset.source}?q=${encodeURIComponent(text.trim())}`, { headers: { Accept: "application/json" } }).catch(() => null);
      if (!answer?.ok || !this.contains(document.activeElement)) return;
      const address = answer.headers.get("X-New");
      this.offer([...(await answer.json()), ...(address && text.trim() ? [{ address, title: text.trim() }] : [])]);
    }, WAIT);
    return true;
  }

  offer(found) {
    this.found = found;
    this.list.replaceChildren(...found.map((choice, index) => this.option(choice, index)));
    this.show(found.length > 0);
    this.mark(found.findIndex((choice) => String(choice.id) === this.select.value));
  }

  option(choice, index) {
    const item = document.createElement("li");
    this.setAll(item, { role: "option", id: `${this.list.id}-${index}`, "aria-selected": "false" });
    item.textContent = choice.address ? (this.closest("[data-new]")?.dataset.new ?? "+ %s").replace("%s", choice.title) : choice.title;
    if (choice.subtitle) {
      const beside = document.createElement("span");
      beside.className = "small";
      beside.textContent = choice.subtitle;
      item.append(beside);
    }
    return item;
  }

  show(open) {
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    if (!open) this.input.removeAttribute("aria-activedescendant");
    if (open) this.place();
  }

  /* Inside a scrolling table the list must not be cut off: it stands in front of the page. */
  place() {
    const box = this.input.getBoundingClientRect();
    const below = window.innerHeight - box.bottom > 220 || box.top < 220;
    this.list.style.left = `${box.left}px`;
    this.list.style.minWidth = `${Math.max(box.width, 240)}px`;
    this.list.style.top = below ? `${box.bottom + 4}px` : "auto";
    this.list.style.bottom = below ? "auto" : `${window.innerHeight - box.top + 4}px`;
  }

  mark(index) {
    this.active = index;
    [...this.list.children].forEach((item, i) => item.setAttribute("aria-selected", String(i === index)));
    const item = this.list.children[index];
    if (item) {
      this.input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    }
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.list.hidden) this.look("");
      else this.mark((this.active + step + this.found.length) % this.found.length);
    } else if (event.key === "Enter" && !this.list.hidden) {
      event.preventDefault();
      if (this.active >= 0) this.choose(this.found[this.active]);
    } else if (event.key === "Escape" && !this.list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      this.show(false);
      this.input.value = this.chosen;
    }
  }

  choose(choice) {
    if (choice?.address) return this.make(choice);
    this.take(choice);
    this.select.dispatchEvent(new Event("input", { bubbles: true }));
  }

  /* A new one is made in a page of its own; who comes back finds it here. */
  make({ address, title }) {
    this.show(false);
    window.open(`${address}?${new URLSearchParams({ title })}`, "_blank");
    window.addEventListener("focus", () => {
      this.input.focus();
      this.input.value = title;
      this.look(title);
    }, { once: true });
  }

  /* Chosen without a word to the form. */
  take(choice) {
    this.show(false);
    const option = new Option(choice?.title ?? "", choice?.id ?? "", true, true);
    this.select.replaceChildren(new Option("", ""), option);
    this.select.value = choice ? String(choice.id) : "";
    this.input.value = choice?.title ?? "";
    this.chosenFields = choice?.fields ?? {};
  }

  /* The one record that has exactly this name; null where none has. */
  async named(text) {
    const answer = await fetch(`${this.dataset.source}?q=${encodeURIComponent(text)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    const found = answer?.ok ? (await answer.json()).filter((choice) => choice.title.toLowerCase() === text.toLowerCase()) : [];
    return found.length === 1 ? found[0] : null;
  }

  /* Nothing typed means nothing chosen; one match that was typed in full is meant; the rest is taken back. */
  leave() {
    clearTimeout(this.waiting);
    const text = this.input.value.trim();
    if (!this.list.hidden) {
      const meant = this.found.filter((choice) => choice.id && choice.title.toLowerCase() === text.toLowerCase());
      if (meant.length === 1 && String(meant[0].id) !== this.select.value) return this.choose(meant[0]);
    }
    if (!text && this.select.value) return this.choose(null);
    this.show(false);
    this.input.value = this.chosen;
  }
}

customElements.define("link-picker", LinkPicker);
