/* <signature-pad><canvas></canvas><input type="hidden"><button></button></signature-pad>

   What is drawn goes into the input as a PNG; without script only the name beside it can be entered. */

class SignaturePad extends HTMLElement {
  connectedCallback() {
    this.canvas = this.querySelector("canvas");
    this.input = this.querySelector("input");
    this.again = this.querySelector("button");
    this.pen = this.canvas.getContext("2d");
    Object.assign(this.pen, { lineWidth: 4, lineCap: "round", lineJoin: "round", strokeStyle: "#1d2125" });
    for (const part of this.querySelectorAll("[hidden]:not(button)")) part.hidden = false;
    this.again.addEventListener("click", () => this.clear());
    for (const kind of ["pointerdown", "pointermove", "pointerup", "pointercancel"]) this.canvas.addEventListener(kind, this);
    if (this.input.value) this.show(this.input.value);
  }

  handleEvent(event) {
    if (event.type === "pointerdown") {
      event.preventDefault();
      this.canvas.setPointerCapture(event.pointerId);
      this.pen.beginPath();
      this.pen.moveTo(...this.place(event));
      this.drawing = true;
    } else if (this.drawing) {
      for (const point of event.getCoalescedEvents?.() ?? []) this.pen.lineTo(...this.place(point));
      this.pen.lineTo(...this.place(event));
      this.pen.stroke();
      if (event.type !== "pointermove") this.keep();
    }
  }

  keep() {
    this.drawing = false;
    this.input.value = this.canvas.toDataURL("image/png");
    this.again.hidden = false;
  }

  clear() {
    this.pen.clearRect(0, 0, this.canvas.width, this.canvas.height);
    this.input.value = "";
    this.again.hidden = true;
    this.parentElement.querySelector("[name=vote-signed]").focus();
  }

  show(drawn) {
    const image = new Image();
    image.onload = () => this.pen.drawImage(image, 0, 0);
    image.src = drawn;
    this.again.hidden = false;
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    return [((event.clientX - box.left) * this.canvas.width) / box.width, ((event.clientY - box.top) * this.canvas.height) / box.height];
  }
}

customElements.define("signature-pad", SignaturePad);
