// A photo's ink, as `light/illumination.py` and `background.py` of `pictures` find
// it, in grey (rules on the paper stay), and its digits: pieces as `segmentation.py`
// and `seams.py` find them, read as `reading/recognition.py` does.

const CONTRAST = 25; // grey levels: paler marks on the paper are not ink
const [LOW, HIGH] = [0.25, 0.75]; // of the full contrast: no ink, and full ink
const WIDEST = 0.5; // of the photo's shorter side: no stroke is wider
const STROKES = 4; // of a stroke's width: what is wider than so many is a shadow
const SPECK = 0.06; // of a line's height: smaller pieces are dirt
const FULL = 0.68; // of its box that a disc fills
const LONGER = 1.4; // than wide
const HOLE = [0.2, 0.6]; // of most ink's size
const SMALLEST = 0.25; // of a line's height: a smaller sign is dirt
const [MAX_CUT, RINGED] = [300, 0.25];
// Of cuts, as `seams.py` has them.
const [ROWS, WIDE, EACH, APART, SLANT, SMOOTH] = [64, 0.27, 0.3, 0.08, 4.5, 0.01];
const [LOWEST, RIDGE, CONTACT, PENS, LEAST] = [0.6, 0.05, 1, 2.2, 0.01];
const [TWO, ALONG, BROAD] = [0.9, 2, 0.7];
const [EDGEWISE, STEM_TALL, STEM_CUT] = [0.12, 0.85, 0.9];

// Of RGBA pixels, as a canvas gives them: grey ink, bright on black.
function photoToInk({ width, height, data }) {
  const grey = new Float32Array(width * height);
  for (let i = 0; i < grey.length; i++) grey[i] = 0.299 * data[4 * i] + 0.587 * data[4 * i + 1] + 0.114 * data[4 * i + 2];
  const widest = Math.max(3, Math.round(WIDEST * Math.min(width, height)));
  const [dark, bright] = [grey, grey.map((value) => 255 - value)].map((page) => findMarks(page, width, height, widest));
  // Between dark strokes there is narrow paper, and between bright ones; ink is
  // what is farther from what lies around it. Chalk is then read as ink.
  const { page, stroke } = dark.away >= bright.away ? dark : bright;
  const side = Math.min(widest, Math.round(STROKES * stroke));
  const paper = fillNarrow(page, width, height, Math.max(3, side));
  // As if it were all in the light.
  const light = Math.max(findQuantile(paper, 0.95), 16);
  const rest = page.map((value, i) => (paper[i] - value) * Math.min(light / Math.max(paper[i], 16), 3));
  const noise = 1.4826 * findQuantile(rest, 0.5);
  const strong = rest.filter((value) => value > Math.max(CONTRAST, 3 * noise));
  const ink = makePicture(width, height);
  if (!strong.length) return ink;
  const most = findQuantile(strong, 0.95);
  const full = findQuantile(strong.filter((value) => value > most / 2), 0.5);
  rest.forEach((value, i) => {
    ink.values[i] = Math.round(255 * Math.min(Math.max((value / full - LOW) / (HIGH - LOW), 0), 1));
  });
  return ink;
}

function findQuantile(values, part) {
  const sorted = Float32Array.from(values).sort();
  return sorted[Math.min(Math.floor(part * sorted.length), sorted.length - 1)];
}

// The paper: a grey picture without what is dark and narrower than `side`.
function fillNarrow(page, width, height, side) {
  const filled = slideMost(page, width, height, side | 1).map((value) => -value);
  return slideMost(filled, width, height, side | 1).map((value) => -value);
}

// The largest value in a square around each pixel.
function slideMost(values, width, height, side) {
  const across = new Float32Array(values.length);
  const both = new Float32Array(values.length);
  for (let y = 0; y < height; y++) slideLine(values, across, y * width, 1, width, side);
  for (let x = 0; x < width; x++) slideLine(across, both, x, width, height, side);
  return both;
}

