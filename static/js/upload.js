// Several pictures in one file input: shown small, taken out again, added in more than one go.
// The server checks everything again; here a person is told before a long upload fails.

function setUp(box) {
  const input = box.querySelector("input[type=file]");
  const previews = box.querySelector("[data-previews]");
  const error = box.querySelector("[role=alert]");
  let chosen = [];

  const say = (words) => {
    error.hidden = !words;
    error.querySelector("[data-words]").textContent = words || "";
  };

  const write = () => {
    const files = new DataTransfer();
    for (const file of chosen) files.items.add(file);
    input.files = files.files;
  };

  const thumb = (file, at) => {
    const item = document.createElement("div");
    item.className = "picture";
    const image = document.createElement("img");
    const name = `${box.dataset.chosen} ${at + 1}`;
    image.alt = name;
    image.src = URL.createObjectURL(file);
    image.onload = () => URL.revokeObjectURL(image.src);
    // A browser that cannot draw it (HEIC) shows its name; the server can.
    image.onerror = () => {
      const words = document.createElement("span");
      words.className = "name";
      words.textContent = name;
      image.replaceWith(words);
    };
    const remove = document.createElement("button");
    remove.type = "button";
    remove.className = "icon-btn";
    remove.setAttribute("aria-label", `${box.dataset.remove}: ${name}`);
    remove.append(document.querySelector("template[data-icon-x]")?.content.cloneNode(true) || "✕");
    remove.addEventListener("click", () => {
      chosen = chosen.filter((one) => one !== file);
      say("");
      show();
      input.focus();
    });
    item.append(image, remove);
    return item;
  };

  const show = () => {
    write();
    previews.replaceChildren(...chosen.map(thumb));
    previews.hidden = chosen.length === 0;
  };

  input.addEventListener("change", () => {
    const limit = Number(box.dataset.maxMb) * 1024 * 1024;
    const fresh = [...input.files];
    const small = fresh.filter((file) => file.size <= limit);
    const known = (file) => chosen.some((one) => one.name === file.name && one.size === file.size && one.lastModified === file.lastModified);
    const all = [...chosen, ...small.filter((file) => !known(file))];
    chosen = all.slice(0, Number(box.dataset.max));
    say(all.length > chosen.length ? box.dataset.tooMany : small.length < fresh.length ? box.dataset.tooBig : "");
    show();
  });
}

// Old browsers cannot fill a file input by hand; they keep the plain one.
let able = false;
try {
  able = Boolean(new DataTransfer());
} catch {
  able = false;
}
if (able) document.querySelectorAll("[data-upload]").forEach(setUp);
