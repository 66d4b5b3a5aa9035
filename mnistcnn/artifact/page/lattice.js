// Which pieces of ink are one digit, as `reading/` finds it: neighbours that
// may be one sign are proposed (`pairs.py`, `proposals.py`, `lattice.py`), the
// network looks at each, and the best path through them is taken (`prior.py`,
// `decoding.py`, `lines.py`, `segmentation.py`). Pieces are {boxes, points,
// sources, cuts}, a place in each for every piece.

const MAX_PIECES = 1000; // of more, comparing all pairs would take too long
const [LINE_NEAR, LINE_TALL, LINE_SHORT] = [1.5, 0.7, 0.25];
const [NEAR, OPEN, REACH] = [0.45, 1.2, 0.35];
const [ASIDE, NEARER, SIGN_TALL, SIGN_WIDE, MOST, PROPOSALS, TOUCH] = [0.3, 0.1, 2.1, 1.75, 8, 24, 0.05];
const [CLOSE, STACKED] = [0.25, 0.25];
const [STEM, LEAN, ALIKE] = [0.5, 1, 0.05];
const [MEET, STRAIGHT, ANGLE] = [0.15, 0.04, 0.5];
const [MARK, BEYOND, SHORTEST, BELOW] = [0.45, 0.35, 0.28, 0.06];
const [BENT, BENT_INK, NARROW, TALLER, MOST_BENT] = [0.045, 64, 0.5, 1.05, 0.3];
const [POINT, BENEATH_LEAST, BENEATH_MOST, BESIDE_POINT] = [0.35, 0.06, 0.75, 0.15];
const BEAM = 64;
const [STEEPEST, SLOPES, CAP, LEVEL, BESIDE, TALL, FAR] = [0.27, 55, 0.5, 0.02, 0.6, 0.5, 1.0];
const [DOUBT, LITTLE] = [0.03, 0.003];
const [DOT, DOTS] = [0.25, 3];
const PARTED = ["cuts", "joined", "all", "wide"];
// As a digit, and as none.
const WEIGHTS = {
  one: [0, -0.28],
  joined: [-0.11, -0.17],
  short: [-2.8, -0.42],
  low: [-0.35, -0.09],
  tall: [-1.35, 0.37],
  wide: [-2.3, -2.68],
  apart: [-3.49, 1.88],
  beside: [-2.8, -2.76],
  shared: [3.16, 2.13],
  cuts: [0.1, -1.84],
  sliced: [-0.91, -0.96],
  near: [-0.19, -0.23],
  stacked: [-1.32, -0.95],
  crossed: [-0.53, -0.5],
  covered: [-1.05, -0.02],
  encloses: [-3.37, 3.79],
  all: [-0.41, 0.96],
  corner: [-0.47, -0.89],
  tee: [0.14, -0.32],
  cross: [-0.12, -0.36],
  corners: [0.76, 0.96],
  tees: [-0.35, 0.69],
  crosses: [-0.19, 0.92],
  sure: [1.28, -0.4],
  unsure: [0, 0.02],
  none: [-0.09, -0.01],
  "unsure at all": [-0.37, -0],
  "none at all": [-0.31, 0],
  stems: [-0.69, -1.01],
  "stem's corner": [-1.57, -0.54],
  "stem's tee": [-1.16, -0.1],
  "stem's cross": [-0.58, -1.23],
  "stem's bend": [7.37, -7.53],
  "unsure, cuts": [0.2, 0.17],
  "unsure, joined": [0.11, 0.24],
  "unsure, all": [-0.01, 0.14],
  "unsure, wide": [-0.22, -0.55],
  "none, cuts": [0.23, 0.16],
  "none, joined": [0.15, 0.15],
  "none, all": [-0.14, -0.17],
  "none, wide": [-0.53, -0.48],
  "like 0": [-0.28, -0.84],
  "like 1": [-1.42, -1.72],
  "like 2": [0.09, -0.81],
  "like 3": [0.67, -0.39],
  "like 4": [0.35, -0.72],
  "like 5": [0.5, -0.13],
  "like 6": [0.99, -0.81],
  "like 7": [-0.35, -1.25],
  "like 8": [1.5, 0.58],
  "like 9": [1.67, 0.24],
};