// Along a line: places whose values fall, of which the first is the largest.
function slideLine(values, most, start, step, count, side) {
  const half = side >> 1;
  const places = new Int32Array(count);
  let [head, tail] = [0, 0];
  for (let next = 0; next < count + half; next++) {
    if (next < count) {
      const value = values[start + next * step];
      while (tail > head && values[start + places[tail - 1] * step] <= value) tail--;
      places[tail++] = next;
    }
    const place = next - half;
    if (place < 0) continue;
    if (places[head] < place - half) head++;
    most[start + place * step] = values[start + places[head] * step];
  }
}

// What is dark and narrow: how wide its strokes are, in pixels, and how far
// it is from the mean around it.
function findMarks(page, width, height, widest) {
  const marks = fillNarrow(page, width, height, widest).map((value, i) => value - page[i]);
  const some = marks.filter((value) => value > CONTRAST / 2);
  if (!some.length) return { page, stroke: widest, away: 0 };
  const least = findQuantile(some, 0.95) / 2;
  const means = averageAround(page, width, height, widest);
  let [area, outline, away] = [0, 0, 0];
  marks.forEach((value, i) => {
    if (value <= least) return;
    area++;
    away += Math.abs(page[i] - means[i]);
    // A stroke's outline is twice its length.
    outline += [i - 1, i + 1, i - width, i + width].some((beside) => !(marks[beside] > least));
  });
  return { page, stroke: (2 * area) / Math.max(outline, 1), away: away / area };
}

function averageAround(page, width, height, side) {
  const sums = new Float64Array((width + 1) * (height + 1));
  for (let y = 0; y < height; y++)
    for (let x = 0, row = 0; x < width; x++) {
      row += page[y * width + x];
      sums[(y + 1) * (width + 1) + x + 1] = sums[y * (width + 1) + x + 1] + row;
    }
  return page.map((_, i) => {
    const [x, y, half] = [i % width, Math.floor(i / width), side >> 1];
    const [left, right] = [Math.max(x - half, 0), Math.min(x + half + 1, width)];
    const [top, bottom] = [Math.max(y - half, 0), Math.min(y + half + 1, height)];
    const [above, below] = [top * (width + 1), bottom * (width + 1)];
    return (sums[below + right] - sums[below + left] - sums[above + right] + sums[above + left]) / ((right - left) * (bottom - top));
  });
}

// The digits of grey ink, and "?" for rejected signs.
function readInk(network, ink) {
  const found = findPieces(ink);
  const lattice = buildLattice(describeInk(found));
  const looks = lattice.proposals.map((group) => lookAt(network, drawInk(group.map((k) => found[k]))));
  return chooseSigns(lattice, looks, network.classes)
    .filter((sign) => sign.isDigit || (sign.size >= SMALLEST && !sign.ring))
    .map((sign) => decide(looks[sign.place], sign));
}

function describeInk(found) {
  return {
    boxes: found.map((piece) => piece.box),
    points: found.map(({ box, ink }) => {
      const spots = listPlaces(ink.values.length).filter((i) => ink.values[i]);
      const step = Math.max(1, Math.floor(spots.length / SAMPLES));
      const kept = spots.filter((_, i) => i % step === 0);
      return kept.map((i) => [(i % ink.width) + box[0] + 0.5, Math.floor(i / ink.width) + box[1] + 0.5]);
    }),
    sources: found.map((piece) => piece.source),
    cuts: found.map((piece) => (piece.cut ? Math.max(piece.cut, LEAST) : 0)),
  };
}

// Pieces of ink as one image.
function drawInk(found) {
  const [left, top, right, bottom] = found.map((piece) => piece.box).reduce(unite);
  const whole = makePicture(right - left, bottom - top);
  for (const { box, ink } of found)
    ink.values.forEach((value, i) => {
      const at = (box[1] - top + Math.floor(i / ink.width)) * whole.width + box[0] - left + (i % ink.width);
      whole.values[at] = Math.max(whole.values[at], value);
    });
  return inkToImage(whole);
}

