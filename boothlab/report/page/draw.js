"use strict";
// The timeline: from data to SVG. Times are in microseconds since the start of the run.

const GUTTER = 148, RIGHT = 14, AXIS = 24, FLAG = 18;
const HEIGHT = { booth: 26, cib: 15, resource: 15 };
const LEVEL = 18;
const ARROWS_MAX = 250;   // more messages in sight are ticks
const NEAR_PX = 4;

const escapes = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text) => String(text).replace(/[&<>"]/g, (letter) => escapes[letter]);

function clock(us, step) {
  const digits = step >= 1e6 ? 0 : step >= 1e5 ? 1 : step >= 1e4 ? 2 : step >= 1e3 ? 3 : 6;
  const sign = us < 0 ? "-" : "", seconds = Math.abs(us) / 1e6;
  if (seconds < 60) return sign + seconds.toFixed(digits) + " s";
  const minutes = Math.floor(seconds / 60), rest = (seconds - minutes * 60).toFixed(digits);
  return `${sign}${minutes}:${rest.padStart(digits ? 3 + digits : 2, "0")}`;
}

function lay(rows) {
  // Where each row lies, from top to bottom, and the headings between them.
  let y = FLAG, member = null, ticket = null;
  const several = new Set(rows.map((row) => row.ticket).filter(Boolean)).size > 1;
  const headings = [];
  for (const row of rows) {
    if (several && row.ticket && row.ticket !== ticket) {
      y += 12;
      headings.push({ y: y + 12, text: row.ticket, kind: "ticket" });
      y += 20;
      member = null;
    } else if (row.member !== member) y += 10;
    if (row.member !== member && row.member) headings.push({ y, text: row.member, kind: "member" });
    [member, ticket] = [row.member, row.ticket];
    row.y = y;
    row.height = HEIGHT[row.kind] ?? row.depth * LEVEL;
    y += row.height + 2;
  }
  return { headings, height: y + 8 };
}

class Timeline {
  constructor(data, svg, axis) {
    Object.assign(this, { data, svg, axis });
    this.layout = lay(data.rows);
    this.items = data.bars.concat(data.marks);
    this.span = data.ended;
    this.pad = this.span * 0.01 + 1;
    this.fit();
  }

  fit() { [this.from, this.to] = [-this.pad, this.span + this.pad]; }

  get width() { return this.fixedWidth ?? Math.max(this.svg.parentElement.clientWidth, 480); }
  get scale() { return (this.width - GUTTER - RIGHT) / (this.to - this.from); }
  x(us) { return GUTTER + (us - this.from) * this.scale; }
  at(x) { return this.from + (x - GUTTER) / this.scale; }

  show(from, to) {
    const least = 50, most = this.span + 2 * this.pad;
    const size = Math.min(Math.max(to - from, least), most);
    const middle = (from + to) / 2;
    this.from = Math.min(Math.max(middle - size / 2, -this.pad), this.span + this.pad - size);
    this.to = this.from + size;
  }

  sees(began, ended) { return ended >= this.from && began <= this.to; }

  step() {
    const wanted = (this.to - this.from) * 90 / (this.width - GUTTER);
    const power = 10 ** Math.floor(Math.log10(wanted));
    return [1, 2, 5, 10].map((each) => each * power).find((each) => each >= wanted);
  }

  draw() {
    const { width } = this, { height } = this.layout;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.svg.setAttribute("height", height);
    this.axis.setAttribute("viewBox", `0 0 ${width} ${AXIS}`);
    this.axis.setAttribute("height", AXIS);
    const [lines, labels] = this.ticks(height);
    this.axis.innerHTML = labels;
    this.svg.innerHTML = this.defs() + this.stripes() + lines + `<g clip-path="url(#lane)">`
      + this.bands() + this.bars() + this.marks() + this.proofs() + this.chosen() + "</g>" + this.gutter() + this.flags();
  }

  defs() {
    const right = this.width - GUTTER - RIGHT;
    return `<defs><clipPath id="lane"><rect x="${GUTTER}" y="0" width="${right}" height="${this.layout.height}"/>`
      + `</clipPath>` + [["down", 6, 2.5], ["pending", 5, 2]].map(([name, size, line]) =>
        `<pattern id="${name}" width="${size}" height="${size}" patternUnits="userSpaceOnUse"`
        + ` patternTransform="rotate(45)"><rect class="ground" width="${size}" height="${size}"/>`
        + `<rect class="stroke" width="${line}" height="${size}"/></pattern>`).join("")
      + `<marker id="tip" viewBox="0 0 6 6" refX="5.5" refY="3" markerWidth="5.5" markerHeight="5.5"`
      + ` orient="auto"><path d="M0,0.4 6,3 0,5.6z" fill="context-stroke"/></marker></defs>`;
  }

  ticks(height) {
    const step = this.step();
    let lines = "", labels = "";
    for (let us = Math.ceil(this.from / step) * step; us <= this.to; us += step) {
      const x = this.x(us).toFixed(1);
      lines += `<line class="grid" x1="${x}" x2="${x}" y1="0" y2="${height}"/>`;
      labels += `<text x="${x}" y="16">${clock(Math.abs(us) < step / 2 ? 0 : us, step)}</text>`;
    }
    return [lines, labels];
  }

  stripes() {
    return this.data.rows.map((row) =>
      `<rect class="row ${row.kind}" x="${GUTTER}" y="${row.y}" width="${this.width - GUTTER - RIGHT}"`
      + ` height="${row.height}" rx="2"/>`).join("");
  }

  gutter() {
    // A name stands beside the first row of its member.
    const names = this.layout.headings.map(({ y, text, kind }) =>
      `<text class="${kind}" x="8" y="${kind === "ticket" ? y : y + 17}">${escaped(text)}</text>`);
    const labels = this.data.rows.map((row) =>
      `<text class="label" x="${GUTTER - 8}" y="${row.y + row.height / 2 + 4}">${escaped(row.label)}</text>`);
    return names.join("") + labels.join("");
  }

  box(began, ended) {
    const left = Math.max(this.x(began), GUTTER - 6), right = Math.min(this.x(ended), this.width + 6);
    return [left, Math.max(right - left, 1.5)];
  }

  bands() {
    const { height } = this.layout;
    const band = (kind, began, ended) => {
      const [x, width] = this.box(began, ended);
      return `<rect class="band ${kind}" x="${x.toFixed(1)}" y="0" width="${width.toFixed(1)}" height="${height}"/>`;
    };
    const faults = this.data.bars.filter((bar) => bar.tone === "fault" && this.sees(bar.began, bar.ended));
    return faults.map((bar) => band("fault", bar.began, bar.ended)).join("")
      + this.spans().map((each) => band(each.outcome, each.began, each.ended)).join("");
  }

  spans() {
    return this.data.spans.filter(({ began, ended }) => this.sees(began, ended));
  }

  flags() {
    // One above each span; those that would hide each other stand side by side.
    let free = 0;
    return this.spans().map((each) => {
      const [left, width] = this.box(each.began, each.ended);
      const middle = (Math.max(left, GUTTER) + Math.min(left + width, this.width - RIGHT)) / 2;
      const x = Math.max(middle, free);
      free = x + 14;
      return `<a href="#v${each.verdict}" class="flag ${each.outcome}" aria-label="${escaped(each.name)}">`
        + `<path d="M${x - 6},2h12l-6,11z"/><title>${escaped(each.name)}: ${escaped(each.text)}</title></a>`;
    }).join("");
  }

  proofs() {
    // Where the records of the evidence lie.
    return this.data.proofs.filter(([, row, began, ended]) => row >= 0 && this.sees(began, ended))
      .map(([index, row, began, ended]) => {
        const [x, width] = this.box(began, ended), { y, height } = this.data.rows[row];
        return `<rect class="proof" data-proof="${index}" x="${(x - 2).toFixed(1)}" y="${y - 2}" rx="2"`
          + ` width="${(width + 4).toFixed(1)}" height="${height + 4}"/>`;
      }).join("");
  }

  bars() {
    const last = {};
    return this.data.bars.map((bar) => {
      if (!this.sees(bar.began, bar.ended)) return "";
      const row = this.data.rows[bar.row], [x, width] = this.box(bar.began, bar.ended);
      const place = `${bar.row}/${bar.level}/${bar.tone}/${Math.round(x)}`;
      if (width < 2 && last[place]) return "";   // many in one column are drawn once
      last[place] = true;
      const isThin = bar.tone === "nobody";
      const height = isThin ? 3 : row.depth > 1 || HEIGHT[row.kind] === undefined ? LEVEL - 3 : row.height - 2;
      const y = isThin ? row.y + row.height / 2 - 1.5 : row.y + 1 + bar.level * LEVEL;
      const mine = bar.site === row.member ? "own" : "";
      const fits = !isThin && width > 7 * bar.label.length * 0.9 + 8;
      const indent = bar.tone === "down" || bar.tone === "paused" ? 12 : 5;
      const text = fits ? `<text x="${Math.max(x + indent, GUTTER + 4).toFixed(1)}" y="${y + height / 2 + 4}">${escaped(bar.label)}</text>` : "";
      const hatch = { down: "down", paused: "down", pending: "pending" }[bar.tone];
      const over = hatch ? `<rect fill="url(#${hatch})" x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}"`
        + ` height="${height}" rx="2"/>` : "";
      return `<g class="bar ${bar.tone} ${mine} ${this.colour(bar.site)}" data-item="${bar.item}">`
        + `<rect x="${x.toFixed(1)}" y="${y}" width="${width.toFixed(1)}" height="${height}" rx="2"/>${over}${text}</g>`;
    }).join("");
  }

  colour(site) {
    const place = this.data.members.indexOf(site);
    return place < 0 ? "" : `s${place % 6}`;
  }

  marks() {
    const seen = this.data.marks.filter((mark) => this.sees(mark.began, mark.began));
    const sent = seen.filter((mark) => mark.to >= 0).length;
    const last = {};
    return seen.map((mark) => {
      const x = Math.round(this.x(mark.began) * 2) / 2;
      const place = `${mark.row}/${mark.kind}/${Math.round(x)}`;
      if (last[place] && sent > ARROWS_MAX) return "";
      last[place] = true;
      return `<g class="mark ${mark.kind}" data-item="${mark.item}">${this.shape(mark, x, sent)}</g>`;
    }).join("");
  }

  shape(mark, x, sent) {
    const row = this.data.rows[mark.row], middle = row.y + row.height / 2, bottom = row.y + row.height;
    if (mark.kind === "remark")
      return `<line x1="${x}" x2="${x}" y1="${FLAG}" y2="${this.layout.height}"/>`
        + `<text x="${x + 4}" y="${row.y + 11}">${escaped(mark.label)}</text>`;
    if (mark.to >= 0) {
      const to = this.data.rows[mark.to];
      if (sent > ARROWS_MAX || to === row)
        return `<rect x="${x - 0.75}" y="${bottom - 5}" width="1.5" height="4"/>`;
      const goal = to.y + to.height / 2 + (to.y > row.y ? -5 : 5);
      const lost = mark.kind === "lost" ? `<path class="cross" d="M${x - 4},${goal - 4}l8,8m0,-8l-8,8"/>` : "";
      return `<line class="arrow" x1="${x}" x2="${x}" y1="${middle}" y2="${goal}"`
        + `${lost ? "" : ' marker-end="url(#tip)"'}/><circle cx="${x}" cy="${middle}" r="2.2"/>${lost}`;
    }
    if (["warning", "handler-failed"].includes(mark.kind))
      return `<path d="M${x},${row.y + 2}l5,9h-10z"/>`;
    if (["killed", "died"].includes(mark.kind))
      return `<path class="cross" d="M${x - 5},${middle - 5}l10,10m0,-10l-10,10"/>`;
    return `<circle cx="${x}" cy="${mark.kind === "log" ? bottom - 3 : middle}" r="${mark.kind === "log" ? 1.5 : 4}"/>`;
  }

  chosen() {
    if (this.selected === undefined) return "";
    const item = this.items[this.selected], row = this.data.rows[item.row];
    const [x, width] = this.box(item.began, item.ended ?? item.began);
    return `<rect class="chosen" x="${(x - 4).toFixed(1)}" y="${row.y - 3 + (item.level ?? 0) * LEVEL}"`
      + ` width="${(width + 8).toFixed(1)}" height="${(HEIGHT[row.kind] ?? LEVEL) + 5}" rx="4"/>`;
  }

  overview(svg) {
    // The whole run on one strip, and which part of it is in sight.
    const width = this.width, height = 30, x = (us) => GUTTER + us / this.span * (width - GUTTER - RIGHT);
    const rect = (kind, began, ended, y, tall) =>
      `<rect class="${kind}" x="${x(began).toFixed(1)}" y="${y}" height="${tall}"`
      + ` width="${Math.max(x(ended) - x(began), 1.5).toFixed(1)}"/>`;
    svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    svg.setAttribute("height", height);
    const held = this.data.bars.filter((bar) => ["granted", "leader"].includes(bar.tone)
      && this.data.rows[bar.row].member === bar.site);
    svg.innerHTML = `<text class="label" x="${GUTTER - 8}" y="19">whole run</text>`
      + rect("ground", 0, this.span, 4, 22)
      + this.data.bars.filter((bar) => bar.tone === "fault").map((bar) => rect("fault", bar.began, bar.ended, 4, 22)).join("")
      + held.map((bar) => rect(`held ${this.colour(bar.site)}`, bar.began, bar.ended,
        6 + this.data.members.indexOf(bar.site) % 4 * 3.5, 2.5)).join("")
      + this.data.spans.map((each) => rect(each.outcome, each.began, each.ended, 20, 8)).join("")
      + rect("window", Math.max(this.from, 0), Math.min(this.to, this.span), 2, 26);
  }

  nearest(x, y) {
    // What a pointer means that is close to something small.
    let best = null, distance = NEAR_PX;
    for (const mark of this.data.marks) {
      const row = this.data.rows[mark.row], off = Math.abs(this.x(mark.began) - x);
      if (off < distance && y >= row.y && y <= row.y + row.height) [best, distance] = [mark.item, off];
    }
    return best;
  }
}
