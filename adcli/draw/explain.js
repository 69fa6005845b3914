
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const rows = data.rows;
  const by = (id) => document.getElementById(id);
  const number = (x) => (typeof x === "string" ? Number(x) : x);  // JSON has no infinity

  // -- numbers: adcli's own at the point given, computed here once an input is moved ---------------------------------
  const given = {
    value: rows.map((row) => number(row.value)),
    tangents: rows.map((row) => row.tangents.map(number)),
    adjoint: rows.map((row) => number(row.adjoint)),
    contributions: rows.map((row) => row.contributions.map((c) => [number(c.partial), number(c.amount)])),
    edges: null,
  };
  let now = given;

  function computed(point) {
    const found = { value: [], tangents: [], adjoint: rows.map(() => 0), contributions: [], edges: [] };
    const partials = [];
    rows.forEach((row, i) => {
      const xs = row.arguments.map((a) => ("row" in a ? found.value[a.row] : number(a.constant)));
      const op = OPERATIONS[row.op];
      const y = row.kind === "input" ? point[i] : row.kind === "output" ? (xs.length ? xs[0] : given.value[i]) : op.value(...xs);
      const slopes = row.kind === "row" ? op.partials.map((partial) => partial(y, ...xs)) : xs.map(() => 1);
      found.value.push(y);
      partials.push(slopes);
      found.tangents.push(data.variables.map((name, seed) => {
        if (row.kind === "input") return name === row.formula ? 1 : 0;
        return row.arguments.reduce((sum, a, k) => {
          const t = "row" in a ? found.tangents[a.row][seed] : 0;
          return t === 0 ? sum : sum + t * slopes[k];
        }, 0);
      }));
    });
    for (let i = rows.length - 1; i >= 0; i--) {
      if (rows[i].kind === "output") found.adjoint[i] = 1;
      const w = found.adjoint[i];
      rows[i].arguments.forEach((a, k) => {
        if ("row" in a && w !== 0) found.adjoint[a.row] += w * partials[i][k];
      });
    }
    found.contributions = rows.map((row) => row.contributions.map((c) => {
      const partial = partials[c.from][c.position];
      return [partial, found.adjoint[c.from] * partial];
    }));
    found.edges = data.edges.map(([from, to]) => rows[to].arguments.reduce(
      (sum, a, k) => (a.row === from ? sum + partials[to][k] : sum), 0));
    return found;
  }

  // -- texts ----------------------------------------------------------------------------------------------------------
  function human(x) {
    if (x === null || x === undefined) return "undefined";
    if (typeof x === "boolean") return String(x);
    if (Number.isNaN(x)) return "nan";
    if (!Number.isFinite(x)) return x > 0 ? "inf" : "-inf";
    if (x === 0) return "0";
    const [digits, exponent] = x.toExponential(data.digits - 1).split("e");
    const power = Number(exponent);
    if (power >= -4 && power < data.digits) return String(Number(x.toPrecision(data.digits)));
    const size = String(Math.abs(power)).padStart(2, "0");
    return (digits.includes(".") ? digits.replace(/\.?0+$/, "") : digits) + "e" + (power < 0 ? "-" : "+") + size;
  }

  const symbols = (text) => text.replace(/\bv(['~])/g, (_, kind) => (kind === "'" ? "v\u0307" : "v\u0304"));

  function filled(text, seed) {  // the formula with numbers put in
    return text.replace(/\bv(['~]?)(-?\d+)/g, (all, kind, index, place) => {
      const k = Number(index) + data.inputs.length - 1;
      const x = human(kind === "'" ? now.tangents[k][seed] : kind === "~" ? now.adjoint[k] : now.value[k]);
      const before = text.slice(0, place).trimEnd().slice(-1), after = text[place + all.length];
      return x[0] === "-" && (/[-+*\/^]/.test(before) || after === "^") ? `(${x})` : x;
    });
  }

  function chain(...parts) {
    return parts.filter(Boolean).filter((part, k, said) => part !== said[k - 1]).join(" = ");
  }

  function forward(i) {
    const row = rows[i];
    const numbers = row.kind === "row" ? filled(row.formula) : "";
    const lines = [chain(symbols(row.name), symbols(row.formula), numbers, human(now.value[i]))];
    data.variables.forEach((name, seed) => {
      if (row.tangents.length === 0) return;
      const numbers = row.kind === "row" ? filled(row.tangent, seed) : "";
      lines.push(chain(`\u2202${row.name}/\u2202${name}`, symbols(row.tangent), numbers, human(now.tangents[i][seed])));
    });
    return lines;
  }

  function reverse(i) {
    const row = rows[i];
    if (typeof now.value[i] === "boolean") return ["a condition has no derivative"];
    const name = row.kind === "input" ? row.formula : row.name;
    const numbers = row.contributions.length ? filled(row.adjoint_formula) : "";
    const lines = [chain(`\u2202${data.output}/\u2202${name}`, symbols(row.adjoint_formula), numbers, human(now.adjoint[i]))];
    row.contributions.forEach((c, k) => {
      const [partial, amount] = now.contributions[i][k];
      const from = rows[c.from].name;
      const factor = /^-| [+-] /.test(c.symbols) ? `(${symbols(c.symbols)})` : symbols(c.symbols);
      lines.push(`from ${from}: ` + chain(`\u2202${data.output}/\u2202${from} * ${factor}`,
        `${human(now.adjoint[c.from])} * ${human(partial)}`.replace(/\* (-\S+)/, "* ($1)"), human(amount)));
    });
    return lines;
  }

  // -- the page ---------------------------------------------------------------------------------------------------------
  const steps = [...rows.keys()].map((row) => ({ sweep: "forward", row }));
  steps.push(...[...rows.keys()].reverse().map((row) => ({ sweep: "reverse", row })));
  let at = 1;
  let timer = 0;

  const cells = [...by("rows").rows].map((tr) => [...tr.cells]);
  const vertices = [...by("graph").querySelectorAll("svg > g > g")];
  const edges = [...by("graph").querySelectorAll(".edge")];
  const heads = [...by("graph").querySelectorAll(".head")];
  const words = [...by("graph").querySelectorAll(".label")];
  const labels = edges.map((edge) => (edge.classList.contains("plain") ? null : undefined));
  {
    let next = 0;  // an edge into an output has no label, nor has one without a derivative
    data.edges.forEach(([, to], k) => {
      labels[k] = labels[k] === null || rows[to].kind === "output" ? null : words[next++];
    });
  }
  const prefix = (text) => (text.includes(" = ") ? text.split(" = ")[0] + " = " : "");
  const constant = new Set(labels.filter((label) => label && !/v/.test(label.textContent) && !/\s$/.test(label.textContent)));
  const starts = new Map([...by("graph").querySelectorAll(".label, .derivative")].map((text) => [text, prefix(text.textContent)]));
  const first = new Map(labels.filter(Boolean).map((label) => [label, label.textContent.trimEnd()]));

  // At a kink the rows have slopes of their own, and the derivative is that of both sides of the point.
  const derivative = (name, seed) => (now === given ? number(data.gradient[name]) : now.tangents.at(-1)[seed]);

  function numbers() {
    rows.forEach((row, i) => {
      const put = (x, cell) => {
        cell.textContent = human(x);
        cell.dataset.x = cell.title = x === null ? "undefined" : String(x);
      };
      put(now.value[i], cells[i][2]);
      now.tangents[i].forEach((x, k) => put(x, cells[i][k + 3]));
      if (row.adjoint !== null) put(now.adjoint[i], cells[i].at(-1));
      const value = vertices[i].querySelector(".value");
      if (value) value.textContent = human(now.value[i]);
      const derivatives = [...vertices[i].querySelectorAll(".derivative")].filter((text) => starts.get(text));
      derivatives.forEach((text, k) => {
        const last = row.kind !== "output" && row.adjoint !== null && k === derivatives.length - 1;
        text.textContent = starts.get(text) + human(last ? now.adjoint[i] : now.tangents[i][k]);
        text.dataset.sweep = last ? "reverse" : "forward";
      });
    });
    labels.forEach((label, k) => {
      if (!label) return;
      const moved = now.edges && !constant.has(label);
      label.textContent = moved ? starts.get(label) + human(now.edges[k]) : first.get(label);
    });
    by("result").textContent = [chain(data.output, human(now.value.at(-1))),
      ...data.variables.map((name, seed) => chain(`\u2202${data.output}/\u2202${name}`, human(derivative(name, seed))))].join(", ");
    const bad = now === given ? -1 : now.value.findIndex((x) => !Number.isFinite(x));
    by("warning").textContent = bad < 0 ? "" : `${symbols(chain(rows[bad].name, rows[bad].formula))} has no finite value here`;
  }

  function light(spans) {
    const text = [...data.text];  // by characters, as adcli counts them
    if (!text.length) return;
    const on = text.map(() => false);
    spans.forEach(([start, end]) => on.fill(true, start, end));
    const pieces = [];
    for (let k = 0; k < text.length;) {
      let end = k;
      while (end < text.length && on[end] === on[k]) end++;
      const piece = document.createElement(on[k] ? "mark" : "span");
      piece.textContent = text.slice(k, end).join("");
      pieces.push(piece);
      k = end;
    }
    by("formula").replaceChildren(...pieces);
  }

  function write(work, title, lines) {
    work.replaceChildren(...[title, ...lines].map((text, k) => {
      const p = document.createElement("p");
      p.textContent = text;
      if (k === 0) p.className = "title";
      return p;
    }));
    return work;
  }

  const titled = (row) => symbols(row.kind === "input" ? `${row.name}: the input ${row.formula}` : row.name);

  addEventListener("beforeprint", () => by("all").replaceChildren(...steps.map(({ sweep, row }, k) => {
    const work = document.createElement("div");
    work.className = "work";
    return write(work, `${k + 1}. ${sweep}, ${titled(rows[row])}`, sweep === "forward" ? forward(row) : reverse(row));
  })));

  function counted(done) {  // multiply-adds so far: one for each partial, in forward mode by each variable
    const uses = rows.map(() => 0);
    const made = rows.map(() => 0);
    rows.forEach((row, i) => row.contributions.forEach((c) => { uses[i]++; made[c.from]++; }));
    const back = Math.max(0, done - rows.length);
    const so = (list) => list.reduce((a, b) => a + b, 0);
    return {
      forward: so(made.slice(0, Math.min(done, rows.length))) * data.variables.length,
      reverse: so(steps.slice(rows.length, rows.length + back).map((s) => uses[s.row])),
    };
  }

  function show(speak = true) {
    const { sweep, row } = steps[at - 1];
    const n = rows.length, back = sweep === "reverse";
    const done = new Set(steps.slice(n, at).map((s) => s.row));  // adjoints that are known
    const reached = Math.min(at, n);
    cells.forEach((line, i) => {
      by("rows").rows[i].classList.toggle("now", i === row);
      line.forEach((cell, k) => {
        const adjoint = k === line.length - 1;
        cell.classList.toggle("later", k > 0 && (adjoint ? !done.has(i) : i >= reached));
        cell.classList.toggle("now", i === row && k > 1 && adjoint === back);
      });
    });
    const near = new Set();
    edges.forEach((edge, k) => {
      const [from, to] = data.edges[k];
      const lit = row === (back ? from : to);
      if (lit) near.add(back ? to : from);
      for (const part of [edge, heads[k], labels[k]].filter(Boolean)) {
        part.classList.toggle("now", lit);
        part.classList.toggle("later", to >= reached);
      }
    });
    vertices.forEach((g, i) => {
      g.classList.toggle("now", i === row);
      g.classList.toggle("near", near.has(i));
      g.classList.toggle("later", i >= reached);
      g.querySelectorAll(".derivative").forEach((text) => {
        text.classList.toggle("unknown", text.dataset.sweep === "reverse" ? !done.has(i) : i >= reached);
      });
    });
    light(rows[row].spans);
    const work = (panel) => by(panel).querySelector(".work");
    write(work("forward"), titled(rows[row]), forward(row));
    write(work("reverse"), back ? titled(rows[row]) : "", back ? reverse(row) : ["begins when the value is known"]);
    const so = counted(at);
    for (const panel of ["forward", "reverse"]) {
      by(panel).classList.toggle("now", panel === sweep);
      const sweeps = panel === "forward" ? data.variables.length : 1;
      by(panel).querySelector(".count").textContent =
        `${so[panel]} of ${data.counts[panel]} multiply-adds, in ${sweeps} ${sweeps === 1 ? "sweep" : "sweeps"}`;
    }
    by("at").value = at;
    by("at").setAttribute("aria-valuetext", `${at} of ${steps.length}, ${sweep}`);
    by("where").textContent = `${at}/${steps.length}`;
    by("back").disabled = by("first").disabled = at === 1;
    by("step").disabled = by("last").disabled = at === steps.length;
    if (speak) by("said").textContent = `Step ${at} of ${steps.length}, ${sweep}. ` + (back ? reverse(row) : forward(row)).join("; ");
    follow(vertices[row], by("graph"));
    follow(cells[row][back ? cells[row].length - 1 : 2], by("rows").closest(".scroll"));
  }

  function follow(what, box) {  // scroll the box only, never the page
    const a = what.getBoundingClientRect(), b = box.getBoundingClientRect();
    if (a.left < b.left || a.right > b.right) {
      box.scrollLeft += a.left - b.left - (b.width - a.width) / 2;
    }
    if (a.top < b.top + 30 || a.bottom > b.bottom) box.scrollTop += a.top - b.top - (b.height - a.height) / 2;
  }

  function go(to) {
    at = Math.max(1, Math.min(steps.length, to));
    if (at === steps.length) pause();
    show();
  }

  function pause() {
    clearInterval(timer);
    timer = 0;
    by("play").textContent = "Play";
    by("play").setAttribute("aria-pressed", "false");
  }

  function play() {
    if (timer) { pause(); return; }
    if (at === steps.length) at = 0;
    by("play").textContent = "Pause";
    by("play").setAttribute("aria-pressed", "true");
    timer = setInterval(() => go(at + 1), 1200);
    go(at + 1);
  }

  const turned = (to) => () => { pause(); go(to()); };
  const keys = {
    ArrowRight: turned(() => at + 1), ArrowLeft: turned(() => at - 1), Home: turned(() => 1), End: turned(() => steps.length), p: play,
  };
  by("step").addEventListener("click", keys.ArrowRight);
  by("back").addEventListener("click", keys.ArrowLeft);
  by("first").addEventListener("click", keys.Home);
  by("last").addEventListener("click", keys.End);
  by("play").addEventListener("click", play);
  by("at").max = steps.length;
  by("at").addEventListener("input", () => { pause(); go(Number(by("at").value)); });
  document.addEventListener("keydown", (event) => {
    const box = event.target.closest && event.target.closest("input, .scroll, summary");
    if (event.altKey || event.ctrlKey || event.metaKey || !(event.key in keys) || (box && event.key !== "p")) return;
    event.preventDefault();
    keys[event.key]();
  });

  // -- sliders: from the value given, a hundred steps of a hundredth of its size either way -------------------------------
  if (data.live && data.inputs.length) {
    const point = given.value.slice(0, data.inputs.length);
    const sliders = data.inputs.map((name, k) => {
      const label = document.createElement("label"), text = document.createElement("span");
      const slider = document.createElement("input"), shown = document.createElement("output");
      text.textContent = name;
      Object.assign(slider, { type: "range", min: -100, max: 100, step: 1, value: 0 });
      slider.dataset.input = name;
      const unit = Math.max(1, Math.abs(given.value[k])) / 100;
      const moved = () => {
        const steps = Number(slider.value);
        point[k] = steps === 0 ? given.value[k] : Number((given.value[k] + steps * unit).toPrecision(12));
        shown.textContent = human(point[k]);
        shown.dataset.x = point[k];
        slider.setAttribute("aria-valuetext", human(point[k]));
      };
      slider.addEventListener("input", () => { moved(); update(); });
      moved();
      label.append(text, slider, shown);
      by("sliders").append(label);
      return { slider, moved };
    });
    const reset = document.createElement("button");
    reset.type = "button";
    reset.id = "reset";
    reset.textContent = "As given";
    reset.addEventListener("click", () => {
      sliders.forEach(({ slider, moved }) => { slider.value = 0; moved(); });
      update();
    });
    by("sliders").append(reset);
    const update = () => {
      now = sliders.every(({ slider }) => Number(slider.value) === 0) ? given : computed(point);
      by("understood").hidden = now !== given;
      numbers();
      show(false);
      by("said").textContent = by("warning").textContent || by("result").textContent;
    };
  }

  numbers();
  show(false);
})();
