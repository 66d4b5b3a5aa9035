// MNIST's geometry, as `pictures/preprocessing.py` and `rasterizer.py` have
// it. A picture is {width, height, values}, bright ink on black, 0..255; a
// stroke is a list of [x, y].

const IMAGE_SIZE = 28;
const BOX_SIZE = 20;
const PEN_WIDTH = 2.25;
const FINE = 4; // the rasterizer's pixels for one of the image's
const FRACTION = 8; // of its coordinates, as OpenCV has them
const INK = 64; // from here on a grey level is ink
const MAX_ENLARGEMENT = 4;
const THIN = 0.6; // of PEN_WIDTH

// Halves go to the even number, as NumPy's and Python's do.
function roundEven(x) {
  const low = Math.floor(x);
  const rest = x - low;
  if (rest !== 0.5) return rest < 0.5 ? low : low + 1;
  return low % 2 === 0 ? low : low + 1;
}

function makePicture(width, height) {
  return { width, height, values: new Uint8Array(width * height) };
}

function boundPoints(points) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    box[0] = Math.min(box[0], x);
    box[1] = Math.min(box[1], y);
    box[2] = Math.max(box[2], x);
    box[3] = Math.max(box[3], y);
  }
  return box;
}

// One digit's strokes, in any units, as MNIST would show them.
function strokesToImage(strokes) {
  const points = strokes.flat();
  if (!points.length) return makePicture(IMAGE_SIZE, IMAGE_SIZE);
  const [left, top, right, bottom] = boundPoints(points);
  const extent = Math.max(right - left, bottom - top);
  const scale = extent > 0 ? (BOX_SIZE - PEN_WIDTH) / extent : 0;
  // In the middle of a whole number of pixels, as a scan's box would be.
  const width = Math.ceil((right - left) * scale + PEN_WIDTH - 1e-6);
  const height = Math.ceil((bottom - top) * scale + PEN_WIDTH - 1e-6);
  const place = ([x, y]) => [
    (x - (left + right) / 2) * scale + width / 2,
    (y - (top + bottom) / 2) * scale + height / 2,
  ];
  return placeInImage(rasterize(strokes.map((stroke) => stroke.map(place)), width, height));
}

// A round pen: by each fine pixel's distance to a hairline.
function rasterize(strokes, width, height) {
  const [wide, high] = [width * FINE, height * FINE];
  const reach = (PEN_WIDTH * FINE) / 2 + 0.5;
  const squares = new Float32Array(wide * high).fill(Infinity);
  const span = Math.ceil(reach);
  const touch = (x, y) => {
    for (let row = Math.max(y - span, 0); row <= Math.min(y + span, high - 1); row++)
      for (let column = Math.max(x - span, 0); column <= Math.min(x + span, wide - 1); column++) {
        const square = (row - y) ** 2 + (column - x) ** 2;
        if (square < squares[row * wide + column]) squares[row * wide + column] = square;
      }
  };
  const done = new Set();
  const draw = (x, y) => {
    if (x < 0 || x >= wide || y < 0 || y >= high || done.has(y * wide + x)) return;
    done.add(y * wide + x);
    touch(x, y);
  };
  const scale = FINE * FRACTION;
  for (const stroke of strokes) {
    const spots = stroke.map(([x, y]) => [roundEven(x * scale - FRACTION / 2), roundEven(y * scale - FRACTION / 2)]);
    if (spots.length === 1) spots.push(spots[0]);
    for (let i = 1; i < spots.length; i++) drawHairline(spots[i - 1], spots[i], draw);
  }
  const small = makePicture(width, height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (let i = 0; i < FINE; i++)
        for (let j = 0; j < FINE; j++) {
          const gap = Math.sqrt(squares[(y * FINE + i) * wide + x * FINE + j]);
          sum += Math.min(Math.max(reach - gap, 0), 1);
        }
      small.values[y * width + x] = roundEven((sum / FINE ** 2) * 255);
    }
  return small;
}

// OpenCV's line of 8 neighbours: Bresenham's, from the left, between the
// pixels in which points of 1/8 pixel lie.
function drawHairline(from, to, draw) {
  const [a, b] = [from, to].map((spot) => spot.map((value) => Math.floor(value / FRACTION + 0.5)));
  const [[startX, startY], [endX, endY]] = a[0] <= b[0] ? [a, b] : [b, a];
  let [x, y] = [startX, startY];
  const [across, down, turn] = [endX - x, Math.abs(endY - y), endY < y ? -1 : 1];
  const [long, short] = down > across ? [down, across] : [across, down];
  for (let error = long - 2 * short, left = long; left >= 0; left--) {
    draw(x, y);
    const aside = error < 0;
    error += 2 * ((aside ? long : 0) - short);
    if (aside || down <= across) x++;
    if (aside || down > across) y += turn;
  }
}

// Moved by whole pixels until the centre of mass is in the middle.
function placeInImage(box) {
  const image = makePicture(IMAGE_SIZE, IMAGE_SIZE);
  const { width, height, values } = box;
  let [sum, sumX, sumY, most] = [0, 0, 0, 0];
  values.forEach((value, i) => {
    sum += value;
    sumX += value * (i % width);
    sumY += value * Math.floor(i / width);
    most = Math.max(most, value);
  });
  if (!sum) return image;
  const start = (centre, side) => Math.min(Math.max(roundEven(IMAGE_SIZE / 2 - centre), 0), IMAGE_SIZE - side);
  const left = start(sumX / sum, width);
  const top = start(sumY / sum, height);
  values.forEach((value, i) => {
    const at = (top + Math.floor(i / width)) * IMAGE_SIZE + left + (i % width);
    image.values[at] = roundEven(value * (255 / most));
  });
  return image;
}

