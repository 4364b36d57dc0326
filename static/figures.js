/* Numbers as a language writes them: out of inputs, into inputs, into text. Exact, by the engine of the rules. */

import { evaluate } from "./rules.js";

const NUMERIC = ["number", "money", "percent"];
export const there = (value) => value !== null && value !== undefined && value !== "";

export class Figures {
  constructor(language) {
    this.language = language;
    this.fixed = {};
    this.numbers = new Intl.NumberFormat(language, { maximumFractionDigits: 6 });
    this.group = this.numbers.formatToParts(11111).find((part) => part.type === "group")?.value ?? ",";
  }

  /* What somebody typed, in JSON form; null while it is no number yet. */
  plain(text, kind) {
    const digits = text.replaceAll(this.group, "").replaceAll(" ", "").replace("−", "-").replace(/%$/, "");
    if (!/^-?(\d+\.?\d*|\.\d+)$/.test(digits)) return null;
    return kind === "percent" ? evaluate({ "/": [{ var: "v" }, 100] }, { v: digits }, { v: "number" }) : digits;
  }

  /* Rounded to the places that the field keeps. */
  fitted(value, field) {
    if (!there(value) || !("places" in field)) return value ?? null;
    return evaluate({ round: [{ var: "v" }, field.places] }, { v: value }, { v: "number" });
  }

  said(value, field) {
    if (!there(value)) return "";
    if (!NUMERIC.includes(field.kind)) return value;
    const shown = field.kind === "percent" ? this.times100(value) : value;
    return this.format(shown, field) + (field.kind === "percent" ? "%" : "");
  }

  /* As it stands in an input: a percentage without its sign. */
  entered(value, field) {
    if (!there(value)) return "";
    if (field.kind === "moment") return value.slice(0, 16);
    if (!NUMERIC.includes(field.kind)) return value;
    return this.format(field.kind === "percent" ? this.times100(value) : value, field.kind === "money" ? field : {});
  }

  times100(value) {
    return evaluate({ "*": [{ var: "v" }, 100] }, { v: value }, { v: "number" });
  }

  format(digits, { scale }) {
    if (!there(scale)) return this.numbers.format(digits);
    const fixed = { minimumFractionDigits: scale, maximumFractionDigits: scale, roundingMode: "halfExpand" };
    this.fixed[scale] ??= new Intl.NumberFormat(this.language, fixed); // making one takes longer than a hundred uses
    return this.fixed[scale].format(digits);
  }
}