// The pieces of ink that digits are made of: {box, ink, source, cut}.
function findPieces(ink) {
  const { names, parts } = findParts(ink);
  if (!parts.length) return [];
  // Dirt alone, however much of it there is, tells no line's height.
  const usual = findTypical(parts);
  const least = Math.max(3, SPECK * usual);
  const seen = parts.filter((part) => sizeOf(part.box) >= least && !isHole(part, usual));
  const large = seen.sort((a, b) => sizeOf(b.box) - sizeOf(a.box));
  const some = large.slice(0, MAX_PIECES);
  const lines = measureLines(some.map(({ box }) => box));
  const kept = some.map((part, i) => ({ ...part, line: lines[i] })).filter(({ box, line }) => sizeOf(box) >= SPECK * line);
  return kept.flatMap(({ name, box, line }, source) => {
    const piece = { box, ink: liftInk(ink, names, box, name), source, cut: 0 };
    const others = kept.map((other) => other.box).filter((other) => sizeOf(other) > RINGED * line);
    return kept.length > MAX_CUT || goesRound(piece, others) ? [piece] : cutPiece(piece, line);
  });
}

// A disc beside larger ink, as a punched sheet's holes are.
function isHole({ box, area }, usual) {
  const sides = [box[2] - box[0], box[3] - box[1]];
  const size = Math.max(...sides);
  const round = size < LONGER * Math.min(...sides) && area >= FULL * sides[0] * sides[1];
  return round && size > HOLE[0] * usual && size < HOLE[1] * usual;
}

// Ink that touches, at corners too.
function findParts(ink) {
  const { width, height, values } = ink;
  const names = new Int32Array(values.length);
  const parts = [];
  for (let start = 0; start < values.length; start++) {
    if (values[start] < INK || names[start]) continue;
    const part = { name: parts.length + 1, box: [width, height, 0, 0], area: 0 };
    const found = [start];
    names[start] = part.name;
    while (found.length) {
      const at = found.pop();
      const [x, y] = [at % width, Math.floor(at / width)];
      part.box = unite(part.box, [x, y, x + 1, y + 1]);
      part.area++;
      for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row++)
        for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column++) {
          const next = row * width + column;
          if (values[next] < INK || names[next]) continue;
          names[next] = part.name;
          found.push(next);
        }
    }
    parts.push(part);
  }
  return { names, parts };
}

// The median size, in which each part counts as much as it has ink.
function findTypical(parts) {
  const sorted = parts.slice().sort((a, b) => sizeOf(a.box) - sizeOf(b.box));
  let left = parts.reduce((sum, part) => sum + part.area, 0) / 2;
  return sizeOf(sorted.find((part) => (left -= part.area) <= 0).box);
}

// One pixel more than the part: the soft edge is below the threshold.
function liftInk(ink, names, box, name) {
  const part = cut(ink, ...box);
  const near = (x, y) => {
    for (let row = Math.max(y - 1, box[1]); row <= Math.min(y + 1, box[3] - 1); row++)
      for (let column = Math.max(x - 1, box[0]); column <= Math.min(x + 1, box[2] - 1); column++)
        if (names[row * ink.width + column] === name) return true;
    return false;
  };
  part.values = part.values.map((value, i) =>
    value && near(box[0] + (i % part.width), box[1] + Math.floor(i / part.width)) ? value : 0,
  );
  return part;
}

// Whether ink is closed round one of some boxes.
function goesRound({ box, ink }, boxes) {
  const inside = boxes.filter((other) => within(other, box));
  if (!inside.length) return false;
  // The paper round it, filled from a corner.
  const wider = pad(ink, 1);
  const paper = wider.values.map((value) => Number(value < INK));
  const found = [0];
  paper[0] = 0;
  while (found.length) {
    const at = found.pop();
    const x = at % wider.width;
    for (const next of [x && at - 1, x + 1 < wider.width && at + 1, at - wider.width, at + wider.width]) {
      if (!paper[next]) continue;
      paper[next] = 0;
      found.push(next);
    }
  }
  return inside.some((other) => {
    const [x, y] = [0, 1].map((axis) => ((other[axis] + other[axis + 2]) >> 1) - box[axis] + 1);
    return paper[y * wider.width + x];
  });
}

