/* <link-picker data-source="…"><select name="customer">…</select></link-picker>

   A combobox over the select: type, choose from what the server finds, Escape takes it back. The select
   keeps the value that is sent, and is all there is where no script runs. `picker.chosenFields`
   holds those fields of a record just chosen that the form's rules read. */

import { Suggestions } from "./suggestions.js";

const WAIT = 150;

class LinkPicker extends HTMLElement {
  connectedCallback() {
    if (this.input) return;
    this.select = this.querySelector("select");
    this.querySelector(".combo")?.remove();
    this.chosenFields = null;
    this.found = [];
    this.build();
  }

  build() {
    this.select.hidden = true;
    this.input = document.createElement("input");
    Object.assign(this.input, { className: "input", type: "text", autocomplete: "off", value: this.chosen });
    for (const name of ["aria-label", "aria-labelledby", "aria-describedby", "aria-invalid", "aria-required"]) {
      if (this.select.hasAttribute(name)) this.input.setAttribute(name, this.select.getAttribute(name));
    }
    this.input.id = this.select.id;
    this.select.removeAttribute("id");
    this.input.setAttribute("role", "combobox");
    this.input.setAttribute("aria-expanded", "false");
    this.offered = new Suggestions(this.input, this.label, (index) => this.choose(this.found[index]));
    this.offered.element.prepend(this.input);
    this.append(this.offered.element);
    this.listen();
  }

  listen() {
    this.input.addEventListener("input", () => this.look());
    this.input.addEventListener("click", () => this.offered.open || this.look(""));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("focus", () => this.input.select());
    this.input.addEventListener("blur", () => this.leave());
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
    this.offered.offer(found.map((choice) => this.said(choice)), found.findIndex((choice) => String(choice.id) === this.select.value));
  }

  said(choice) {
    return choice.address ? { title: (this.closest("[data-new]")?.dataset.new ?? "+ %s").replace("%s", choice.title) } : choice;
  }

  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) {
      event.preventDefault();
      if (this.offered.open) this.offered.step(step);
      else this.look("");
    } else if (event.key === "Enter" && this.offered.open) {
      event.preventDefault();
      if (this.offered.active >= 0) this.choose(this.found[this.offered.active]);
    } else if (event.key === "Escape" && this.offered.open) {
      event.preventDefault();
      event.stopPropagation();
      this.offered.show(false);
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
    this.offered.show(false);
    window.open(`${address}?${new URLSearchParams({ title })}`, "_blank");
    window.addEventListener("focus", () => {
      this.input.focus();
      this.input.value = title;
      this.look(title);
    }, { once: true });
  }

  /* Chosen without a word to the form. */
  take(choice) {
    this.offered.show(false);
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
    if (this.offered.open) {
      const meant = this.found.filter((choice) => choice.id && choice.title.toLowerCase() === text.toLowerCase());
      if (meant.length === 1 && String(meant[0].id) !== this.select.value) return this.choose(meant[0]);
    }
    if (!text && this.select.value) return this.choose(null);
    this.offered.show(false);
    this.input.value = this.chosen;
  }
}

customElements.define("link-picker", LinkPicker);
