// Shows the recorder where the browser can record; what it does (recorder.js) is loaded at the first press.
const able = window.MediaRecorder && navigator.mediaDevices?.getUserMedia && typeof DataTransfer === "function";

function show(box) {
  const load = async (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    const pressed = event.currentTarget;
    try {
      (await import("./recorder.js")).setUp(box);
      for (const one of buttons) one.removeEventListener("click", load);
      pressed.click();
    } catch {
      box.querySelector("[data-words]").textContent = box.dataset.denied;
      box.querySelector("[data-error]").hidden = false;
    }
  };
  const buttons = box.querySelectorAll("[data-record-button], [data-record-remove]");
  for (const one of buttons) one.addEventListener("click", load);
  box.hidden = false;
}

if (able) document.querySelectorAll("[data-record]").forEach(show);