// A picture of one digit, of any size, in MNIST's form.
function inkToImage(ink) {
  const crop = thicken(cropInk(ink));
  if (!crop.values.length) return makePicture(IMAGE_SIZE, IMAGE_SIZE);
  const scale = Math.min(BOX_SIZE / Math.max(crop.width, crop.height), MAX_ENLARGEMENT);
  const [width, height] = [crop.width, crop.height].map((side) => Math.max(1, roundEven(side * scale)));
  return placeInImage(resize(crop, width, height));
}

function cropInk(ink) {
  const box = boundInk(ink);
  return box ? cut(ink, ...box) : makePicture(0, 0);
}

// The box around ink; null where there is none.
function boundInk({ width, values }) {
  const points = [];
  values.forEach((value, i) => {
    if (value >= INK) points.push([i % width, Math.floor(i / width)]);
  });
  if (!points.length) return null;
  const [left, top, right, bottom] = boundPoints(points);
  return [left, top, right + 1, bottom + 1];
}

function cut(picture, left, top, right, bottom) {
  const part = makePicture(right - left, bottom - top);
  for (let y = top; y < bottom; y++) {
    const start = y * picture.width;
    part.values.set(picture.values.subarray(start + left, start + right), (y - top) * part.width);
  }
  return part;
}

// Widens a pen that is thinner than MNIST's.
function thicken(crop) {
  const long = Math.max(crop.width, crop.height);
  if (long <= BOX_SIZE) return crop;
  // Across a line of width w the distance to its edge is w / 4 on average.
  const gaps = measureGaps(pad(crop, 1), (value) => value < INK).filter((gap) => gap > 0);
  const width = (4 * gaps.reduce((a, b) => a + b, 0)) / gaps.length - 1;
  if (width * BOX_SIZE >= THIN * PEN_WIDTH * long) return crop;
  const more = (PEN_WIDTH * long - BOX_SIZE * width) / (BOX_SIZE - PEN_WIDTH);
  const wider = pad(crop, Math.floor(more / 2) + 1);
  measureGaps(wider, (value) => value >= INK).forEach((gap, i) => {
    wider.values[i] = roundEven(255 * Math.min(Math.max(more / 2 + 1 - gap, 0), 1));
  });
  return wider;
}

function pad(picture, by) {
  const wider = makePicture(picture.width + 2 * by, picture.height + 2 * by);
  for (let y = 0; y < picture.height; y++) {
    const row = picture.values.subarray(y * picture.width, (y + 1) * picture.width);
    wider.values.set(row, (y + by) * wider.width + by);
  }
  return wider;
}

// Each pixel's distance to the nearest target, along columns and then rows
// (Felzenszwalb and Huttenlocher, 2012).
function measureGaps({ width, height, values }, isTarget) {
  const far = (width + height) ** 2;
  const squares = Float64Array.from(values, (value) => (isTarget(value) ? 0 : far));
  for (let x = 0; x < width; x++) lowerEnvelope(squares, x, width, height);
  for (let y = 0; y < height; y++) lowerEnvelope(squares, y * width, 1, width);
  return squares.map(Math.sqrt);
}

function lowerEnvelope(values, start, step, count) {
  const f = Float64Array.from({ length: count }, (_, i) => values[start + i * step]);
  const [roots, bounds] = [[0], [-Infinity]];
  for (let q = 1; q < count; q++) {
    const meet = (v) => (f[q] + q * q - f[v] - v * v) / (2 * (q - v));
    while (meet(roots[roots.length - 1]) <= bounds[bounds.length - 1]) {
      roots.pop();
      bounds.pop();
    }
    bounds.push(meet(roots[roots.length - 1]));
    roots.push(q);
  }
  for (let q = 0, k = 0; q < count; q++) {
    while (k + 1 < roots.length && bounds[k + 1] < q) k++;
    values[start + q * step] = (q - roots[k]) ** 2 + f[roots[k]];
  }
}

// OpenCV's INTER_AREA where it gets smaller, INTER_LINEAR where it does not.
function resize(picture, width, height) {
  return { width, height, values: Uint8Array.from(average(picture, width, height), roundEven) };
}

function average(picture, width, height) {
  const across = listShares(picture.width, width);
  const down = listShares(picture.height, height);
  const values = new Float32Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      let sum = 0;
      for (const [row, part] of down[y])
        for (const [column, share] of across[x]) sum += part * share * picture.values[row * picture.width + column];
      values[y * width + x] = sum;
    }
  return values;
}

// For each new pixel of a row the old ones, and the share of each.
function listShares(old, size) {
  const scale = old / size;
  return Array.from({ length: size }, (_, i) => {
    if (scale <= 1) {
      const middle = Math.min(Math.max((i + 0.5) * scale - 0.5, 0), old - 1);
      const low = Math.floor(middle);
      return [[low, low + 1 - middle], [Math.min(low + 1, old - 1), middle - low]];
    }
    const [from, to] = [i * scale, Math.min((i + 1) * scale, old)];
    const shares = [];
    for (let place = Math.floor(from + 1e-6); place < to - 1e-6; place++)
      shares.push([place, (Math.min(place + 1, to) - Math.max(place, from)) / (to - from)]);
    return shares;
  });
}
