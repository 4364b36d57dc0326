/* The tabs of a record: links to their parts as they are; with script, without moving the page, and remembered while it stays. */

let last = ""; /* the tab that was open, also after the form was saved */

class RecordTabs extends HTMLElement {
  connectedCallback() {
    this.links = [...this.querySelectorAll(":scope > .tabs a")];
    this.classList.add("shown");
    this.addEventListener("click", this);
    this.addEventListener("focusin", this);
    this.addEventListener("invalid", this, true);
    addEventListener("hashchange", (this.hashed = () => this.open(this.holding(location.hash.slice(1)))));
    this.open(this.holding(location.hash.slice(1)) || (document.getElementById(last) && last) || this.tabOf(this.links[0]));
  }

  disconnectedCallback() {
    removeEventListener("hashchange", this.hashed);
  }

  handleEvent(event) {
    const link = event.target.closest(".tabs a");
    if (event.type === "click" && link) {
      event.preventDefault();
      this.open(this.tabOf(link));
    } else if (event.type !== "click" && !link) this.open(event.target.closest(".sheet-tab")?.id);
  }

  tabOf(link) {
    return link.hash.slice(1);
  }

  /* The tab with this id, or the one in which what has it stands. */
  holding(id) {
    return id && document.getElementById(id)?.closest(".sheet-tab")?.id;
  }

  open(id) {
    if (!id) return;
    last = id;
    for (const tab of this.querySelectorAll(":scope > .sheet-tab")) tab.classList.toggle("open", tab.id === id);
    for (const link of this.links) link.ariaCurrent = this.tabOf(link) === id ? "true" : null;
  }
}

customElements.define("record-tabs", RecordTabs);