const unite = (a, b) => [Math.min(a[0], b[0]), Math.min(a[1], b[1]), Math.max(a[2], b[2]), Math.max(a[3], b[3])];
const wideOf = (box) => box[2] - box[0];
const tallOf = (box) => box[3] - box[1];
const sizeOf = (box) => Math.max(wideOf(box), tallOf(box));
const shareSides = (a, b) => [0, 1].map((axis) => Math.min(a[axis + 2], b[axis + 2]) - Math.max(a[axis], b[axis]));
const clip = (x, low, high) => Math.min(Math.max(x, low), high);
const listPlaces = (count) => Array.from({ length: count }, (_, i) => i);
const within = (a, b) => a[0] > b[0] && a[1] > b[1] && a[2] < b[2] && a[3] < b[3];

// Places in the order of their values; equal ones stay as they are.
const sortPlaces = (values) => listPlaces(values.length).sort((i, j) => values[i] - values[j]);

// How tall the line of writing is that each box stands in: of the boxes near
// by, what most of their ink is not taller than.
function measureLines(boxes) {
  const sizes = boxes.map(sizeOf);
  // A ring round several tells nothing of theirs.
  const rings = boxes.map((ring) => {
    const tall = boxes.filter((box) => tallOf(box) >= LINE_SHORT * tallOf(ring));
    return tall.filter((box) => within(box, ring)).length > 1;
  });
  const order = sortPlaces(boxes.map(tallOf)).filter((j) => !rings[j]);
  return boxes.map((box, i) => {
    const near = order.filter((j) => {
      const gap = Math.max(...shareSides(box, boxes[j]).map((shared) => Math.max(-shared, 0)));
      return gap <= LINE_NEAR * Math.max(sizes[i], sizes[j]);
    });
    const total = near.reduce((sum, j) => sum + tallOf(boxes[j]), 0);
    let sum = 0;
    const found = near.find((j) => (sum += tallOf(boxes[j])) >= LINE_TALL * total);
    // Where all is flat, as two bars are, their length tells more.
    return Math.max(tallOf(boxes[found]), 0.4 * sizes[i]);
  });
}

// What is known of each two neighbours, in units of their line.
function measurePairs({ boxes, points, sources, cuts }, lines) {
  const pairs = [];
  const axes = points.map(findAxis);
  for (let one = 0; one < boxes.length; one++)
    for (let two = one + 1; two < boxes.length; two++) {
      const line = Math.max(lines[one], lines[two]);
      const same = sources[one] === sources[two];
      const follow = same && two === one + 1;
      const shared = shareSides(boxes[one], boxes[two]);
      if (!follow && Math.max(-shared[0], -shared[1]) > NEAR * line) continue;
      const unit = Math.max(line, 1e-12);
      // Of one source, those between which others lie are apart as they are.
      let apart = same && !follow ? 2 * REACH * unit : 0;
      let meet = [0, 0, 0];
      if (!same) {
        const [way, ...places] = findNearest(points[one], points[two]);
        apart = way;
        const close = Math.max(1 - apart / (MEET * unit), 0);
        meet = findMeeting([axes[one], axes[two]], places).map((value) => value * close);
      }
      // Two straight 1s side by side share no column, however near they are.
      const [padX, padY] = [0.01 * unit, 0.05 * unit];
      let [across, narrow] = [shared[0], Math.min(wideOf(boxes[one]), wideOf(boxes[two]))];
      const lower = Math.min(tallOf(boxes[one]), tallOf(boxes[two]));
      // Nor do those that lean, or bend, alike: seen along their own form.
      if (!same && across > 0 && Math.min(lower, shared[1]) > STEM * unit)
        [across, narrow] = straightenStems(points[one], points[two], unit) ?? [across, narrow];
      const holds = (a, b) => !same && sizeOf(boxes[b]) > 0.25 * lines[b] && surrounds({ boxes, points, sources }, sources[a], b);
      pairs.push({
        one,
        two,
        apart: apart / unit,
        beside: -across / unit,
        shared: clip((across + 2 * padX) / (narrow + 2 * padX), 0, 1),
        level: clip((shared[1] + 2 * padY) / (lower + 2 * padY), 0, 1),
        cut: follow ? cuts[two] : 0,
        inside: holds(two, one) ? 1 : holds(one, two) ? -1 : 0,
        meet,
      });
    }
  return pairs;
}

