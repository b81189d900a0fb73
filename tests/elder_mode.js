// Measures a page by the numbers of the two modes; tests/elder_mode.py calls these in the browser.
window.elderMode = (() => {
  const LIMITS = {
    large: { text: 36, control: 48, target: 72, contrast: 7 },
    standard: { text: 12, control: 0, target: 44, contrast: 4.5 },
  };
  const LINE = 1.35, PARAGRAPH = 0.3, RING = 4, RING_CONTRAST = 3;
  const FOCUSABLE = 'a[href],button:not([disabled]),input:not([type=hidden]):not([disabled]),select:not([disabled]),textarea:not([disabled]),summary,[tabindex="0"]';

  const named = (el) => {
    const id = el.id ? `#${el.id}` : "", css = typeof el.className === "string" && el.className ? `.${el.className.trim().split(/\s+/).join(".")}` : "";
    const words = String(el.innerText || el.value || el.getAttribute("aria-label") || "").trim().slice(0, 24).replace(/\s+/g, " ");
    return `${el.tagName.toLowerCase()}${id}${css} "${words}"`;
  };
  // What was found out of the page as it stands; forgotten whenever its size, its type or its focus changes.
  let known = { clipped: new WeakMap(), shown: new WeakMap(), texts: null };
  const forget = () => { known = { clipped: new WeakMap(), shown: new WeakMap(), texts: null }; };
  const once = (seen, el, find) => {
    if (!seen.has(el)) seen.set(el, find(el));
    return seen.get(el);
  };
  const clipped = (el) => {
    if (!el || el === document.body) return false;
    return once(known.clipped, el, () => {
      const style = getComputedStyle(el);
      return (style.clipPath !== "none" && style.position === "absolute") || clipped(el.parentElement);
    });
  };
  const shown = (el) => once(known.shown, el, () => {
    if (!el.checkVisibility({ visibilityProperty: true }) || clipped(el)) return false;
    const box = el.getBoundingClientRect();
    return box.width > 1 && box.height > 1;
  });
  const texts = () => {
    if (known.texts) return known.texts;
    const found = new Set();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const parent = node.parentElement;
      if (!node.nodeValue.trim() || parent.closest("script,style,template,noscript,option,svg")) continue;
      if (shown(parent)) found.add(parent);
    }
    known.texts = [...found];
    return known.texts;
  };
  const rounded = (number) => Math.round(number * 10) / 10;

  // -- sizes

  const smallText = (mode) => {
    const limit = LIMITS[mode], problems = [];
    for (const el of texts()) {
      const size = parseFloat(getComputedStyle(el).fontSize);
      const control = el.closest("button,.btn,label,legend,summary") && !el.closest(".sub,.tag,.count,.dot,.face");
      const least = control ? Math.max(limit.text, limit.control) : limit.text;
      if (size < least - 0.5) problems.push(`text of ${rounded(size)} px, at least ${least}: ${named(el)}`);
    }
    for (const el of document.querySelectorAll("input,select,textarea")) {
      if (["hidden", "file", "radio", "checkbox", "submit", "range", "color"].includes(el.type) || !shown(el)) continue;
      const least = el.type === "tel" || el.classList.contains("tel") ? limit.text : Math.max(limit.text, limit.control);
      const size = parseFloat(getComputedStyle(el).fontSize);
      if (size < least - 0.5) problems.push(`input text of ${rounded(size)} px, at least ${least}: ${named(el)}`);
    }
    return problems;
  };

  const union = (boxes) => ({
    width: Math.max(...boxes.map((b) => b.right)) - Math.min(...boxes.map((b) => b.left)),
    height: Math.max(...boxes.map((b) => b.bottom)) - Math.min(...boxes.map((b) => b.top)),
  });
  const inSentence = (el) => {
    if (el.tagName !== "A" || getComputedStyle(el).display !== "inline") return false;
    return [...el.parentElement.childNodes].some((node) => (node.nodeType === 3 || node.nodeName === "W-B") && node.textContent.trim().length > 1);
  };
  const smallTargets = (mode) => {
    const least = LIMITS[mode].target, problems = [];
    for (const el of document.querySelectorAll(FOCUSABLE)) {
      if (!shown(el) || (mode === "standard" && inSentence(el))) continue;
      const boxes = [el, ...(el.labels || [])].filter(shown).map((part) => part.getBoundingClientRect());
      const size = union(["radio", "checkbox"].includes(el.type) ? boxes : boxes.slice(0, 1));
      if (size.width < least - 0.5 || size.height < least - 0.5)
        problems.push(`target of ${rounded(size.width)} × ${rounded(size.height)} px, at least ${least}: ${named(el)}`);
    }
    return problems;
  };

  // A column that squeezes words into one or two characters a line.
  const squeezed = () => {
    const problems = [];
    for (const el of texts()) {
      const style = getComputedStyle(el), size = parseFloat(style.fontSize), box = el.getBoundingClientRect();
      if (box.width < 2.5 * size && box.height > 2.5 * parseFloat(style.lineHeight)) problems.push(`words squeezed into ${rounded(box.width)} px: ${named(el)}`);
    }
    return problems;
  };

  const tightLines = () => {
    const problems = [];
    for (const el of texts()) {
      if (el.tagName === "SELECT") continue;
      const style = getComputedStyle(el), ratio = parseFloat(style.lineHeight) / parseFloat(style.fontSize);
      if (!(ratio >= LINE - 0.005)) problems.push(`line height ${style.lineHeight} of ${style.fontSize}, at least ${LINE}: ${named(el)}`);
    }
    // Running text only: single lines of facts on a card are a list, whatever their tag.
    const plain = "p:not(.sub,.num,.money,.error,.label,.place,.line)";
    const lines = (el) => el.getBoundingClientRect().height / parseFloat(getComputedStyle(el).lineHeight);
    const body = parseFloat(getComputedStyle(document.body).fontSize);
    for (const el of document.querySelectorAll(plain)) {
      const next = el.nextElementSibling;
      if (!next?.matches(plain) || !shown(el) || !shown(next) || getComputedStyle(el).display !== "block") continue;
      if (Math.max(lines(el), lines(next)) < 1.5 || parseFloat(getComputedStyle(el).fontSize) < body) continue;
      const gap = next.getBoundingClientRect().top - el.getBoundingClientRect().bottom;
      const line = parseFloat(getComputedStyle(el).lineHeight);
      if (gap > -1 && gap < PARAGRAPH * line - 0.5) problems.push(`paragraphs ${rounded(gap)} px apart, at least ${rounded(PARAGRAPH * line)}: ${named(el)}`);
    }
    return problems;
  };

  // -- colour of the ring

  const parsed = (colour) => {
    const parts = colour.match(/[\d.]+/g).map(Number);
    return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
  };
  const luminance = (rgb) => {
    const [r, g, b] = rgb.map((part) => part / 255).map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (el) => {
    for (let up = el; up; up = up.parentElement) {
      const colour = parsed(getComputedStyle(up).backgroundColor);
      if (colour.alpha > 0.5) return colour.rgb;
    }
    return [255, 255, 255];
  };
  const contrast = (one, other) => {
    const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (light + 0.05) / (dark + 0.05);
  };

  // axe asks less of large type; the large mode asks 7 : 1 of all text, and 3 : 1 of icons and borders.
  const mixed = (colour, under) => colour.rgb.map((part, at) => part * colour.alpha + under[at] * (1 - colour.alpha));
  const lowContrast = (mode) => {
    const least = LIMITS[mode].contrast, problems = [];
    const judge = (el, colour, under, limit, what) => {
      const figure = contrast(mixed(parsed(colour), under), under);
      if (figure < limit - 0.01) problems.push(`${what} of ${rounded(figure)} : 1, at least ${limit}: ${named(el)}`);
    };
    const fields = [...document.querySelectorAll("input,select,textarea")].filter((el) => shown(el) && getComputedStyle(el).opacity !== "0");
    for (const el of [...texts(), ...fields.filter((el) => !["radio", "checkbox", "file"].includes(el.type))])
      judge(el, getComputedStyle(el).color, ground(el), least, "contrast");
    for (const el of document.querySelectorAll("svg.icon"))
      if (shown(el) && getComputedStyle(el).color !== "rgba(0, 0, 0, 0)") judge(el.parentElement, getComputedStyle(el).color, ground(el), 3, "icon contrast");
    const framed = mode === "large" ? [...fields, ...document.querySelectorAll(".choice,.icon-btn,.line-btn")] : fields;
    for (const el of framed) {
      const style = getComputedStyle(el);
      if (!shown(el) || parseFloat(style.borderTopWidth) === 0 || ["radio", "checkbox", "file"].includes(el.type)) continue;
      judge(el, style.borderTopColor, ground(el.parentElement), 3, "border contrast");
    }
    return problems;
  };

  // Call after a key was pressed: only then does the browser show rings.
  const focusRings = () => {
    const problems = [], tabs = document.querySelector(".tabs");
    for (const el of document.querySelectorAll(FOCUSABLE)) {
      if (!el.checkVisibility({ visibilityProperty: true }) || el.tabIndex < 0) continue;
      el.focus();
      if (document.activeElement !== el) continue;
      const seen = getComputedStyle(el).opacity === "0" ? el.nextElementSibling : el;
      const style = getComputedStyle(seen);
      if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < RING) {
        problems.push(`focus ring of ${style.outlineStyle} ${style.outlineWidth}, at least ${RING} px: ${named(el)}`);
        continue;
      }
      const figure = contrast(parsed(style.outlineColor).rgb, ground(seen.parentElement));
      if (figure < RING_CONTRAST) problems.push(`focus ring of ${rounded(figure)} : 1, at least ${RING_CONTRAST}: ${named(el)}`);
      if (tabs && !tabs.contains(el) && seen.getBoundingClientRect().top >= tabs.getBoundingClientRect().top)
        problems.push(`focus hidden behind the tabs: ${named(el)}`);
    }
    document.activeElement?.blur();
    scrollTo(0, 0);
    return problems;
  };

  // -- words of the large mode

  const width = (text) => [...text].reduce((sum, c) => sum + (/[\u2e80-\uffef]/.test(c) ? 1 : /[ ().,:;!'\-/·]/.test(c) ? 0.4 : 0.6), 0);
  // Half a row holds two characters, or a digit and two: 1单元.
  const RULES = [
    ["h1", 5, "heading"],
    [".door .body > .sub", 5, "subtitle"],
    [".btn", 6, "button"],
    [".foot a, .foot button", 6, "link at the foot"],
    [".choices:not(.full) .choice .body > b", 2.7, "half-width choice"],
    [".choices.full .choice .body > b, .faces .choice .body > b", 5, "full-width choice"],
    [".label", 7, "label"],
    [".field > .sub, fieldset > .sub, .choice .sub", 16, "hint"],
    [".error > span", 10, "error"],
  ];
  const longWords = (mode) => {
    const problems = [];
    if (mode !== "large" || document.documentElement.lang === "en") return problems;
    for (const [selector, most, what] of RULES) {
      for (const el of document.querySelectorAll(selector)) {
        if (!shown(el) || el.closest("[data-free]")) continue;
        const text = el.innerText.trim().replace(/\s+/g, " ");
        if (width(text) > most + 0.01) problems.push(`${what} of ${rounded(width(text))} characters, at most ${most}: "${text}"`);
      }
    }
    for (const el of document.querySelectorAll(".door .body")) {
      const label = el.childNodes[0].textContent.trim() ?? "";
      if (width(label) > 3.01) problems.push(`home label longer than 3 characters: "${label}"`);
    }
    return problems;
  };

  // -- lines: what is broken over two of them, what begins or holds one with a single mark

  const BLOCK = new Set(["inline", "contents"]);
  const WHOLE = new RegExp([
    "(?:1\\d{2}|0\\d{2,3}) \\d{3,4} \\d{4}", "(?:\\d{4}年)?\\d{1,2}月\\d{1,2}日", "\\d{4}年\\d{1,2}月", "周[一二三四五六日]",
    "(?:凌晨|上午|中午|下午|晚上)\\d{1,2}点(?:半|\\d{1,2}分)?", "\\d{1,2}:\\d\\d", "-?¥[\\d,]+(?:\\.\\d+)?(?:万元)?",
    "\\d+号楼", "\\d+单元", "\\d+室", "[A-Za-z]+-?\\d{6,}(?:-\\d+)*", "\\d[\\d,.]*(?: ?(?:[元笔个天次份户张条人]|家(?!属))|万元)?",
  ].join("|"), "g");
  const CLOSING = "，。、；：！？）》〉」』】”’%…";
  const HAN = /[\u3400-\u9fff]/;
  // The letters of a block with the line of each: [{ text, lines: [{ text, top, width }] }].
  const block = (el) => {
    for (let up = el; up; up = up.parentElement) if (!BLOCK.has(getComputedStyle(up).display)) return up;
    return document.body;
  };
  const letters = () => {
    const blocks = new Map(), range = document.createRange();
    const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walk.nextNode(); node; node = walk.nextNode()) {
      const parent = node.parentElement;
      if (parent.closest("script,style,template,noscript,option,select,svg,textarea,[data-free]") || !shown(parent)) continue;
      const inside = parent.closest("n-b"), home = block(inside ? inside.parentElement : parent);
      if (!node.nodeValue.trim()) {
        // Between two numbers a blank parts them: ¥231.48 and 1 笔.
        if (blocks.has(home)) blocks.get(home).push({ ...blocks.get(home).at(-1), letter: " " });
        continue;
      }
      if (!blocks.has(home)) blocks.set(home, []);
      const found = blocks.get(home);
      [...node.nodeValue].reduce((at, letter) => {
        range.setStart(node, at);
        range.setEnd(node, at + letter.length);
        const box = range.getClientRects()[0];
        if (box?.width) found.push({ letter, top: box.top, bottom: box.bottom, left: box.left });
        // A blank at the end of a line has no box.
        else if (found.length && !letter.trim()) found.push({ ...found.at(-1), letter: " " });
        return at + letter.length;
      }, 0);
    }
    return blocks;
  };
  const badLines = (condition) => {
    const problems = [];
    if (document.documentElement.lang === "en") return problems;
    for (const [el, found] of letters()) {
      const lines = [];
      for (const one of found) {
        const line = lines.at(-1);
        // A letter right of the last one and beside it is of the same line.
        if (line && one.top < line.bottom - 2 && one.bottom > line.top + 2 && one.left >= line.left - 1) {
          line.text += one.letter;
          line.left = one.left;
          line.bottom = Math.max(line.bottom, one.bottom);
        } else lines.push({ text: one.letter, top: one.top, bottom: one.bottom, left: one.left, begin: lines.reduce((sum, l) => sum + l.text.length, 0) });
      }
      if (lines.length < 2) continue;
      const text = lines.map((line) => line.text).join(""), starts = lines.slice(1).map((line) => line.begin);
      for (const whole of text.matchAll(WHOLE)) {
        const cut = starts.find((at) => at > whole.index && at < whole.index + whole[0].length);
        if (cut) problems.push(`"${whole[0]}" broken over two lines ${condition}: ${named(el)}`);
      }
      for (const [index, line] of lines.entries()) {
        const bare = line.text.trim();
        if (index && CLOSING.includes(bare[0])) problems.push(`a line begins with ${bare.slice(0, 6)} ${condition}: ${named(el)}`);
        const han = [...bare].filter((c) => HAN.test(c));
        if (index && han.length === 1 && [...bare].every((c) => HAN.test(c) || CLOSING.includes(c)))
          problems.push(`a line of one character, ${bare}, ${condition}: ${named(el)}`);
      }
    }
    return problems;
  };

  // -- reflow: a condition is set, the page is asked, the condition is taken back

  const spacing = new CSSStyleSheet();
  spacing.replaceSync("*{line-height:1.5!important;letter-spacing:.12em!important;word-spacing:.16em!important}p{margin-bottom:2em!important}");
  const sideways = (condition) => {
    const wide = document.documentElement.scrollWidth - document.documentElement.clientWidth;
    if (wide <= 0) return [];
    const limit = document.documentElement.clientWidth + 0.5;
    const out = [...document.body.querySelectorAll("*")].filter((el) => shown(el) && el.getBoundingClientRect().right > limit);
    return [`${wide} px of sideways scroll ${condition}: ${out.slice(-2).map(named).join(", ")}`];
  };
  const scaleText = (factor) => {
    document.documentElement.style.fontSize = factor === 1 ? "" : `${factor * 100}%`;
  };
  const spaceText = (on) => {
    document.adoptedStyleSheets = on ? [spacing] : [];
  };

  const measures = { smallText, smallTargets, squeezed, tightLines, lowContrast, focusRings, longWords, badLines, sideways, scaleText, spaceText };
  const CHANGES = ["focusRings", "scaleText", "spaceText"];
  // Many questions in one trip; each is the name of a measure and what it takes.
  const ask = (calls) => {
    forget();
    return calls.flatMap(([name, ...given]) => {
      const found = measures[name](...given) ?? [];
      if (CHANGES.includes(name)) forget();
      return found;
    });
  };
  return { ask };
})();
