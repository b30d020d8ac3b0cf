"use strict";
(() => {
  const { nodes, edges, waits } = JSON.parse(document.getElementById("data").textContent);
  const svg = document.getElementById("picture");
  const view = document.getElementById("view");
  const overlay = document.getElementById("edges");
  const details = document.getElementById("details");
  const search = document.getElementById("search");
  const cards = new Map([...svg.querySelectorAll(".card")].map((card) => [Number(card.dataset.i), card]));
  const waitPaths = [...svg.querySelectorAll(".wait")];
  const before = nodes.map(() => []);
  const after = nodes.map(() => []);
  for (const [a, b] of edges) { before[b].push(a); after[a].push(b); }

  // Zoom and move ------------------------------------------------------------------------------------------------
  const width = Number(svg.dataset.w), height = Number(svg.dataset.h);
  let scale = 1, left = 0, top = 0;
  const show = () => view.setAttribute("transform", `translate(${left} ${top}) scale(${scale})`);
  const fit = () => {
    const { width: w, height: h } = svg.getBoundingClientRect();
    scale = Math.min(1.4, (w - 90) / Math.max(width, 1), (h - 50) / Math.max(height, 1));
    if (scale < 0.42) scale = Math.min(0.75, Math.max(scale, (h - 50) / Math.max(height, 1), 0.42));
    left = width * scale < w ? (w - width * scale) / 2 : 46;
    top = (h - height * scale) / 2;
    show();
  };
  const whole = () => {
    const { width: w, height: h } = svg.getBoundingClientRect();
    scale = Math.min(1.4, (w - 90) / Math.max(width, 1), (h - 40) / Math.max(height, 1));
    left = (w - width * scale) / 2;
    top = (h - height * scale) / 2;
    show();
  };
  const zoom = (factor, x, y) => {
    const next = Math.min(4, Math.max(0.04, scale * factor));
    left = x - (x - left) * (next / scale);
    top = y - (y - top) * (next / scale);
    scale = next;
    show();
  };
  const middle = (factor) => { const box = svg.getBoundingClientRect(); zoom(factor, box.width / 2, box.height / 2); };
  svg.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = svg.getBoundingClientRect();
    zoom(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0016)), event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  let held = null, moved = false;
  svg.addEventListener("pointerdown", (event) => { held = [event.clientX, event.clientY]; moved = false; });
  svg.addEventListener("pointermove", (event) => {
    if (!held || !event.buttons) return;
    const dx = event.clientX - held[0], dy = event.clientY - held[1];
    if (!moved && Math.hypot(dx, dy) < 4) return;
    if (!moved) { moved = true; svg.setPointerCapture(event.pointerId); svg.classList.add("moving"); }
    left += dx; top += dy; held = [event.clientX, event.clientY];
    show();
  });
  svg.addEventListener("pointerup", () => { held = null; svg.classList.remove("moving"); });

  // What a card needs and is needed by ------------------------------------------------------------------------------
  const reach = (from, next) => {
    const found = new Set(), waiting = [from];
    while (waiting.length) for (const each of next[waiting.pop()]) if (!found.has(each)) { found.add(each); waiting.push(each); }
    return found;
  };
  const place = (i) => {
    const [x, y] = cards.get(i).getAttribute("transform").match(/-?[\d.]+/g).map(Number);
    const face = cards.get(i).querySelector(".face");
    return { x, y, w: Number(face.getAttribute("width")), h: Number(face.getAttribute("height")) };
  };
  const line = (a, b, kind) => {
    if (!cards.has(a) || !cards.has(b)) return;
    const p = place(a), q = place(b);
    const x1 = p.x + p.w, y1 = p.y + p.h / 2, x2 = q.x, y2 = q.y + q.h / 2, bend = Math.max(36, Math.abs(x2 - x1) / 2);
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("class", kind);
    path.setAttribute("d", `M${x1} ${y1}C${x1 + bend} ${y1} ${x2 - bend} ${y2} ${x2} ${y2}`);
    overlay.append(path);
  };
  const element = (tag, words, kind) => {
    const made = document.createElement(tag);
    if (words !== undefined) made.textContent = words;
    if (kind) made.className = kind;
    return made;
  };
  const list = (heading, kind, items) => {
    if (!items.length) return;
    details.append(element("h3", heading, kind));
    const ul = element("ul");
    for (const [words, target] of items) {
      const li = element("li");
      if (target === null) li.textContent = words;
      else { const button = element("button", words); button.type = "button"; button.onclick = () => choose(target, true); li.append(button); }
      ul.append(li);
    }
    details.append(ul);
  };
  const clear = () => {
    svg.classList.remove("chosen");
    overlay.replaceChildren();
    for (const card of cards.values()) card.classList.remove("shown", "self");
    for (const path of waitPaths) path.classList.remove("shown");
    for (const button of document.querySelectorAll("[data-group]")) button.setAttribute("aria-pressed", "false");
    details.hidden = true;
  };
  const choose = (i, move, key) => {
    clear();
    const node = nodes[i], up = reach(i, before), down = reach(i, after);
    svg.classList.add("chosen");
    for (const each of [i, ...up, ...down]) cards.get(each)?.classList.add("shown");
    cards.get(i)?.classList.add("self");
    for (const [a, b] of edges) {
      if ((b === i || up.has(b)) && up.has(a)) line(a, b, "up");
      else if ((a === i || down.has(a)) && down.has(b)) line(a, b, "down");
    }
    waitPaths.forEach((path) => path.classList.toggle("shown", Number(path.dataset.a) === i || Number(path.dataset.b) === i));
    details.replaceChildren();
    const close = element("button", "✕", "close");
    close.type = "button"; close.title = "Close (Esc)"; close.onclick = clear;
    details.append(close, element("h2", node.name));
    if (node.critical) details.append(element("p", "on the critical path", "hot"));
    details.append(element("p", node.about));
    details.append(element("p", `takes ${node.takes}, starts at ${node.starts}`));
    if (node.assets.length) {
      const words = element("p"); words.append(element("code", `key:"${key ?? node.select}"+`)); words.title = "Selects it and what is downstream";
      details.append(words);
    }
    list(`needs ${before[i].length} (upstream ${up.size})`, "up-word", before[i].map((each) => [nodes[each].name, each]));
    list(`needed by ${after[i].length} (downstream ${down.size})`, "down-word", after[i].map((each) => [nodes[each].name, each]));
    list("waits for, without needing it", "", waits.filter(([, b]) => b === i).map(([a, , late]) => [`${nodes[a].name}: ${late} later`, a]));
    list("holds up, without need", "", waits.filter(([a]) => a === i).map(([, b, late]) => [`${nodes[b].name}: ${late} later`, b]));
    if (node.assets.length > 1) list(`${node.assets.length} assets`, "", node.assets.map((key) => [key, null]));
    details.hidden = false;
    if (move && cards.has(i)) {
      const box = svg.getBoundingClientRect(), p = place(i);
      scale = Math.max(scale, 0.7);
      left = (box.width - 340) / 2 - (p.x + p.w / 2) * scale;
      top = box.height / 2 - (p.y + p.h / 2) * scale;
      show();
    }
  };
  for (const [i, card] of cards) {
    card.setAttribute("tabindex", "0");
    card.setAttribute("role", "button");
    card.setAttribute("aria-label", nodes[i].name);
    card.addEventListener("keydown", (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(i, false); } });
  }
  svg.addEventListener("click", (event) => {
    if (moved) return;
    const card = event.target.closest(".card");
    if (card) choose(Number(card.dataset.i), false); else clear();
  });
  document.addEventListener("keydown", (event) => { if (event.key === "Escape") { search.value = ""; clear(); } });

  // Search, groups, switches -----------------------------------------------------------------------------------------
  const find = (words, exact) => {
    const wanted = words.trim().toLowerCase();
    if (!wanted) return false;
    const names = nodes.flatMap((node, i) => [...node.assets, node.name].map((name) => [name, i]));
    const fits = (test) => names.find(([name]) => test(name.toLowerCase()));
    const found = fits((name) => name === wanted) ?? (exact ? undefined : fits((name) => name.includes(wanted)));
    if (found) choose(found[1], true, nodes[found[1]].assets.includes(found[0]) ? found[0] : undefined);
    return Boolean(found);
  };
  search.addEventListener("input", () => find(search.value, true));
  search.addEventListener("keydown", (event) => { if (event.key === "Enter") find(search.value, false); });
  for (const button of document.querySelectorAll("[data-group]")) button.addEventListener("click", () => {
    const pressed = button.getAttribute("aria-pressed") === "true";
    clear();
    if (pressed) return;
    button.setAttribute("aria-pressed", "true");
    svg.classList.add("chosen");
    for (const card of cards.values()) card.classList.toggle("shown", card.classList.contains(`g${button.dataset.group}`));
  });
  const press = (id, act) => document.getElementById(id).addEventListener("click", act);
  press("in", () => middle(1.3));
  press("out", () => middle(1 / 1.3));
  press("fit", whole);
  press("waits", (event) => event.currentTarget.setAttribute("aria-pressed", String(!svg.classList.toggle("nowaits"))));
  press("theme", () => {
    const root = document.documentElement;
    const dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.theme = dark ? "light" : "dark";
  });
  addEventListener("resize", fit);
  fit();
  find(decodeURIComponent(location.hash.slice(1)), true);
})();