// What columns two stems share, and the narrower's width, their common form
// taken out: a parabola, fitted to both at once. Null where they have none.
function straightenStems(one, two, line) {
  const rows = [...one, ...two].map((point) => point[1]);
  const [low, high] = [Math.min(...rows), Math.max(...rows)];
  const half = (high - low) / 2;
  const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const stems = [one, two].map((points) => points.map(([x, y]) => [(y - low) / half - 1, x]).map(([t, x]) => [t, t * t, x]));
  const centred = stems.flatMap((stem) => {
    const middle = [0, 1, 2].map((column) => mean(stem.map((row) => row[column])));
    return stem.map((row) => row.map((value, column) => value - middle[column]));
  });
  const dot = (i, j) => mean(centred.map((row) => row[i] * row[j]));
  const scale = dot(0, 0) * dot(1, 1) - dot(0, 1) ** 2;
  if (scale < 1e-9) return null;
  const lean = (dot(1, 1) * dot(0, 2) - dot(0, 1) * dot(1, 2)) / scale;
  const bend = (dot(0, 0) * dot(1, 2) - dot(0, 1) * dot(0, 2)) / scale;
  const away = Math.sqrt(mean(centred.map(([t, q, x]) => (x - lean * t - bend * q) ** 2)));
  if (away > ALIKE * line || Math.abs(lean) > LEAN * half) return null;
  const [a, b] = stems.map((stem) => {
    const places = stem.map(([t, q, x]) => x - lean * t - bend * q);
    return [Math.min(...places), Math.max(...places)];
  });
  return [Math.min(a[1], b[1]) - Math.max(a[0], b[0]), Math.min(a[1] - a[0], b[1] - b[0])];
}

// How far two pieces are from each other, and the points where.
function findNearest(one, two) {
  let [least, ...places] = [Infinity];
  for (const [x, y] of one)
    for (const [u, v] of two) {
      const way = (x - u) ** 2 + (y - v) ** 2;
      if (way < least) [least, ...places] = [way, [x, y], [u, v]];
    }
  return [Math.sqrt(least), ...places];
}

// A piece's main axis: where it begins, its way, how long it is; and how
// straight the piece is.
function findAxis(points) {
  const middle = [0, 1].map((axis) => points.reduce((sum, point) => sum + point[axis], 0) / points.length);
  const away = points.map((point) => [point[0] - middle[0], point[1] - middle[1]]);
  const dot = (i, j) => away.reduce((sum, point) => sum + point[i] * point[j], 0);
  const turn = Math.atan2(2 * dot(0, 1), dot(0, 0) - dot(1, 1)) / 2;
  const way = [Math.cos(turn), Math.sin(turn)];
  const along = away.map(([x, y]) => x * way[0] + y * way[1]);
  const aside = away.map(([x, y]) => y * way[0] - x * way[1]);
  const low = Math.min(...along);
  const size = Math.max(Math.max(...along) - low, 1e-12);
  const off = Math.sqrt(aside.reduce((sum, x) => sum + x * x, 0) / aside.length) / size;
  // A point has no way.
  const straight = size > 1e-12 ? clip(2 - off / STRAIGHT, 0, 1) : 0;
  return { start: [0, 1].map((axis) => middle[axis] + low * way[axis]), way, size, straight };
}

