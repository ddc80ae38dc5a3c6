// Search on pages that are opened from a folder: browsers start no worker there, so its script runs in a frame of the page.
"use strict";
if (location.protocol === "file:") {
  window.IFrameWorker = class extends EventTarget {
    constructor(url) {
      super();
      this.onmessage = this.onerror = null;
      this.waiting = [];
      const frame = document.createElement("iframe");
      frame.hidden = true;
      frame.title = "search";
      document.body.appendChild(frame);
      this.inside = frame.contentWindow;
      this.inside.document.open();
      this.inside.document.write(`<!doctype html><html><body><script src="${url}"></` + "script></body></html>");
      const inside = this.inside;
      inside.postMessage = (data) => this.tell(new MessageEvent("message", { data }));
      inside.importScripts = (...urls) => urls.reduce((before, one) => before.then(() => new Promise((done, failed) => {
        const script = inside.document.createElement("script");
        script.src = one;
        script.onload = done;
        script.onerror = failed;
        inside.document.body.appendChild(script);
      })), Promise.resolve());
      inside.addEventListener("error", (event) => this.tell(new ErrorEvent("error", { message: event.message })));
      inside.addEventListener("load", () => {
        const waiting = this.waiting;
        this.waiting = null;
        waiting.forEach((data) => this.postMessage(data));
      });
      inside.document.close();
    }
    tell(event) {
      this.dispatchEvent(event);
      const on = this[`on${event.type}`];
      if (on) on.call(this, event);
    }
    postMessage(data) {
      if (this.waiting) this.waiting.push(data);
      else this.inside.dispatchEvent(new MessageEvent("message", { data }));
    }
    terminate() {
      this.inside.frameElement.remove();
    }
  };
  window.Worker = window.IFrameWorker;
}
