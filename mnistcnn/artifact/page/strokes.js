// Digits of a pen's strokes, as `reading/pieces.py` cuts and
// `reading/recognition.py` reads them, and how they stand.

const SAMPLES = 64; // points by which the ink of two pieces is compared
const [CUT_WIDE, CUT_EACH, COLUMNS] = [0.9, 0.4, 64];
const WORD_GAP = 1; // times the higher digit: wider, it parts two numbers

// The digits of strokes, and "?" for rejected signs. `look` has the network read
// some parts; a part is {points, stroke, name}, its name says which of the
// stroke.
function readStrokes(network, strokes, look = (parts) => lookAt(network, drawParts(parts))) {
  const rulings = findRulings(strokes);
  const kept = listPlaces(strokes.length).filter((k) => !rulings.includes(k));
  const own = findRetraced(kept.map((k) => strokes[k])).map((k) => kept[k]);
  const drawn = [...new Set(own)].sort((a, b) => a - b);
  const cut = cutStrokes(drawn.map((k) => strokes[k]));
  const parts = cut.parts.map((part) => ({ ...part, stroke: drawn[part.stroke] }));
  const lattice = buildLattice(cut.pieces);
  const looks = lattice.proposals.map((group) => look(group.map((k) => parts[k])));
  return chooseSigns(lattice, looks, network.classes).map((sign) => {
    const members = sign.pieces.map((k) => parts[k].stroke);
    return { ...decide(looks[sign.place], sign), strokes: kept.filter((_, i) => members.includes(own[i])) };
  });
}

const drawParts = (parts) => strokesToImage(parts.map((part) => part.points));
const lookAt = (network, image) => ({ image, ...readImage(network, image.values) });

// Of a sign that is no digit, whatever it looks like, the label is "?".
const decide = (look, { isDigit, box, line }) => ({ ...look, label: isDigit ? look.label : "?", box, line });

// Strokes, wide ones cut where digits may hang together, and as pieces.
function cutStrokes(strokes) {
  const boxes = strokes.map(boundPoints);
  const lines = measureLines(boxes);
  const found = strokes.map((stroke, i) => cutStroke(stroke, boxes[i], lines[i]));
  const parts = found.flatMap((some, stroke) => some.map((part) => ({ ...part, stroke })));
  const pieces = {
    boxes: parts.map((part) => boundPoints(part.points)),
    points: parts.map((part) => resample(part.points, SAMPLES)),
    sources: parts.map((part) => part.stroke),
    cuts: found.flatMap((some) => some.map((_, i) => Number(i > 0))),
  };
  return { parts, pieces };
}

// Cuts a wide stroke where a vertical line meets it a single time.
function cutStroke(stroke, [left, , right], line) {
  const whole = [{ points: stroke, name: "" }];
  const room = CUT_EACH * line;
  const most = line > 0 ? Math.floor((right - left) / room) - 1 : 0;
  if (right - left < CUT_WIDE * line || most < 1 || stroke.length < 2) return whole;
  const path = resample(stroke, 4 * COLUMNS);
  const columns = listPlaces(COLUMNS).map((i) => left + ((right - left) * (i + 1)) / (COLUMNS + 1));
  const crossings = columns.map((x) => listPlaces(path.length - 1).filter((i) => path[i][0] < x !== path[i + 1][0] < x));
  const single = listPlaces(COLUMNS).filter((i) => crossings[i].length === 1);
  const runs = [];
  for (const i of single) {
    const run = runs[runs.length - 1];
    if (run && run[run.length - 1] === i - 1) run.push(i);
    else runs.push([i]);
  }
  const middles = runs.map((run) => run[run.length >> 1]);
  const places = [];
  for (const middle of middles.sort((a, b) => Math.abs(a - COLUMNS / 2) - Math.abs(b - COLUMNS / 2))) {
    const x = columns[middle];
    if (x < left + room || x > right - room || places.length === most) continue;
    if (places.every((other) => Math.abs(x - columns[other]) >= room)) places.push(middle);
  }
  if (!places.length) return whole;
  const edges = [0, ...places.map((place) => crossings[place][0]).sort((a, b) => a - b), path.length - 1];
  // One point is in both parts: the pen went on.
  return edges.slice(1).map((end, i) => ({ points: path.slice(edges[i], end + 1), name: `${edges[i]}-${end}` }));
}

// Points at equal steps along the stroke.
function resample(stroke, count) {
  const along = [0];
  for (let i = 1; i < stroke.length; i++)
    along.push(along[i - 1] + Math.hypot(stroke[i][0] - stroke[i - 1][0], stroke[i][1] - stroke[i - 1][1]));
  const total = along[along.length - 1];
  if (!total) return [stroke[0]];
  let k = 1;
  return listPlaces(count).map((n) => {
    const wanted = (total * n) / (count - 1);
    while (k < along.length - 1 && along[k] < wanted) k++;
    const share = along[k] > along[k - 1] ? (wanted - along[k - 1]) / (along[k] - along[k - 1]) : 0;
    return [0, 1].map((axis) => stroke[k - 1][axis] + share * (stroke[k][axis] - stroke[k - 1][axis]));
  });
}

// Digits as numbers, as they stand: a line for each line, and a space where a
// gap parts two numbers.
function writeLines(digits) {
  const lines = [];
  digits.forEach(({ box, label, line }, i) => {
    const before = i && digits[i - 1];
    if (!i || line !== before.line) lines.push(label);
    else {
      const tall = Math.max(tallOf(box), tallOf(before.box));
      lines[lines.length - 1] += (box[0] - before.box[2] > WORD_GAP * tall ? " " : "") + label;
    }
  });
  return lines;
}