// How far two straight pieces meet as a corner, a T or a cross.
function findMeeting(axes, places) {
  const [a, b] = axes.map(({ way }) => way);
  const turned = Math.min(Math.abs(a[0] * b[1] - a[1] * b[0]) / ANGLE, 1);
  const [one, two] = axes.map(({ start, way, size }, i) => {
    const along = (places[i][0] - start[0]) * way[0] + (places[i][1] - start[1]) * way[1];
    return clip((Math.abs((2 * along) / size - 1) - 0.4) / 0.4, 0, 1);
  });
  const [corner, cross] = [one * two, (1 - one) * (1 - two)];
  return [corner, 1 - corner - cross, cross].map((form) => axes[0].straight * axes[1].straight * turned * form);
}

// Whether a source's ink goes round a piece of another.
function surrounds({ boxes, points, sources }, source, piece) {
  const members = listPlaces(boxes.length).filter((k) => sources[k] === source);
  if (!within(boxes[piece], members.map((k) => boxes[k]).reduce(unite))) return false;
  const [x, y] = [0, 1].map((axis) => (boxes[piece][axis] + boxes[piece][axis + 2]) / 2);
  const turns = members.flatMap((k) => points[k].map((point) => Math.atan2(point[1] - y, point[0] - x))).sort((a, b) => a - b);
  // And not past it, or through it.
  return turns.every((turn, i) => (turns[i + 1] ?? turns[0] + 2 * Math.PI) - turn < OPEN);
}

// Connected sets of neighbours that are of a sign's size, each piece alone too.
function propose({ boxes, sources }, lines, pairs, rank) {
  // A point or a comma belongs to what it stands beside if it is near alone.
  const isPoint = (one, two) => {
    const [left, top, right, bottom] = boxes[one];
    const [small, wide] = [SHORTEST * lines[one], right - left - TOUCH * lines[one]];
    const foot = boxes[two][3] - BEYOND * (boxes[two][3] - boxes[two][1]);
    return bottom - top <= small && wide <= bottom - top && top >= foot;
  };
  const reach = ({ one, two }) => (isPoint(one, two) || isPoint(two, one) ? NEARER : ASIDE);
  const linked = pairs.filter(
    // What is closed round other ink is no part of the same sign.
    (pair) => (pair.apart <= REACH && pair.beside <= reach(pair) && (!pair.inside || pair.apart <= TOUCH)) || pair.cut > 0,
  );
  const links = linked.map(({ one, two }) => [one, two]);
  const found = new Map();
  const add = (group) => found.set(group.join(), group);
  growSets(listPlaces(boxes.length), links, boxes, lines, rank).forEach(add);
  // What was connected may be one sign, however often it was cut.
  growSets(sources, links, boxes, lines, rank).forEach(add);
  // And so may all there is, however wide or tall, if it hangs together.
  const names = new Set(sources);
  const steps = links.map((link) => link.map((k) => sources[k]));
  let reached = new Set([Math.min(...names)]);
  for (let i = 0; i < MOST; i++) {
    const met = steps.filter((step) => step.some((name) => reached.has(name)));
    reached = new Set([...reached, ...met.flat()]);
  }
  if (names.size <= MOST && reached.size === names.size) add(listPlaces(boxes.length));
  const before = (a, b) => {
    const place = a.findIndex((k, i) => k !== b[i]);
    return place < 0 ? a.length - b.length : place < b.length ? a[place] - b[place] : 1;
  };
  return [...found.values()].sort(before);
}

// Connected sets of parts; those of one name are one part.
function growSets(names, links, boxes, lines, rank) {
  const parts = new Map();
  names.forEach((name, k) => parts.set(name, [...(parts.get(name) ?? []), k]));
  const first = new Map([...parts].map(([name, part]) => [name, Math.min(...part.map((k) => rank[k]))]));
  const beside = new Map([...parts.keys()].map((name) => [name, new Set()]));
  for (const [one, two] of links) {
    beside.get(names[one]).add(names[two]);
    beside.get(names[two]).add(names[one]);
  }
  const found = [];
  for (const start of parts.keys()) {
    const grown = [[start]];
    const seen = new Set([String(start)]);
    for (const group of grown) {
      if (group.length === MOST || seen.size >= PROPOSALS) continue;
      const reach = new Set(group.flatMap((name) => [...beside.get(name)]).filter((name) => !group.includes(name)));
      for (const more of [...reach].sort((a, b) => first.get(a) - first.get(b))) {
        const wider = [...group, more].sort((a, b) => a - b);
        if (first.get(more) < first.get(start) || seen.has(String(wider))) continue;
        const members = wider.flatMap((name) => parts.get(name));
        const box = members.map((k) => boxes[k]).reduce(unite);
        const line = Math.max(...members.map((k) => lines[k]));
        if (wideOf(box) > SIGN_WIDE * line || tallOf(box) > SIGN_TALL * line) continue;
        seen.add(String(wider));
        grown.push(wider);
      }
    }
    found.push(...grown.map((group) => group.flatMap((name) => parts.get(name)).sort((a, b) => a - b)));
  }
  return found;
}

