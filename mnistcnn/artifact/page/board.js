// The board: what is drawn, or a photo; its digits, read as they change.

const [PAPER_WIDTH, PAPER_HEIGHT] = [960, 600]; // units, whatever the screen
const PEN = 18;
const MAX_STROKES = 400; // of more, comparing all pairs would take too long
const MAX_KNOWN = 5000; // groups of strokes whose reading is kept
const PHOTO_SIZE = 1000; // pixels of its longer side that are looked at
const MAP_GAP = 1; // pixels between feature maps
const READ_SHARE = 3; // while a pen draws, reading rests so many times longer

function startBoard(network) {
  const find = (name) => document.getElementById(name);
  const paper = find("paper");
  const state = { strokes: [], live: null, photo: null, digits: [], shown: null, message: "", due: 0, waiting: false };
  const known = new Map(); // readings, by what was read

  function plan() {
    if (state.waiting) return;
    state.waiting = true;
    requestAnimationFrame(update);
  }

  function update() {
    state.waiting = false;
    const start = performance.now();
    if (!state.live || start >= state.due) {
      if (!state.photo) state.digits = readPaper();
      const took = performance.now() - start;
      state.due = start + (took > 8 ? READ_SHARE * took : 0);
    } else plan();
    paint();
  }

  function readPaper() {
    if (state.strokes.length > MAX_STROKES) return [];
    const points = state.strokes.map((stroke) => stroke.points);
    // What is no longer drawn is read anew, should it come back.
    if (known.size > MAX_KNOWN) known.clear();
    const look = (parts) => {
      const key = parts.map(({ stroke, name }) => `${state.strokes[stroke].number}:${points[stroke].length}:${name}`).join();
      if (!known.has(key)) known.set(key, lookAt(network, drawParts(parts)));
      return known.get(key);
    };
    return readStrokes(network, points, look).map((digit) => {
      const newest = Math.max(...digit.strokes.map((i) => state.strokes[i].number));
      return { ...digit, box: grow(digit.box, PEN / 2), newest };
    });
  }

  const grow = ([a, b, c, d], by) => [a - by, b - by, c + by, d + by];

  async function openPhoto(file) {
    state.message = "";
    try {
      const bitmap = await createImageBitmap(file);
      const small = PHOTO_SIZE / Math.max(bitmap.width, bitmap.height, PHOTO_SIZE);
      const copy = document.createElement("canvas");
      [copy.width, copy.height] = [bitmap.width, bitmap.height].map((side) => Math.max(1, Math.round(side * small)));
      const context = copy.getContext("2d", { willReadFrequently: true });
      context.imageSmoothingQuality = "high";
      context.fillStyle = "white";
      context.fillRect(0, 0, copy.width, copy.height);
      context.drawImage(bitmap, 0, 0, copy.width, copy.height);
      showPhoto(copy, context.getImageData(0, 0, copy.width, copy.height));
    } catch {
      state.message = "This is no picture that the browser can open.";
    }
    plan();
  }

  function showPhoto(copy, pixels) {
    const scale = Math.min(PAPER_WIDTH / copy.width, PAPER_HEIGHT / copy.height);
    const [left, top] = [(PAPER_WIDTH - copy.width * scale) / 2, (PAPER_HEIGHT - copy.height * scale) / 2];
    clear();
    state.photo = { copy, left, top, scale };
    state.digits = readInk(network, photoToInk(pixels)).map((digit, i) => {
      const place = digit.box.map((side, axis) => side * scale + (axis % 2 ? top : left));
      return { ...digit, box: grow(place, 4), newest: i };
    });
    if (!state.digits.length) state.message = "No digit was found in this picture.";
  }

  function clear() {
    Object.assign(state, { strokes: [], live: null, photo: null, digits: [], shown: null, message: "" });
  }

  // === What is shown ===

  function paint() {
    const last = state.digits.reduce((a, b) => (a && a.newest > b.newest ? a : b), null);
    const digit = state.digits[state.shown] ?? last;
    paintPaper(digit);
    const lines = writeLines(state.digits);
    const hint = state.strokes.length > MAX_STROKES ? "Too many strokes: clear the paper." : state.message;
    find("number").textContent = lines.join("\n") || "–";
    find("message").textContent = hint || (state.digits.length ? "" : "Write a number here, or drop a photo of one.");
    paintSeen(digit);
    find("verdict").textContent = digit ? (digit.label === "?" ? "Not sure" : `It says ${digit.label}`) : "";
    network.classes.forEach((_, i) => {
      const value = digit ? digit.probabilities[i] : 0;
      const row = find("bars").children[i];
      row.classList.toggle("best", Boolean(digit) && network.classes[i] === digit.label);
      row.children[1].firstChild.style.width = `${100 * value}%`;
      row.children[2].textContent = digit ? `${Math.floor(Math.min(100 * value, 99))} %` : "";
    });
    const outputs = digit && (digit.image.outputs ??= runLayers(network, digit.image.values));
    maps.forEach(({ place, canvas }) => paintMaps(canvas, digit && outputs[place]));
  }

  function paintPaper(chosen) {
    const ratio = window.devicePixelRatio || 1;
    const wide = Math.round(paper.clientWidth * ratio);
    const high = Math.round((wide * PAPER_HEIGHT) / PAPER_WIDTH);
    if (paper.width !== wide || paper.height !== high) [paper.width, paper.height] = [wide, high];
    const context = paper.getContext("2d");
    const style = getComputedStyle(paper);
    const unit = wide / PAPER_WIDTH;
    context.setTransform(unit, 0, 0, unit, 0, 0);
    context.clearRect(0, 0, PAPER_WIDTH, PAPER_HEIGHT);
    if (state.photo) {
      const { copy, left, top, scale } = state.photo;
      context.drawImage(copy, left, top, copy.width * scale, copy.height * scale);
    }
    Object.assign(context, { lineCap: "round", lineJoin: "round", lineWidth: PEN, strokeStyle: style.color });
    for (const { points } of state.strokes) {
      context.beginPath();
      context.moveTo(...points[0]);
      for (const point of points) context.lineTo(...point);
      context.stroke();
    }
    for (const digit of state.digits) paintTag(context, digit, digit === chosen, ratio / unit, style);
  }

  // Words are as large on a phone as elsewhere: in pixels, not in units.
  function paintTag(context, { box, label, probability }, chosen, pixel, style) {
    const color = style.getPropertyValue(label === "?" ? "--unsure" : chosen ? "--chosen" : "--tag");
    const [left, top, right, bottom] = box;
    Object.assign(context, { strokeStyle: color, lineWidth: (chosen ? 2 : 1) * pixel });
    context.strokeRect(left, top, right - left, bottom - top);
    context.font = `600 ${14 * pixel}px system-ui, sans-serif`;
    const word = label === "?" ? "?" : `${label}  ${Math.floor(Math.min(100 * probability, 99))} %`;
    const [wide, high] = [context.measureText(word).width + 10 * pixel, 20 * pixel];
    const x = Math.min(Math.max(left, 0), PAPER_WIDTH - wide);
    const y = top >= high ? top - high : Math.min(bottom, PAPER_HEIGHT - high);
    context.fillStyle = color;
    context.fillRect(x, y, wide, high);
    context.fillStyle = style.getPropertyValue("--on-tag");
    context.fillText(word, x + 5 * pixel, y + 15 * pixel);
  }

  function paintSeen(digit) {
    const context = find("seen").getContext("2d");
    const pixels = context.createImageData(IMAGE_SIZE, IMAGE_SIZE);
    for (let i = 0; i < IMAGE_SIZE ** 2; i++) pixels.data.fill(digit ? digit.image.values[i] : 0, 4 * i, 4 * i + 3);
    for (let i = 3; i < pixels.data.length; i += 4) pixels.data[i] = 255;
    context.putImageData(pixels, 0, 0);
  }

  // === Feature maps: from nothing, dark, to the layer's strongest, bright ===

  function listMaps() {
    const outputs = runLayers(network, new Uint8Array(IMAGE_SIZE ** 2));
    return network.layers.flatMap(({ kind, name }, place) => {
      if (kind !== "Conv2D") return [];
      const [rows, columns, filters] = outputs[place].shape;
      const canvas = document.createElement("canvas");
      const across = Math.ceil(Math.sqrt(filters * 3.2));
      canvas.width = across * (columns + MAP_GAP) - MAP_GAP;
      canvas.height = Math.ceil(filters / across) * (rows + MAP_GAP) - MAP_GAP;
      const text = `${name}: ${filters} maps of ${columns}×${rows}`;
      canvas.setAttribute("role", "img");
      canvas.setAttribute("aria-label", text);
      const caption = document.createElement("figcaption");
      caption.textContent = text;
      const figure = document.createElement("figure");
      figure.append(canvas, caption);
      find("layers").append(figure);
      return [{ place, canvas }];
    });
  }

  function paintMaps(canvas, output) {
    const context = canvas.getContext("2d");
    context.clearRect(0, 0, canvas.width, canvas.height);
    if (!output) return;
    const [rows, columns, filters] = output.shape;
    const across = (canvas.width + MAP_GAP) / (columns + MAP_GAP);
    const most = output.values.reduce((a, b) => Math.max(a, b), 1e-12);
    const pixels = context.createImageData(canvas.width, canvas.height);
    output.values.forEach((value, i) => {
      const [filter, pixel] = [i % filters, Math.floor(i / filters)];
      const x = (filter % across) * (columns + MAP_GAP) + (pixel % columns);
      const y = Math.floor(filter / across) * (rows + MAP_GAP) + Math.floor(pixel / columns);
      // Not in proportion: what is faint is to be seen too.
      const light = Math.sqrt(Math.max(value, 0) / most);
      const color = [14 + 241 * light, 18 + 220 * light ** 1.4, 30 + 160 * light ** 3, 255];
      pixels.data.set(color, 4 * (y * canvas.width + x));
    });
    context.putImageData(pixels, 0, 0);
  }

  // === The hand ===

  function locate({ clientX, clientY }) {
    const { left, top, width } = paper.getBoundingClientRect();
    // As float32, like Python's.
    return [clientX - left, clientY - top].map((side) => Math.fround((side * PAPER_WIDTH) / width));
  }

  let numbers = 0;
  paper.addEventListener("pointerdown", (event) => {
    // One hand draws; a second finger or button does nothing.
    if (state.live || event.button) return;
    event.preventDefault();
    paper.setPointerCapture(event.pointerId);
    if (state.photo) clear();
    state.live = { number: ++numbers, pointer: event.pointerId, points: [locate(event)] };
    state.strokes.push(state.live);
    Object.assign(state, { shown: null, message: "" });
    plan();
  });
  paper.addEventListener("pointermove", (event) => {
    if (!state.live) {
      const [x, y] = locate(event);
      const shown = state.digits.findIndex(({ box }) => x >= box[0] && x <= box[2] && y >= box[1] && y <= box[3]);
      state.shown = shown < 0 ? null : shown;
    } else if (event.pointerId === state.live.pointer) {
      // All places since the last frame, so that no curve becomes a corner.
      const events = event.getCoalescedEvents ? event.getCoalescedEvents() : [];
      for (const each of events.length ? events : [event]) {
        const [x, y] = locate(each);
        const [lastX, lastY] = state.live.points[state.live.points.length - 1];
        if (x !== lastX || y !== lastY) state.live.points.push([x, y]);
      }
    }
    plan();
  });
  for (const kind of ["pointerup", "pointercancel"])
    paper.addEventListener(kind, (event) => {
      if (state.live && event.pointerId === state.live.pointer) state.live = null;
      plan();
    });
  paper.addEventListener("pointerleave", () => {
    state.shown = null;
    plan();
  });
  const act = (change) => () => {
    change();
    plan();
  };
  const undo = () => (state.photo ? clear() : Object.assign(state, { live: null, shown: null, strokes: state.strokes.slice(0, -1) }));
  find("undo").addEventListener("click", act(undo));
  find("clear").addEventListener("click", act(clear));
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() === "z" && (event.ctrlKey || event.metaKey)) act(undo)();
    if (event.key === "Escape") act(clear)();
  });
  find("photo").addEventListener("change", ({ target }) => {
    if (target.files[0]) openPhoto(target.files[0]);
    target.value = "";
  });
  document.addEventListener("dragover", (event) => event.preventDefault());
  document.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) openPhoto(event.dataTransfer.files[0]);
  });

  for (const name of network.classes) {
    const [row, label, track, percent] = ["li", "span", "div", "span"].map((kind) => document.createElement(kind));
    label.textContent = name || "?";
    track.append(document.createElement("i"));
    row.append(label, track, percent);
    find("bars").append(row);
  }
  const maps = listMaps();
  new ResizeObserver(plan).observe(paper);
  plan();
}

// Where there is no page, as when an export is checked, nothing starts.
if (typeof document !== "undefined") startBoard(openNetwork(JSON.parse(document.getElementById("network").textContent)));
