"use strict";
// What a person does: keys, wheel, drag, links; and what is told about a record.

async function unpacked() {
  const packed = Uint8Array.from(atob(document.getElementById("data").textContent.trim()), (c) => c.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
  return named(JSON.parse(await new Response(stream).text()));
}

function named(data) {
  const bar = ([row, began, ended, tone, label, site, level, records]) =>
    ({ row, began, ended, tone: data.words[tone], label, site, level, records });
  const mark = ([row, began, kind, label, record, to]) =>
    ({ row, began, kind: data.words[kind], label, records: [record], to });
  data.bars = data.bars.map(bar);
  data.marks = data.marks.map(mark);
  data.spans = data.findings.flatMap(({ spans, ...finding }) =>
    spans.map(([began, ended]) => ({ ...finding, began, ended }))).sort((a, b) => a.began - b.began);
  data.bars.concat(data.marks).forEach((item, place) => { item.item = place; });
  return data;
}

const element = (id) => document.getElementById(id);

function page(data) {
  const timeline = new Timeline(data, element("timeline"), element("axis"));
  const stage = element("stage"), tip = element("tip-box"), panel = element("record");
  const order = timeline.items.map((item) => item.item)
    .sort((a, b) => timeline.items[a].began - timeline.items[b].began);
  let waiting = false, finding = -1;

  function draw() {
    waiting = false;
    timeline.draw();
    timeline.overview(element("overview"));
  }
  function redraw() {
    if (!waiting) requestAnimationFrame(draw);
    waiting = true;
  }
  function zoom(factor, around = (timeline.from + timeline.to) / 2) {
    timeline.show(around - (around - timeline.from) * factor, around + (timeline.to - around) * factor);
    redraw();
  }
  function pan(part) {
    const by = (timeline.to - timeline.from) * part;
    timeline.show(timeline.from + by, timeline.to + by);
    redraw();
  }
  function fit() { timeline.fit(); redraw(); }

  // what is told about an item

  function lines(index) {
    const record = data.records[index];
    if (!record) return "";
    const value = (each) => typeof each === "object" ? JSON.stringify(each) : String(each);
    return `<h4>${escaped(record.kind)} <span>record ${index}</span></h4><dl>` + Object.entries(record)
      .filter(([name]) => !["kind", "index"].includes(name))
      .map(([name, each]) => `<div><dt>${escaped(name)}</dt><dd>${escaped(value(each))}</dd></div>`).join("") + "</dl>";
  }
  function told(item) {
    const precise = (us) => clock(us, 1e3);
    const until = item.ended === undefined ? "" : ` to ${precise(item.ended)} (${precise(item.ended - item.began)})`;
    return `<h3>${escaped(item.label || item.tone || item.kind)}</h3>`
      + `<p class="when">${escaped(item.tone ?? item.kind)}, ${precise(item.began)}${until}</p>`;
  }
  function select(place, { move = false } = {}) {
    timeline.selected = place;
    const item = timeline.items[place], ended = item.ended ?? item.began;
    if (move && !(item.began >= timeline.from && ended <= timeline.to)) {
      const size = Math.max(timeline.to - timeline.from, (ended - item.began) * 1.2);
      timeline.show((item.began + ended) / 2 - size / 2, (item.began + ended) / 2 + size / 2);
    }
    panel.innerHTML = told(item) + item.records.map(lines).join("");
    redraw();
  }
  function clear() {
    timeline.selected = undefined;
    panel.innerHTML = panel.dataset.empty;
    redraw();
  }
  function step(by) {
    const now = timeline.selected === undefined ? -1 : order.indexOf(timeline.selected);
    const visible = order.findIndex((place) => timeline.items[place].began >= timeline.from);
    const next = now < 0 ? visible : now + by;
    if (next >= 0 && next < order.length) select(order[next], { move: true });
  }
  function go(by) {
    const count = data.spans.length;
    if (!count) return;
    finding = finding < 0 && by < 0 ? count - 1 : (finding + by + count) % count;
    const { began, ended, name, text } = data.spans[finding], margin = Math.max((ended - began) * 0.75, data.ended * 0.01);
    timeline.show(began - margin, ended + margin);
    element("status").textContent = `${finding + 1} of ${count}: ${name}: ${text}`;
    redraw();
  }
  function follow() {
    // #r12 is record 12: shown, and pointed at.
    const [, index] = /^#r(\d+)$/.exec(location.hash) ?? [];
    if (index === undefined) return;
    stage.scrollIntoView({ block: "nearest" });
    const first = timeline.items.findIndex((item) => item.records.includes(Number(index)));
    const [, , began, ended] = data.proofs.find(([each]) => each === Number(index))
      ?? (first < 0 ? [] : [0, 0, timeline.items[first].began, timeline.items[first].ended ?? timeline.items[first].began]);
    if (began !== undefined) {
      const around = Math.max((ended - began) * 3, data.ended * 0.05);
      timeline.show((began + ended - around) / 2, (began + ended + around) / 2);
    }
    if (first >= 0) select(first);
    panel.innerHTML = lines(index) || panel.dataset.empty;
    redraw();
  }

  // keys

  const keys = {
    ArrowLeft: () => pan(-0.15), ArrowRight: () => pan(0.15), "+": () => zoom(0.6), "=": () => zoom(0.6),
    "-": () => zoom(1.6), 0: fit, Home: fit, n: () => go(1), p: () => go(-1),
    ".": () => step(1), ",": () => step(-1), Escape: clear,
  };
  stage.addEventListener("keydown", (event) => {
    const act = event.ctrlKey || event.metaKey || event.altKey ? undefined : keys[event.key];
    if (act) { event.preventDefault(); act(); }
  });
  document.querySelectorAll("[data-key]").forEach((button) =>
    button.addEventListener("click", () => keys[button.dataset.key]()));

  // pointer

  const place = (event) => {
    const box = timeline.svg.getBoundingClientRect(), ratio = timeline.width / box.width;
    return [(event.clientX - box.left) * ratio, (event.clientY - box.top) * ratio];
  };
  const meant = (event) => {
    const hit = event.target.closest?.("[data-item]");
    return timeline.nearest(...place(event)) ?? (hit ? Number(hit.dataset.item) : null);
  };
  let drag = null;
  timeline.svg.addEventListener("wheel", (event) => {
    if (event.ctrlKey || event.metaKey) zoom(event.deltaY > 0 ? 1.25 : 0.8, timeline.at(place(event)[0]));
    else if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY))
      pan((event.deltaX || event.deltaY) / timeline.width);
    else return;
    event.preventDefault();
  }, { passive: false });
  timeline.svg.addEventListener("dblclick", (event) => zoom(0.4, timeline.at(place(event)[0])));
  timeline.svg.addEventListener("pointerdown", (event) => {
    if (event.button === 0 && !event.target.closest("a"))
      drag = { x: place(event)[0], from: timeline.from, to: timeline.to, moved: false };
  });
  addEventListener("pointerup", (event) => {
    const clicked = drag && !drag.moved && timeline.svg.contains(event.target);
    drag = null;
    stage.classList.remove("dragging");
    if (!clicked) return;
    const item = meant(event);
    if (item === null) clear(); else select(item);
  });
  timeline.svg.addEventListener("pointermove", (event) => {
    if (drag) {
      const by = (place(event)[0] - drag.x) / timeline.scale;
      drag.moved ||= Math.abs(place(event)[0] - drag.x) > 3;
      if (drag.moved) { stage.classList.add("dragging"); timeline.show(drag.from - by, drag.to - by); redraw(); }
      tip.hidden = true;
      return;
    }
    const item = meant(event);
    tip.hidden = item === null;
    if (item === null) return;
    const found = timeline.items[item];
    tip.innerHTML = told(found) + lines(found.records[0]);
    const { offsetWidth: width, offsetHeight: height } = tip;
    tip.style.left = `${Math.min(event.clientX + 14, innerWidth - width - 8)}px`;
    tip.style.top = `${event.clientY + 18 + height > innerHeight ? Math.max(event.clientY - height - 12, 4) : event.clientY + 18}px`;
  });
  timeline.svg.addEventListener("pointerleave", () => { tip.hidden = true; });
  element("overview").addEventListener("click", (event) => {
    const box = element("overview").getBoundingClientRect();
    const x = (event.clientX - box.left) * timeline.width / box.width;
    const at = (x - GUTTER) / (timeline.width - GUTTER - RIGHT) * data.ended, half = (timeline.to - timeline.from) / 2;
    timeline.show(at - half, at + half);
    redraw();
  });

  // the page around it

  element("scheme").addEventListener("click", () => {
    const root = document.documentElement, dark = matchMedia("(prefers-color-scheme: dark)").matches;
    root.dataset.scheme = (root.dataset.scheme ?? (dark ? "dark" : "light")) === "dark" ? "light" : "dark";
  });
  element("copy").addEventListener("click", async () => {
    const command = element("command");
    getSelection().selectAllChildren(command);   // to be copied by hand where the browser does not let us
    await navigator.clipboard.writeText(command.textContent);
    element("copy").textContent = "Copied";
  });
  addEventListener("resize", redraw);
  addEventListener("hashchange", follow);
  addEventListener("beforeprint", () => {
    document.querySelectorAll("details").forEach((each) => { each.open = true; });
    timeline.fixedWidth = 1060;
    draw();
  });
  addEventListener("afterprint", () => { timeline.fixedWidth = undefined; redraw(); });
  panel.dataset.empty = panel.innerHTML;
  draw();
  follow();
  document.documentElement.dataset.ready = "yes";
}

unpacked().then(page, (error) => {
  element("status").textContent = `The timeline cannot be drawn: ${error.message}`;
});