// What is proposed, and how each looks.
function buildLattice(pieces) {
  const { boxes } = pieces;
  const count = boxes.length;
  if (!count || count > MAX_PIECES) {
    const signs = count ? [listPlaces(count)] : [];
    const shapes = signs.map(() => Object.fromEntries(Object.keys(WEIGHTS).map((name) => [name, 0])));
    const [around, dots] = [signs.map(() => boxes.reduce(unite)), signs.map(() => false)];
    return { order: listPlaces(count), proposals: signs, boxes: around, shapes, dots };
  }
  const lines = measureLines(boxes);
  const middles = boxes.map((box) => box[0] + box[2]);
  const order = listPlaces(count).sort((i, j) => middles[i] - middles[j] || boxes[i][1] - boxes[j][1]);
  const rank = sortPlaces(order);
  const pairs = measurePairs(pieces, lines);
  const near = listPlaces(count).map(() => []);
  for (const pair of pairs) for (const k of [pair.one, pair.two]) near[k].push(pair);
  const proposals = propose(pieces, lines, pairs, rank);
  const around = proposals.map((group) => group.map((k) => boxes[k]).reduce(unite));
  const shapes = proposals.map((group, i) => describeShape(pieces, lines, near, group, around[i]));
  // A point, or a few as a colon's, look like a 3 to a network that sees no size.
  const few = ({ length }) => length <= Math.min(DOTS, count - 1);
  const dots = proposals.map((group) => few(group) && group.every((k) => sizeOf(boxes[k]) <= DOT * lines[k]));
  return { order, proposals, boxes: around, shapes, dots };
}

function describeShape(pieces, lines, near, group, box) {
  const line = Math.max(...group.map((k) => lines[k]), 1e-12);
  const [wide, tall] = [wideOf(box) / line + 1e-3, tallOf(box) / line + 1e-3];
  const members = new Set(group);
  const pairs = [...new Set(group.flatMap((k) => near[k]))];
  const both = pairs.filter(({ one, two, cut }) => members.has(one) && members.has(two) && cut === 0);
  const border = pairs.filter(({ one, two }) => members.has(one) !== members.has(two));
  const sum = (all, value) => all.reduce((total, pair) => total + value(pair), 0);
  const others = new Set(group.map((k) => pieces.sources[k])).size - 1;
  // Of several neighbours each piece needs one.
  const share = others / Math.max(both.length, 1);
  const close = ({ apart, cut }) => (cut === 0 ? clip(1 - apart / CLOSE, 0, 1) : 0);
  const common = ({ shared, level, cut }) => (cut === 0 ? shared * level : 0);
  const short = Math.max(-Math.log(Math.max(tall, 0.02) / 0.9), 0);
  const whole = Number(group.length === pieces.boxes.length);
  const meetings = (names, all) => Object.fromEntries(names.map((name, i) => [name, sum(all, ({ meet }) => meet[i])]));
  const holds = ({ one, inside }) => inside === (members.has(one) ? -1 : 1);
  return {
    one: 1,
    joined: others,
    short: Math.min(short, 1),
    low: Math.min(short, 3) ** 2,
    tall: Math.max(Math.log(tall / 1.1), 0) * (1 - whole),
    wide: Math.max(Math.log(wide / 0.8), 0),
    apart: share * sum(both, (pair) => pair.apart),
    beside: share * sum(both, (pair) => clip(pair.beside, 0, 1)),
    shared: share * sum(both, (pair) => pair.shared),
    cuts: sum(border, (pair) => Number(pair.cut > 0)),
    sliced: sum(border, (pair) => pair.cut),
    near: sum(border, close),
    stacked: sum(border, (pair) => close(pair) * pair.shared * Number(pair.level < STACKED)),
    crossed: sum(border, common),
    covered: sum(border, (pair) => common(pair) ** 4),
    encloses: Number(border.some(holds)),
    all: whole,
    ...meetings(["corner", "tee", "cross"], border),
    ...meetings(["corners", "tees", "crosses"], both),
  };
}

