// Several pictures in one file input: shown small, taken out again, added in more than one go. Each is made
// small on the phone and, where the box names an address (data-ahead), goes up while the words are being
// written; the form then sends its token. One that did not arrive goes with the form, as without JavaScript.
// The server checks everything again; here a person is told before a long upload fails.
import { shrink } from "./shrink.js";

// After this a stalled picture is left to the form.
const PATIENCE = 90000;

function setUp(box) {
  const input = box.querySelector("input[type=file]"), form = input.form;
  const previews = box.querySelector("[data-previews]"), error = box.querySelector("[role=alert]"), status = box.querySelector("[data-progress]");
  const take_out = previews.querySelector("template");
  let chosen = [], queue = Promise.resolve(), submitter = null;

  const say = (words) => {
    error.hidden = !words;
    error.querySelector("[data-words]").textContent = words || "";
  };

  const write = () => {
    const files = new DataTransfer();
    for (const one of chosen) if (!one.token) files.items.add(one.small || one.file);
    input.files = files.files;
  };

  const under_way = () => chosen.filter((one) => one.state === "waiting");
  const progress = () => {
    const left = under_way(), sent = chosen.filter((one) => one.token).length;
    const bytes = left.reduce((sum, one) => sum + one.sent, 0) / Math.max(1, left.length);
    if (left.length && box.dataset.ahead) status.textContent = `${submitter ? box.dataset.waits : box.dataset.sending} ${Math.floor(100 * bytes)}%`;
    else status.textContent = sent ? box.dataset.sent.replace("0", sent) : "";
    status.hidden = !status.textContent;
    if (!left.length && submitter) {
      const button = submitter;
      submitter = null;
      setTimeout(() => form.requestSubmit(button.isConnected && button !== form ? button : null));
    }
  };

  const remove = (one) => {
    one.xhr?.abort();
    chosen = chosen.filter((other) => other !== one);
    one.item.remove();
    number();
  };

  const number = () => {
    write();
    chosen.forEach((one, at) => {
      const name = `${box.dataset.chosen} ${at + 1}`;
      const image = one.item.querySelector("img");
      if (image) image.alt = name;
      else one.item.querySelector(".name").textContent = name;
      one.item.querySelector("button").setAttribute("aria-label", `${box.dataset.remove}: ${name}`);
    });
    previews.hidden = chosen.length === 0;
    progress();
  };

  const dress = (one) => {
    const button = take_out.content.firstElementChild.cloneNode(true);
    button.addEventListener("click", () => {
      say("");
      remove(one);
      input.focus();
    });
    one.item.append(button);
  };

  const show = (one) => {
    one.item = document.createElement("div");
    one.item.className = "picture";
    const image = document.createElement("img");
    image.src = URL.createObjectURL(one.file);
    image.onload = () => URL.revokeObjectURL(image.src);
    // A browser that cannot draw it (HEIC) shows its name; the server can.
    image.onerror = () => {
      const words = document.createElement("span");
      words.className = "name";
      words.textContent = image.alt;
      image.replaceWith(words);
    };
    one.bar = document.createElement("progress");
    one.bar.setAttribute("aria-hidden", "true");
    one.bar.hidden = !box.dataset.ahead;
    one.item.append(image, one.bar);
    dress(one);
    previews.append(one.item);
  };

  const keep = (one, token) => {
    one.token = token;
    const hidden = document.createElement("input");
    hidden.type = "hidden";
    hidden.name = `${input.name}_early`;
    hidden.value = token;
    one.item.append(hidden);
  };

  const send = (one) =>
    new Promise((done) => {
      const body = new FormData(), xhr = new XMLHttpRequest();
      body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      body.append("ticket", box.dataset.ticket);
      if (form.elements.sealed) body.append("sealed", form.elements.sealed.value);
      body.append("picture", one.small, one.small.name);
      one.xhr = xhr;
      xhr.open("POST", box.dataset.ahead);
      xhr.timeout = PATIENCE;
      xhr.responseType = "json";
      xhr.upload.onprogress = (event) => {
        one.sent = event.lengthComputable ? event.loaded / event.total : 0;
        one.bar.value = one.sent;
        progress();
      };
      xhr.onload = () => {
        if (xhr.status === 200 && xhr.response?.token) keep(one, xhr.response.token);
        else if (xhr.status === 422 && xhr.response?.message) {
          say(xhr.response.message);
          // The button was pressed while it went up: what is wrong is to be read first.
          submitter = null;
          remove(one);
        }
        done();
      };
      xhr.onerror = xhr.ontimeout = xhr.onabort = done;
      xhr.send(body);
    });

  const prepare = async (one) => {
    if (!chosen.includes(one)) return;
    one.small = await shrink(one.file);
    write();
    if (box.dataset.ahead && chosen.includes(one)) await send(one);
    one.state = "done";
    one.bar.hidden = true;
    if (chosen.includes(one)) number();
  };

  const add = () => {
    const limit = Number(box.dataset.maxMb) * 1024 * 1024;
    const fresh = [...input.files];
    const fits = fresh.filter((file) => file.size <= limit);
    const known = (file) => chosen.some(({ file: one }) => one && one.name === file.name && one.size === file.size && one.lastModified === file.lastModified);
    const added = fits.filter((file) => !known(file)).map((file) => ({ file, state: "waiting", sent: 0, token: "" }));
    const room = Math.max(0, Number(box.dataset.max) - chosen.length);
    say(added.length > room ? box.dataset.tooMany : fits.length < fresh.length ? box.dataset.tooBig : "");
    for (const one of added.slice(0, room)) {
      chosen.push(one);
      show(one);
      queue = queue.then(() => prepare(one));
    }
    number();
  };
  input.addEventListener("change", add);

  // A press while a picture is still on its way is carried out when it has arrived.
  form?.addEventListener("submit", (event) => {
    if (!under_way().length || event.submitter?.formNoValidate) return;
    event.preventDefault();
    event.stopPropagation();
    submitter = event.submitter || form;
    progress();
  }, true);

  for (const item of previews.querySelectorAll("[data-early]")) {
    const one = { item, state: "done", sent: 1, token: item.querySelector("input").value };
    chosen.push(one);
    dress(one);
  }
  // Chosen before this script was there, too; a refusal that the page came with stays.
  if (input.files.length) add();
  else number();
}

// Old browsers cannot fill a file input by hand; they keep the plain one.
let able = false;
try {
  able = Boolean(new DataTransfer());
} catch {
  able = false;
}
if (able) document.querySelectorAll("[data-upload]").forEach(setUp);
