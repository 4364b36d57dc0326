/* What stands in a record's inputs, in JSON form, as the rules read it. */

const TIME_LENGTH = 16; // of a date with hours and minutes

export class Values {
  constructor(form, rules, figures) {
    this.form = form;
    this.rules = rules;
    this.figures = figures;
    this.remember();
    this.index();
  }

  /* Where everything stands, looked up once: two hundred lines have thousands of cells. */
  index() {
    this.inputs = new Map(); // of each name the last: a box comes after its hidden "false"
    this.several = new Map(); // boxes, stars and files have one name
    for (const input of this.form.elements) {
      this.inputs.set(input.name, input);
      if (input.type !== "hidden") this.several.set(input.name, [...(this.several.get(input.name) ?? []), input]);
    }
  }

  /* What the page came with of linked records. */
  remember() {
    this.known = new Map();
    const keep = (path, value) => value?.id && this.known.set(`${path}:${value.id}`, value);
    for (const [key, value] of Object.entries(this.rules.values)) {
      if (!Array.isArray(value)) keep(key, value);
      else for (const line of value) for (const [column, cell] of Object.entries(line ?? {})) keep(`${key}.${column}`, cell);
    }
  }

  input(name) {
    return this.inputs.get(name);
  }

  /* undefined where nothing is asked. */
  at(name, path) {
    const { kind, asks, parts } = this.rules.fields[path];
    if (asks === "parts") return this.parted(name, parts);
    const input = this.inputs.get(name);
    if (!input) return undefined;
    if (asks === "box") return input.checked;
    if (asks === "boxes") return this.checked(name);
    if (asks === "stars") return input.type === "radio" ? (this.checked(name)?.[0] ?? null) : input.value || null;
    if (asks === "files") return this.files(name);
    const text = input.value.trim();
    if (!text) return null;
    if (kind === "link") return this.linked(input, path, Number(text));
    if (asks === "picker") return Number(text);
    if (kind === "moment") return text.length === TIME_LENGTH ? `${text}:00Z` : `${text}Z`;
    return asks === "figure" ? this.figures.plain(text, kind) : text;
  }

  checked(name) {
    const chosen = (this.several.get(name) ?? []).filter((input) => input.checked && input.value).map((input) => input.value);
    return chosen.length ? chosen : null;
  }

  /* Those that are kept, and the names of those just chosen. */
  files(name) {
    const chosen = (this.several.get(name) ?? []).flatMap((input) => [...(input.files ?? [])].map((file) => file.name));
    const found = [...(this.checked(name) ?? []), ...chosen];
    return found.length ? found : null;
  }

  parted(name, parts) {
    const inputs = parts.map((part) => [part, this.inputs.get(`${name}.${part}`)]).filter(([, input]) => input);
    if (!inputs.length) return undefined;
    const filled = inputs.map(([part, input]) => [part, input.value.trim()]).filter(([, text]) => text);
    return filled.length ? Object.fromEntries(filled) : null;
  }

  /* A link with the fields that rules read past it: those of the choice just made, else those the page came with. */
  linked(select, path, id) {
    const picker = select.closest("link-picker");
    return { id, ...(picker?.chosenFields ?? this.known.get(`${path}:${id}`)) };
  }
}