// Cuts connected ink from top to bottom, along paths of least ink.
function cutPiece(piece, line) {
  const { width, height, values } = piece.ink;
  if (width < WIDE * line) return [piece];
  const rows = Math.min(ROWS, height);
  const columns = Math.max(3, roundEven((width * rows) / height));
  const mask = { width, height, values: values.map((value) => Number(value >= INK)) };
  const seams = chooseSeams(average(mask, columns, rows), rows, columns, (line * rows) / height);
  if (!seams.length) return [piece];
  const sides = new Uint8Array(width * height);
  for (let y = 0; y < height; y++) {
    const at = clip(((y + 0.5) * rows) / height - 0.5, 0, rows - 1);
    const [low, high] = [Math.floor(at), Math.min(Math.floor(at) + 1, rows - 1)];
    for (const { path } of seams) {
      const edge = ((path[low] + (at - low) * (path[high] - path[low]) + 0.5) * width) / columns;
      for (let x = Math.max(Math.ceil(edge), 0); x < width; x++) sides[y * width + x]++;
    }
  }
  const found = [];
  for (let place = 0; place <= seams.length; place++) {
    const part = { width, height, values: values.map((value, i) => (sides[i] === place ? value : 0)) };
    const box = boundInk(part);
    if (!box) continue;
    const [x, y] = piece.box;
    found.push({
      box: box.map((side, axis) => side + (axis % 2 ? y : x)),
      ink: cut(part, ...box),
      source: piece.source,
      cut: found.length ? seams[place - 1].cost : 0,
    });
  }
  return found;
}

// Seams that lie apart, those through the least ink first: for each place in
// the middle row the best way up and the best way down.
function chooseSeams(ink, rows, columns, line) {
  const pen = measurePen(ink, rows, columns);
  // Where two digits touch side by side there is a long way through ink.
  const long = measureColumns(ink, rows, columns);
  const price = ink.map((value, i) => value * Math.min(1 / Math.max(pen, 1), CONTACT / long[i]));
  const half = rows >> 1;
  const row = (y) => price.subarray(y * columns, (y + 1) * columns);
  const slant = Math.fround(SLANT / rows);
  const up = findSeams(listPlaces(half + 1).map(row), slant);
  const down = findSeams(listPlaces(rows - half).map((y) => row(rows - 1 - y)), slant);
  const cost = up.cost.map((value, x) => value + down.cost[x] - price[half * columns + x]);
  const apart = APART * line;
  // Smoothed, the middle of a flat stretch is its least.
  const reach = roundEven(apart / 2);
  const mirror = (x) => (columns - 1 - Math.abs(columns - 1 - (Math.abs(x) % (2 * columns - 2))));
  const rough = cost.map((value, x) => {
    let sum = 0;
    for (let step = -reach; step <= reach; step++) sum += cost[mirror(x + step)];
    return value + (SMOOTH * sum) / (2 * reach + 1);
  });
  const chosen = new Map();
  for (const place of sortPlaces(rough)) {
    if (chosen.size >= columns / (EACH * line) - 0.9) break;
    const aside = Math.min(place, columns - place) / line;
    // Near an edge a cut parts two 1s, or else it would go along a stem.
    const [least, most] = aside < EDGEWISE ? [STEM_TALL, STEM_CUT] : [LOWEST, PENS];
    if (cost[place] > most || aside < APART) continue;
    const alone = [...chosen.keys()].every((other) => {
      const between = cost.subarray(Math.min(place, other), Math.max(place, other));
      return Math.abs(place - other) >= apart && Math.max(...between) >= cost[place] + RIDGE;
    });
    if (!alone) continue;
    const path = [...followSeam(up.steps, place), ...followSeam(down.steps, place).reverse().slice(1)];
    // The end of a bar, or the side of a ring, is not tall enough for a digit.
    const high = [true, false].every((left) => {
      const filled = listPlaces(rows).filter((y) =>
        listPlaces(columns).some((x) => x < path[y] === left && ink[y * columns + x] >= 0.5),
      );
      return filled.length && filled[filled.length - 1] - filled[0] >= least * line;
    });
    if (high) chosen.set(place, path);
  }
  const seams = [...chosen].sort((a, b) => a[0] - b[0]).map(([place, path]) => ({ path, cost: cost[place] }));
  return columns < TWO * line ? seams : addMiddles(ink, columns, seams, pen);
}

