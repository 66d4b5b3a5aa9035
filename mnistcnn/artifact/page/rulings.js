// Strokes that are no part of a digit, as `reading/rulings.py` finds them, and
// those that go over another, as `reading/retracing.py` does.

const MOST_STROKES = 1000; // of more, comparing all pairs would take too long
const RULING = {
  flat: 0.25, // of its length, that it is tall at most, or wide
  straight: 0.08, // of its length, that it is from the line between its ends
  shared: 0.3, // of a stroke's columns, that it has below or above it
  // Of the height of the ink above or below it: how long it is where it is
  // below digits that stand apart, or so far from all that is near; how long
  // it is else; what is near; how far a digit may go beyond it.
  wide: 0.9,
  apart: 0.08,
  long: 1.6,
  near: 0.6,
  inside: 0.25,
  dots: 0.3, // of the tallest stroke, that this ink is tall
  // Of the tallest stroke that is not straight: how tall a wall is, how long
  // the two flat strokes are that it meets, and how near they are.
  upright: 1.15,
  half: 0.5,
  corner: 0.1,
};
const RETRACED = { samples: 48, near: 0.07, most: 0.95, bent: 0.3 };

// The places of strokes that are ruling lines.
function findRulings(strokes) {
  const all = listPlaces(strokes.length);
  if (all.length < 2 || all.length > MOST_STROKES) return [];
  const boxes = strokes.map(boundPoints);
  const thin = all.map((k) => {
    const short = Math.min(wideOf(boxes[k]), tallOf(boxes[k]));
    return sizeOf(boxes[k]) > 0 && short <= RULING.flat * sizeOf(boxes[k]) && isStraight(strokes[k]);
  });
  const flat = all.map((k) => thin[k] && wideOf(boxes[k]) > tallOf(boxes[k]));
  // Most drawings have none, and what stands has to meet two.
  if (!flat.includes(true)) return [];
  const bent = Math.max(0, ...all.filter((k) => !thin[k]).map((k) => tallOf(boxes[k])));
  const room = RULING.corner * bent;
  const grown = boxes.map(([a, b, c, d]) => [a - room, b - room, c + room, d + room]);
  const halves = all.filter((k) => flat[k] && wideOf(boxes[k]) >= RULING.half * bent);
  const meets = (box, some) => some.filter((k) => touches(box, boxes[k])).length;
  const tall = (k) => thin[k] && !flat[k] && bent > 0 && tallOf(boxes[k]) >= RULING.upright * bent;
  const crossed = all.filter((k) => tall(k) && meets(grown[k], halves) > 1);
  const others = all.filter((k) => !flat[k] && !crossed.includes(k));
  const walls = crossed.filter((k) => !meets(boxes[k], others));
  const signs = others.map((k) => boxes[k]);
  return all.filter((k) => walls.includes(k) || (flat[k] && (meets(grown[k], walls) > 1 || rules(strokes[k], signs))));
}

function isStraight(stroke) {
  const { chord, aside } = measureAside(stroke);
  return chord > 0 && aside <= RULING.straight * chord;
}

// How far apart a stroke's ends are, and how far it goes from their chord.
function measureAside(points) {
  const [[left, top], [right, bottom]] = [points[0], points[points.length - 1]];
  const chord = Math.hypot(right - left, bottom - top);
  const cross = points.map(([x, y]) => Math.abs((x - left) * (bottom - top) - (y - top) * (right - left)));
  return { chord, aside: cross.reduce((a, b) => Math.max(a, b), 0) / Math.max(chord, 1e-12) };
}

const touches = (a, b) => a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3];

// Whether a flat stroke is below, above or between digits, of these boxes.
function rules(stroke, boxes) {
  const tallest = Math.max(0, ...boxes.map(tallOf));
  const [[left, start], [right, end]] = [stroke[0], stroke[stroke.length - 1]].sort((a, b) => a[0] - b[0]);
  const shared = (box) => Math.min(box[2], right) - Math.max(box[0], left);
  const beside = boxes.filter((box) => shared(box) >= RULING.shared * wideOf(box));
  const found = beside.map((box) => {
    const along = Math.min(Math.max(((box[0] + box[2]) / 2 - left) / (right - left), 0), 1);
    const height = start + along * (end - start); // of the line, beside its middle
    const above = (box[1] + box[3]) / 2 < height;
    return { box, above, away: above ? height - box[3] : box[1] - height };
  });
  const unit = Math.max(0, ...beside.map(tallOf));
  if (!unit || unit < RULING.dots * tallest) return false;
  const near = found.filter(({ away }) => away <= RULING.near * unit);
  if (!near.length || found.some(({ away }) => away < -RULING.inside * unit)) return false;
  const below = near.every(({ above }) => above);
  const several = [false, true].some((way) => standApart(near.filter(({ above }) => above === way).map(({ box }) => box)));
  const beyond = near.every(({ box, away }) => away >= RULING.apart * unit && left < box[0] && right > box[2]);
  // A T's bar is above a single stroke.
  const apart = beyond && (several || near.some(({ above }) => above));
  if (apart || (below && several)) return right - left >= RULING.wide * unit;
  return (below || several) && right - left >= RULING.long * unit;
}

// Whether a column without ink is between some of them.
function standApart(boxes) {
  let reach = -Infinity;
  return sortPlaces(boxes.map((box) => box[0])).some((k, i) => {
    const parted = i > 0 && boxes[k][0] > reach;
    reach = Math.max(reach, boxes[k][2]);
    return parted;
  });
}

// Of each stroke the place of the one that it goes over, or its own.
function findRetraced(strokes) {
  const own = listPlaces(strokes.length);
  if (own.length < 2 || own.length > MOST_STROKES) return own;
  const boxes = strokes.map(boundPoints);
  const room = boxes.map((box) => RETRACED.near * sizeOf(box));
  const points = new Map();
  const sample = (k) => points.get(k) ?? points.set(k, resample(strokes[k], RETRACED.samples)).get(k);
  const inside = ([a, b, c, d], [left, top, right, bottom], by) =>
    a >= left - by && b >= top - by && c <= right + by && d <= bottom + by;
  const within = (over, under) => inside(boxes[over], boxes[under], room[under]);
  for (const over of listPlaces(own.length))
    for (const under of listPlaces(own.length)) {
      // Of two alike the first is kept.
      if (over === under || !within(over, under) || own[over] !== over || own[under] !== under) continue;
      if ((within(under, over) && over < under) || !isBent(sample(over))) continue;
      const isNear = ([x, y]) => sample(under).some(([u, v]) => Math.hypot(x - u, y - v) <= room[under]);
      if (sample(over).filter(isNear).length >= RETRACED.most * sample(over).length) own[over] = under;
    }
  // What is gone over may go over another.
  while (own.some((k) => own[k] !== k)) own.forEach((k, i) => (own[i] = own[k]));
  return own;
}

// Two straight strokes beside each other are two 1s.
const isBent = (points) => measureAside(points).aside > RETRACED.bent * sizeOf(boundPoints(points));