// A sign's score as a digit, and as none.
function scoreSign(shape, { image, probabilities }, classes) {
  const digits = listPlaces(classes.length).filter((k) => classes[k]);
  const shares = digits.map((k) => probabilities[k]);
  const top = Math.max(...shares);
  // A network without a rejection class says it by equal shares.
  const none = clip(1 - shares.reduce((a, b) => a + b, 0) + digits.length * Math.min(...shares), 0, 1);
  const like = (digit) => classes.reduce((sum, name, k) => sum + (name === digit ? probabilities[k] : 0), 0);
  const ones = like("1");
  const log = (x) => Math.log(Math.max(x, 1e-4));
  const doubts = { unsure: log(1 - top + DOUBT), none: log(none + DOUBT) };
  const seen = {
    ...shape,
    sure: log(top),
    ...doubts,
    "unsure at all": log(1 - top + LITTLE),
    "none at all": log(none + LITTLE),
    stems: shape.cuts * ones,
    "stem's corner": shape.corner * ones,
    "stem's tee": shape.tee * ones,
    "stem's cross": shape.cross * ones,
    "stem's bend": Math.min(Math.abs(measureBend(image.values)), MOST_BENT) * ones,
  };
  for (const [look, value] of Object.entries(doubts)) for (const name of PARTED) seen[`${look}, ${name}`] = value * shape[name];
  for (const digit of "0123456789") seen[`like ${digit}`] = like(digit);
  const known = Object.entries(WEIGHTS);
  return [0, 1].map((kind) => known.reduce((sum, [name, pair]) => sum + pair[kind] * seen[name], 0));
}

// The signs that take each piece once and score best together.
function findPath(order, proposals, scores) {
  const rank = sortPlaces(order);
  const begins = order.map(() => []);
  proposals.forEach((group, place) => {
    const ranks = group.map((k) => rank[k]);
    const first = Math.min(...ranks);
    begins[first].push([place, ranks.reduce((mask, k) => mask | (1n << BigInt(k - first)), 0n)]);
  });
  // By the first piece that is not taken yet, and those taken beyond it.
  const states = Array.from({ length: order.length + 1 }, () => new Map());
  states[0].set(0n, { score: 0, path: null });
  order.forEach((_, first) => {
    const best = [...states[first]].sort((a, b) => b[1].score - a[1].score);
    for (const [taken, { score, path }] of best.slice(0, BEAM))
      for (const [place, mask] of begins[first]) {
        if (taken & mask) continue;
        let [both, after] = [taken | mask, first];
        for (; both & 1n; both >>= 1n) after++;
        const total = score + scores[place];
        const known = states[after].get(both);
        if (!known || total > known.score) states[after].set(both, { score: total, path: { place, path } });
      }
    states[first].clear();
  });
  const found = [];
  for (let { path } = states[order.length].get(0n); path; { path } = path) found.push(path.place);
  return found.reverse();
}

