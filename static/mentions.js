/* <mention-box data-source="…/people"><textarea></textarea></mention-box>

   "@" and the beginning of a name offers those who may be called; Enter or a click puts the name there.
   Who was chosen is sent along, for people of the same name. */

import { Suggestions } from "./suggestions.js";

const WAIT = 120;
const CALLING = /(?:^|[^\w.])@([^@\n]{0,40})$/u;
const WIDEST = 240;

class MentionBox extends HTMLElement {
  connectedCallback() {
    this.area = this.querySelector("textarea");
    if (!this.area || this.offered) return;
    this.found = [];
    this.nobody = ""; // no name begins like this
    const label = this.querySelector("label").textContent.trim();
    this.offered = new Suggestions(this.area, label, (index) => this.choose(this.found[index]), WIDEST);
    this.append(this.offered.element);
    this.area.addEventListener("input", () => this.look());
    this.area.addEventListener("keydown", (event) => this.key(event));
    this.area.addEventListener("blur", () => this.show([]));
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
    this.offered.offer(found.map(({ name }) => ({ title: name })), 0);
  }

  key(event) {
    if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
      event.preventDefault();
      return this.area.form.requestSubmit();
    }
    if (!this.offered.open) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) this.offered.step(step);
    else if (event.key === "Enter" || event.key === "Tab") this.choose(this.found[this.offered.active]);
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
