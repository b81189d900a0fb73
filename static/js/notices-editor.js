// The editor of a notice: a page of rich text over a plain text field. Without this script the field itself
// is there, and its few marks do the same. What is sent is cleaned by the server, whatever stands in it here.
for (const box of document.querySelectorAll("[data-editor]")) {
  const editor = box.querySelector(".editor"), field = box.querySelector("textarea");
  const toolbar = box.querySelector("[data-toolbar]"), writtenAs = box.querySelector("[data-written-as]");

  function show() {
    box.querySelector("[data-without-editor]").hidden = true;
    field.hidden = true;
    toolbar.hidden = editor.hidden = false;
    editor.contentEditable = "true";
    box.querySelector("label").htmlFor = "editor";
    document.execCommand("defaultParagraphSeparator", false, "p");
  }

  function keep() {
    field.value = editor.innerHTML;
    writtenAs.value = "html";
  }

  function block() {
    return (document.queryCommandValue("formatBlock") || "").toLowerCase();
  }

  const verbs = {
    heading: () => document.execCommand("formatBlock", false, block() === "h3" ? "<p>" : "<h3>"),
    link: () => {
      const where = prompt(box.dataset.link)?.trim();
      if (!where) return;
      const address = /^[\d+][\d\s-]{2,}$/.test(where) ? `tel:${where.replace(/\s/g, "")}` : where;
      if (!/^(https?:\/\/|tel:)/i.test(address)) return;
      if (getSelection().isCollapsed) {
        const link = document.createElement("a");
        link.href = address;
        link.textContent = where;
        getSelection().getRangeAt(0).insertNode(link);
      } else document.execCommand("createLink", false, address);
    },
  };

  function mark() {
    for (const button of toolbar.querySelectorAll("[data-do]")) {
      const name = button.dataset.do;
      if (name === "link") continue;
      const on = name === "heading" ? block() === "h3" : document.queryCommandState(name);
      button.setAttribute("aria-pressed", String(on));
    }
  }

  // Keeps the selection in the text while a button is pressed.
  toolbar.addEventListener("mousedown", (event) => event.preventDefault());
  toolbar.addEventListener("click", (event) => {
    const name = event.target.closest("[data-do]")?.dataset.do;
    if (!name) return;
    editor.focus();
    if (verbs[name]) verbs[name]();
    else document.execCommand(name);
    mark();
    keep();
  });
  // Only words are pasted: what else a web page or Word brings along is not ours.
  editor.addEventListener("paste", (event) => {
    event.preventDefault();
    document.execCommand("insertText", false, event.clipboardData.getData("text/plain"));
  });
  editor.addEventListener("drop", (event) => event.preventDefault());
  editor.addEventListener("input", keep);
  document.addEventListener("selectionchange", () => editor.contains(getSelection().anchorNode) && mark());
  show();
  box.closest("form").addEventListener("submit", keep);
}