// The lines in which signs stand, whatever their slope: from the top, of
// places from left to right.
function findLines(boxes) {
  if (!boxes.length) return [];
  const heights = measureLines(boxes).map((height) => Math.max(height, 1e-12));
  const middles = boxes.map((box) => [0, 1].map((axis) => (box[axis] + box[axis + 2]) / 2));
  const all = listPlaces(boxes.length);
  let tall = all.filter((k) => tallOf(boxes[k]) >= TALL * heights[k]);
  if (!tall.length) tall = all;
  const slope = findSlope(tall.map((k) => middles[k]), findMedian(tall.map((k) => heights[k])));
  const x = middles.map((middle) => middle[0] + slope * middle[1]);
  const y = middles.map((middle) => middle[1] - slope * middle[0]);
  const mean = (line) => line.reduce((sum, k) => sum + y[k], 0) / line.length;
  const follow = (chosen) => {
    const lines = [];
    for (const k of sortPlaces(x).filter((each) => chosen.includes(each))) {
      const away = lines.map((line) => Math.abs(y[k] - mean(line.slice(-3))));
      const near = away.indexOf(Math.min(...away));
      if (near >= 0 && away[near] <= BESIDE * heights[k]) lines[near].push(k);
      else lines.push([k]);
    }
    return lines;
  };
  const lines = follow(tall);
  const owners = lines.flatMap((line) => line.map((k) => [k, line]));
  const apart = all.filter((k) => {
    if (tall.includes(k)) return false;
    const ways = owners.map(([other]) => Math.hypot((x[other] - x[k]) / 2, y[other] - y[k]));
    const [nearest, line] = owners[ways.indexOf(Math.min(...ways))];
    if (Math.abs(y[nearest] - y[k]) > FAR * heights[k]) return true;
    line.push(k);
    return false;
  });
  lines.push(...follow(apart));
  lines.sort((a, b) => mean(a) - mean(b));
  return lines.map((line) => line.sort((i, j) => x[i] - x[j] || y[i] - y[j]));
}

// What is too low, or too high, between digits to be one: commas look like 1s.
function findCommas(boxes, line) {
  return line.filter((place, i) => {
    if (!i || i === line.length - 1) return false;
    const beside = [boxes[line[i - 1]], boxes[line[i + 1]]];
    const [top, bottom] = [1, 3].map((side) => (beside[0][side] + beside[1][side]) / 2);
    const box = boxes[place];
    if (tallOf(box) >= MARK * Math.min(...beside.map(tallOf))) return false;
    const beyond = BEYOND * (bottom - top);
    const high = box[3] <= top + beyond && 2 * wideOf(box) <= tallOf(box);
    // A small digit may stand on the line, and not below it.
    const [low, below] = [box[1] >= bottom - beyond, box[3] >= bottom + BELOW * (bottom - top)];
    return high || (low && (below || tallOf(box) < SHORTEST * Math.min(...beside.map(tallOf))));
  });
}

