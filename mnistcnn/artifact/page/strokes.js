// Which strokes are one digit, and how digits stand: pens' strokes by the
// rules of `reading/segmentation.py`, in the size of the larger of two parts.

const TOUCH = 0.1;
const NEAR = 0.15;
const STACK = 0.2;
const REACH = 0.28;
const PART = 0.6;
const OVERLAP = 0.25;
const COVER = 0.5;
const STAGGER = 0.75;
const SAMPLES = 32;
const WORD_GAP = 1; // times the higher digit: wider, it parts two numbers

// Lists of indices, each of one digit's strokes, in reading order.
function groupStrokes(strokes) {
  const parts = strokes.map((stroke, i) => ({ strokes: [i], box: boundPoints(stroke) }));
  const samples = strokes.map(resample);
  const of = parts.slice();
  const pairs = listNearPairs(parts.map((part) => part.box));
  for (let joined = true; joined; ) {
    joined = false;
    for (const pair of pairs) {
      const [one, two] = [of[pair.i], of[pair.j]];
      if (one === two) continue;
      pair.distance ??= findDistance(samples[pair.i], samples[pair.j]);
      if (!belong(one.box, two.box, pair.distance)) continue;
      one.strokes.push(...two.strokes);
      one.box = unite(one.box, two.box);
      for (const i of two.strokes) of[i] = one;
      joined = true;
    }
  }
  return orderBoxes([...new Set(of)]).map((part) => part.strokes.sort((a, b) => a - b));
}

const unite = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
const sizeOf = (box) => Math.max(box[2] - box[0], box[3] - box[1]);

// Points at equal steps along the stroke.
function resample(stroke) {
  const along = [0];
  for (let i = 1; i < stroke.length; i++)
    along.push(along[i - 1] + Math.hypot(stroke[i][0] - stroke[i - 1][0], stroke[i][1] - stroke[i - 1][1]));
  const total = along[along.length - 1];
  if (!total) return [stroke[0]];
  let k = 1;
  return Array.from({ length: SAMPLES }, (_, n) => {
    const wanted = (total * n) / (SAMPLES - 1);
    while (k < along.length - 1 && along[k] < wanted) k++;
    const share = along[k] > along[k - 1] ? (wanted - along[k - 1]) / (along[k] - along[k - 1]) : 0;
    return [0, 1].map((axis) => stroke[k - 1][axis] + share * (stroke[k][axis] - stroke[k - 1][axis]));
  });
}

function findDistance(one, two) {
  let least = Infinity;
  for (const [x, y] of one) for (const [u, v] of two) least = Math.min(least, Math.hypot(x - u, y - v));
  return least;
}

// The nearest first: a bar joins its own digit before a neighbour claims it.
function listNearPairs(boxes) {
  const pairs = [];
  for (let i = 0; i < boxes.length; i++)
    for (let j = i + 1; j < boxes.length; j++) {
      const shared = shareSides(boxes[i], boxes[j]);
      const gap = Math.max(-shared[0], -shared[1], 0);
      const overlap = Math.max(shared[0], 0) * Math.max(shared[1], 0);
      if (gap <= REACH * Math.max(sizeOf(boxes[i]), sizeOf(boxes[j]))) pairs.push({ i, j, gap, overlap });
    }
  return pairs.sort((a, b) => a.gap - b.gap || b.overlap - a.overlap);
}

const shareSides = (a, b) => [0, 1].map((axis) => Math.min(a[axis + 2], b[axis + 2]) - Math.max(a[axis], b[axis]));

function belong(one, two, apart) {
  const scale = Math.max(sizeOf(one), sizeOf(two));
  if (!scale) return apart === 0;
  const distance = apart / scale;
  const padding = TOUCH * scale;
  const sides = (box) => [box[2] - box[0] + padding, box[3] - box[1] + padding];
  const [[wideOne, tallOne], [wideTwo, tallTwo]] = [sides(one), sides(two)];
  const [sharedX, sharedY] = shareSides(one, two).map((shared) => shared + padding);
  const across = sharedX / Math.min(wideOne, wideTwo);
  const along = sharedY / Math.min(tallOne, tallTwo);
  if (across >= 1 && along >= 1) return true;
  if (Math.min(tallOne, tallTwo) < PART * Math.max(tallOne, tallTwo)) return distance <= (across > COVER ? REACH : NEAR);
  if (across > COVER && along < OVERLAP) return distance <= STACK;
  if (along > 0 && along < STAGGER) return distance <= NEAR;
  return across >= OVERLAP && distance <= TOUCH;
}

// By lines, then left to right; the tallest boxes make the lines.
function orderBoxes(parts) {
  const middle = (part) => (part.box[1] + part.box[3]) / 2;
  const lines = [];
  const tallest = parts.slice().sort((a, b) => a.box[1] - a.box[3] - (b.box[1] - b.box[3]));
  for (const part of tallest) {
    const line = lines.find(([first]) => {
      const margin = (first.box[3] - first.box[1]) / 4;
      return middle(part) >= first.box[1] - margin && middle(part) <= first.box[3] + margin;
    });
    if (line) line.push(part);
    else lines.push([part]);
  }
  lines.sort((a, b) => middle(a[0]) - middle(b[0]));
  return lines.flatMap((line) => line.sort((a, b) => a.box[0] - b.box[0] || a.box[1] - b.box[1]));
}

// Digits as numbers, as they stand: a line for each line, and a space where a
// gap parts two numbers.
function writeLines(digits) {
  const lines = [];
  digits.forEach(({ box, label }, i) => {
    const before = i && digits[i - 1].box;
    if (!i || box[0] < before[0] || box[1] > before[3]) lines.push(label);
    else {
      const tall = Math.max(box[3] - box[1], before[3] - before[1]);
      lines[lines.length - 1] += (box[0] - before[2] > WORD_GAP * tall ? " " : "") + label;
    }
  });
  return lines;
}
