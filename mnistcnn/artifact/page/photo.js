// A photo's ink, and its digits: as `pictures/illumination.py`, `background.py`
// and `segmentation.py` find them, in grey; rules on the paper stay.

const CONTRAST = 25; // grey levels: paler marks on the paper are not ink
const [LOW, HIGH] = [0.25, 0.75]; // of the full contrast: no ink, and full ink
const WIDEST = 0.5; // of the photo's shorter side: no stroke is wider
const STROKES = 4; // of a stroke's width: what is wider than so many is a shadow
const SPECK = 0.12; // of the typical piece's size: smaller ones are dirt
const SMALL = 0.3; // of the typical digit's size: smaller ones are no digits

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

// The digits' boxes and ink, in reading order.
function findDigits(ink) {
  const { names, pieces } = findPieces(ink);
  if (!pieces.length) return [];
  const least = Math.max(3, SPECK * findTypical(pieces));
  const ruled = ({ box: [left, top, right, bottom] }) =>
    right - left > 8 * (bottom - top) && right - left > ink.width / 2;
  const kept = pieces.filter((piece) => sizeOf(piece.box) >= least && !ruled(piece));
  const digits = mergePieces(kept).map((group) => cutDigit(ink, names, group));
  if (!digits.length) return [];
  const enough = SMALL * findTypical(digits);
  return sortLines(digits.filter((digit) => sizeOf(digit.box) >= enough));
}

// Pieces of ink that touch, at corners too.
function findPieces(ink) {
  const { width, height, values } = ink;
  const names = new Int32Array(values.length);
  const pieces = [];
  for (let start = 0; start < values.length; start++) {
    if (values[start] < INK || names[start]) continue;
    const piece = { name: pieces.length + 1, box: [width, height, 0, 0], area: 0 };
    const found = [start];
    names[start] = piece.name;
    while (found.length) {
      const at = found.pop();
      const [x, y] = [at % width, Math.floor(at / width)];
      piece.box = unite(piece.box, [x, y, x + 1, y + 1]);
      piece.area++;
      for (let row = Math.max(y - 1, 0); row <= Math.min(y + 1, height - 1); row++)
        for (let column = Math.max(x - 1, 0); column <= Math.min(x + 1, width - 1); column++) {
          const next = row * width + column;
          if (values[next] < INK || names[next]) continue;
          names[next] = piece.name;
          found.push(next);
        }
    }
    pieces.push(piece);
  }
  return { names, pieces };
}

// The median size, in which each piece counts as much as it has ink.
function findTypical(pieces) {
  const sorted = pieces.slice().sort((a, b) => sizeOf(a.box) - sizeOf(b.box));
  let left = pieces.reduce((sum, piece) => sum + piece.area, 0) / 2;
  return sizeOf(sorted.find((piece) => (left -= piece.area) <= 0).box);
}

function mergePieces(pieces) {
  const groups = pieces.map((piece) => [piece]);
  const of = groups.slice();
  const join = (i, j) => {
    const [one, two] = [of[i], of[j]];
    if (one === two) return;
    one.push(...two);
    pieces.forEach((_, k) => (of[k] = of[k] === two ? one : of[k]));
  };
  pieces.forEach(({ box }, i) => {
    const beside = [];
    pieces.forEach((other, j) => {
      if (i === j) return;
      const [gapX, gapY] = shareSides(box, other.box).map((shared) => -shared);
      const [large, less] = [Math.max(sizeOf(box), sizeOf(other.box)), Math.min(sizeOf(box), sizeOf(other.box))];
      const narrow = Math.min(box[2] - box[0], other.box[2] - other.box[0]);
      if (-gapX >= 0.5 * narrow && gapY <= large * (less < 0.7 * large ? 0.25 : 0.1)) join(i, j);
      const tall = [other.box, box].map((b) => b[3] - b[1]);
      const small = sizeOf(other.box) >= 2 * sizeOf(box) || tall[0] >= 3 * tall[1];
      const gap = Math.max(gapX, gapY);
      if (small && gap < 0.15 * sizeOf(other.box)) beside.push([gap, j]);
    });
    if (beside.length) join(i, beside.sort((a, b) => a[0] - b[0])[0][1]);
  });
  return [...new Set(of)];
}

// One pixel more than the pieces: the soft edge is below the threshold.
function cutDigit(ink, names, group) {
  const box = group.map((piece) => piece.box).reduce(unite);
  const wanted = new Set(group.map((piece) => piece.name));
  const part = cut(ink, ...box);
  const near = (x, y) => {
    for (let row = Math.max(y - 1, box[1]); row <= Math.min(y + 1, box[3] - 1); row++)
      for (let column = Math.max(x - 1, box[0]); column <= Math.min(x + 1, box[2] - 1); column++)
        if (wanted.has(names[row * ink.width + column])) return true;
    return false;
  };
  let area = 0;
  part.values = part.values.map((value, i) => {
    const shown = value && near(box[0] + (i % part.width), box[1] + Math.floor(i / part.width)) ? value : 0;
    area += shown > 0;
    return shown;
  });
  return { box, ink: part, area };
}

function sortLines(digits) {
  const lines = [];
  const middle = ({ box }) => (box[1] + box[3]) / 2;
  for (const digit of digits.slice().sort((a, b) => middle(a) - middle(b))) {
    const line = lines[lines.length - 1];
    const low = line && line.reduce((sum, { box }) => sum + box[3], 0) / line.length;
    if (line && middle(digit) < low) line.push(digit);
    else lines.push([digit]);
  }
  return lines.flatMap((line) => line.sort((a, b) => a.box[0] - b.box[0]));
}