function findMedian(values) {
  const sorted = Float64Array.from(values).sort();
  const half = sorted.length >> 1;
  return sorted.length % 2 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

// The slope along which signs lie in the fewest, thinnest lines.
function findSlope(middles, height) {
  const across = middles.map((middle) => middle[0]);
  const reach = (Math.max(...across) - Math.min(...across)) / height;
  const slopes = listPlaces(SLOPES).map((i) => -STEEPEST + (2 * STEEPEST * i) / (SLOPES - 1));
  let [best, least] = [0, Infinity];
  // The flattest first: of a single sign all are equal.
  for (const slope of slopes.sort((a, b) => Math.abs(a) - Math.abs(b))) {
    const y = Float64Array.from(middles, (middle) => middle[1] - slope * middle[0]).sort();
    let cost = LEVEL * reach * Math.abs(slope);
    for (let k = 1; k < y.length; k++) cost += Math.min((y[k] - y[k - 1]) / height, CAP);
    if (cost < least) [best, least] = [slope, cost];
  }
  return best;
}

// Brackets look like 1s: a pair round others that bend away from each other
// (`marks.py`).
function findBrackets(boxes, line, bends) {
  const found = [];
  let first = -1;
  line.forEach((k, i) => {
    if (bends[k] > BENT) first = i;
    else if (bends[k] < -BENT && first >= 0) {
      const most = TALLER * Math.max(...line.slice(first + 1, i).map((j) => tallOf(boxes[j])));
      const ends = [line[first], k];
      if (i > first + 1 && Math.min(...ends.map((j) => tallOf(boxes[j]))) >= most) found.push(...ends);
      first = -1;
    }
  });
  return found;
}

// Whether a point is right beneath the rest of some boxes, as of "!" and "?".
function hasPoint(parts) {
  if (parts.length < 2) return false;
  const lowest = parts.reduce((low, box, i) => (box[1] > parts[low][1] ? i : low), 0);
  const [point, rest] = [parts[lowest], parts.filter((_, i) => i !== lowest).reduce(unite)];
  const [tall, middle, below] = [tallOf(rest), (point[0] + point[2]) / 2, point[1] - rest[3]];
  const aside = BESIDE_POINT * tall;
  const near = below >= BENEATH_LEAST * tall && below <= BENEATH_MOST * tall;
  return near && sizeOf(point) <= POINT * tall && middle >= rest[0] - aside && middle <= rest[2] + aside;
}

// How far a stroke from top to bottom bends to the left, in its heights.
function measureBend(values) {
  const side = Math.sqrt(values.length);
  const rows = listPlaces(side).map((y) => Array.from(values.slice(y * side, (y + 1) * side)));
  const inked = listPlaces(side).filter((y) => Math.max(...rows[y]) >= BENT_INK);
  if (!inked.length) return 0;
  const sum = (all) => all.reduce((total, value) => total + value, 0);
  // Rows without ink, as between the two of a colon, say nothing.
  const x = inked.map((y) => sum(rows[y].map((value, i) => value * i)) / Math.max(sum(rows[y]), 1));
  const [first, last] = [inked[0], inked[inked.length - 1]];
  const squares = inked.map((y) => ((2 * y - first - last) / Math.max(last - first, 1)) ** 2);
  const away = squares.map((square) => square - sum(squares) / squares.length);
  const scale = Math.max(sum(away.map((square) => square ** 2)), 1e-12) * (last - first + 1);
  return sum(away.map((square, i) => square * x[i])) / scale;
}

// The signs that pieces of ink make, lines from the top, left to right in each.
function chooseSigns(lattice, looks, classes) {
  const { order, proposals, shapes, dots } = lattice;
  if (!proposals.length) return [];
  const scores = shapes.map((shape, i) => scoreSign(shape, looks[i], classes));
  dots.forEach((own, i) => own && (scores[i][0] = -Infinity));
  const path = findPath(order, proposals, scores.map((pair) => Math.max(...pair)));
  const boxes = path.map((place) => lattice.boxes[place]);
  const heights = measureLines(boxes);
  const sizes = boxes.map((box, k) => sizeOf(box) / Math.max(heights[k], 1e-12));
  const digits = path.map((place, k) => scores[place][0] >= scores[place][1] && sizes[k] >= DOT);
  const bends = path.map((place, k) => {
    const { image, probabilities } = looks[place];
    const label = classes[probabilities.indexOf(Math.max(...probabilities))];
    const one = digits[k] && label === "1" && wideOf(boxes[k]) <= NARROW * tallOf(boxes[k]);
    return one ? measureBend(image.values) : 0;
  });
  const alone = new Map(proposals.flatMap((group, i) => (group.length === 1 ? [[group[0], lattice.boxes[i]]] : [])));
  return findLines(boxes).flatMap((members, line) => {
    const marks = [...findCommas(boxes, members), ...findBrackets(boxes, members, bends)];
    const points = members.filter((k) => !digits[k]).map((k) => boxes[k]);
    return members.map((k) => {
      const own = proposals[path[k]].flatMap((piece) => (alone.has(piece) ? [alone.get(piece)] : []));
      const pointed = [own, ...points.map((point) => [boxes[k], point])].some(hasPoint);
      const isDigit = digits[k] && !marks.includes(k) && !pointed;
      return {
        place: path[k],
        pieces: proposals[path[k]],
        box: boxes[k],
        isDigit,
        line,
        ring: !isDigit && boxes.some((box) => within(box, boxes[k])),
        size: sizes[k],
      };
    });
  });
}
