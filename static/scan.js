/* <scan-code data-hint data-failed data-close><input><button hidden></button></scan-code>

   Where the browser reads codes and there is a camera, the button opens it; the first code that is read goes
   into the input. */

const PAUSE = 150;

class ScanCode extends HTMLElement {
  connectedCallback() {
    const button = this.querySelector("button");
    if (!("BarcodeDetector" in window) || !navigator.mediaDevices || !button.hidden) return;
    button.hidden = false;
    button.addEventListener("click", () => this.open());
  }

  async open() {
    const dialog = document.body.appendChild(document.createElement("dialog"));
    const video = Object.assign(document.createElement("video"), { muted: true, playsInline: true });
    const hint = Object.assign(document.createElement("p"), { id: "scan-hint", textContent: this.dataset.hint });
    const close = Object.assign(document.createElement("button"), { type: "button", className: "button", textContent: this.dataset.close });
    hint.setAttribute("role", "status");
    dialog.className = "scanning";
    dialog.setAttribute("aria-labelledby", hint.id);
    dialog.append(video, hint, close);
    close.addEventListener("click", () => dialog.close());
    dialog.addEventListener("close", () => {
      for (const track of video.srcObject?.getTracks() ?? []) track.stop();
      dialog.remove();
    });
    dialog.showModal();
    const code = await this.read(dialog, video).catch(() => null);
    if (code) this.take(code, dialog);
    else if (dialog.open) hint.textContent = this.dataset.failed;
  }

  /* The first code in front of the camera; nothing once the dialog was closed. */
  async read(dialog, video) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    video.srcObject = stream;
    if (!dialog.open) return stream.getTracks().forEach((track) => track.stop());
    await video.play();
    const detector = new BarcodeDetector();
    while (dialog.open) {
      const [found] = await detector.detect(video);
      if (found) return found.rawValue;
      await new Promise((resolve) => setTimeout(resolve, PAUSE));
    }
  }

  take(code, dialog) {
    const input = this.querySelector("input");
    if (!dialog.open) return;
    dialog.close();
    navigator.vibrate?.(60);
    input.value = code.trim();
    input.dispatchEvent(new Event("input", { bubbles: true }));
    input.dispatchEvent(new Event("change", { bubbles: true }));
    input.focus();
  }
}

customElements.define("scan-code", ScanCode);