// Adds, to a seam along a stroke, one that halves the stroke.
function addMiddles(ink, columns, seams, pen) {
  const found = [...seams];
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  for (const { path, cost } of seams) {
    const along = listPlaces(path.length).filter((y) => ink[y * columns + path[y]] >= 0.5);
    if (along.length < ALONG * pen) continue;
    const sides = [-1, 1].map((way) =>
      path.map((x) => Math.min(columns - 1, Math.max(0, x + way * roundEven(pen / 2)))),
    );
    const inked = sides.map((side) => mean(along.map((y) => ink[y * columns + side[y]])));
    const best = inked[1] > inked[0] ? 1 : 0;
    const side = sides[best];
    const near = Math.min(...found.map((other) => Math.abs(mean(side.map((x, y) => x - other.path[y])))));
    if (inked[best] >= BROAD && near >= pen / 3) found.push({ path: side, cost });
  }
  return found.sort((a, b) => mean(a.path) - mean(b.path));
}

// How wide the pen was: across a line of width w the distance to its edge is
// w / 4 on average. By OpenCV's steps to neighbours of 0.955 and 1.3693.
function measurePen(ink, rows, columns) {
  const gaps = new Float64Array((rows + 2) * (columns + 2));
  const wide = columns + 2;
  for (let y = 0; y < rows; y++)
    for (let x = 0; x < columns; x++) if (ink[y * columns + x] >= 0.5) gaps[(y + 1) * wide + x + 1] = 1e6;
  const steps = [[-1, 0.955], [-wide - 1, 1.3693], [-wide, 0.955], [1 - wide, 1.3693]];
  const relax = (i, way) => {
    if (gaps[i]) for (const [step, price] of steps) gaps[i] = Math.min(gaps[i], gaps[i + way * step] + price);
  };
  for (let i = 0; i < gaps.length; i++) relax(i, 1);
  for (let i = gaps.length - 1; i >= 0; i--) relax(i, -1);
  const inner = gaps.filter((gap) => gap > 0);
  return inner.length ? 4 * (inner.reduce((a, b) => a + b, 0) / inner.length - 0.5) + 1 : 1;
}

// How long the column of ink is that each pixel is in, 1 at least.
function measureColumns(ink, rows, columns) {
  const long = new Float32Array(ink.length);
  for (const way of [1, -1])
    for (let x = 0; x < columns; x++) {
      let run = 0;
      for (let k = 0; k < rows; k++) {
        const at = (way > 0 ? k : rows - 1 - k) * columns + x;
        run = ink[at] > 0 ? run + ink[at] : 0;
        long[at] += run;
      }
    }
  return long.map((value, i) => Math.max(value - ink[i], 1));
}

// The least ink above each place of the last row, and the steps there.
function findSeams([first, ...rest], slant) {
  let cost = first.slice();
  const steps = [new Int8Array(first.length)];
  for (const row of rest) {
    const step = new Int8Array(row.length);
    cost = row.map((value, x) => {
      // Straight on first: it is taken where nothing is gained.
      let best = cost[x];
      for (const aside of [-1, 1]) {
        const way = Math.fround((cost[x + aside] ?? Infinity) + slant);
        if (way < best) [best, step[x]] = [way, aside];
      }
      return best + value;
    });
    steps.push(step);
  }
  return { cost, steps };
}

// The places of a seam, from the first row to the last.
function followSeam(steps, place) {
  const path = [];
  for (let row = steps.length - 1; row >= 0; row--) {
    path[row] = place;
    place += steps[row][place];
  }
  return path;
}
