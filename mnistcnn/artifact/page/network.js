// The network: its weights and layers, as `backends/numpy_operations.py` has
// them. A tensor is {shape: [rows, columns, channels] or [features], values}.

function decodeBytes(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes.buffer;
}

// float32; or 8 bits with a scale for each place of the last axis.
function decodeArray(array) {
  const buffer = decodeBytes(array.data);
  if (!array.scales) return { shape: array.shape, values: new Float32Array(buffer) };
  const scales = new Float32Array(decodeBytes(array.scales));
  const values = Float32Array.from(new Int8Array(buffer), (value, i) => value * scales[i % scales.length]);
  return { shape: array.shape, values };
}

function openNetwork(network) {
  const layers = network.layers.map((layer) => ({ ...layer, weights: layer.weights.map(decodeArray) }));
  return { ...network, layers };
}

const ACTIVATIONS = {
  linear: (x) => x,
  relu: (x) => Math.max(x, 0),
  tanh: Math.tanh,
  silu: (x) => x / (1 + Math.exp(-Math.max(x, -80))),
  elu: (x) => (x > 0 ? x : Math.expm1(x)),
  gelu: (x) => (x * (1 + erf(x * Math.SQRT1_2))) / 2,
};

// To 2e-7 (Abramowitz and Stegun, 1964, 7.1.26).
function erf(x) {
  const size = Math.abs(x);
  const t = 1 / (1 + 0.3275911 * size);
  const terms = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  const sum = terms.reduce((y, term) => (y + term) * t, 0);
  return Math.sign(x) * (1 - sum * Math.exp(-size * size));
}

function activate(x, name) {
  const { values } = x;
  if (name === "softmax") {
    const width = x.shape[x.shape.length - 1];
    for (let start = 0; start < values.length; start += width) softmax(values.subarray(start, start + width));
  } else if (name !== "linear") {
    const f = ACTIVATIONS[name];
    for (let i = 0; i < values.length; i++) values[i] = f(values[i]);
  }
  return x;
}

function softmax(row) {
  const top = row.reduce((a, b) => Math.max(a, b), -Infinity);
  let sum = 0;
  for (let i = 0; i < row.length; i++) sum += row[i] = Math.exp(row[i] - top);
  for (let i = 0; i < row.length; i++) row[i] /= sum;
}

// How many windows there are along an axis, and where the first one begins:
// padded as TensorFlow does, the odd row at the end.
function findWindows(side, size, stride, padding) {
  if (padding === "valid") return [Math.floor((side - size) / stride) + 1, 0];
  const count = Math.ceil(side / stride);
  return [count, -Math.floor(Math.max((count - 1) * stride + size - side, 0) / 2)];
}

// Calls visit(place of the window, place in the window, place in x), all in
// pixels, for what lies inside the picture.
function slide(x, size, { strides, padding }, visit) {
  const [height, width] = x.shape;
  const [rows, top] = findWindows(height, size[0], strides[0], padding);
  const [columns, left] = findWindows(width, size[1], strides[1], padding);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++)
      for (let i = 0; i < size[0]; i++)
        for (let j = 0; j < size[1]; j++) {
          const y = row * strides[0] + top + i;
          const z = column * strides[1] + left + j;
          if (y < 0 || y >= height || z < 0 || z >= width) continue;
          visit(row * columns + column, i * size[1] + j, y * width + z);
        }
  return [rows, columns];
}

function makeTensor(shape, fill = 0) {
  const values = new Float32Array(shape.reduce((a, b) => a * b, 1));
  return { shape, values: fill ? values.fill(fill) : values };
}

function countWindows(x, size, { strides, padding }) {
  return [0, 1].map((axis) => findWindows(x.shape[axis], size[axis], strides[axis], padding)[0]);
}

function convolve(x, options, [kernel, bias]) {
  const [high, wide, channels, filters] = kernel.shape;
  const y = makeTensor([...countWindows(x, [high, wide], options), filters]);
  if (bias) for (let i = 0; i < y.values.length; i++) y.values[i] = bias.values[i % filters];
  const [from, to, weights] = [x.values, y.values, kernel.values];
  slide(x, [high, wide], options, (place, spot, pixel) => {
    for (let channel = 0; channel < channels; channel++) {
      const value = from[pixel * channels + channel];
      // Most of a picture is paper, and of what a ReLU answers, nothing.
      if (value === 0) continue;
      const row = (spot * channels + channel) * filters;
      const start = place * filters;
      for (let f = 0; f < filters; f++) to[start + f] += value * weights[row + f];
    }
  });
  return activate(y, options.activation);
}

function pool(x, options, fill, combine) {
  const channels = x.shape[2];
  const y = makeTensor([...countWindows(x, options.pool_size, options), channels], fill);
  const counts = new Float32Array(y.shape[0] * y.shape[1]);
  slide(x, options.pool_size, options, (place, spot, pixel) => {
    counts[place]++;
    for (let channel = 0; channel < channels; channel++) {
      const at = place * channels + channel;
      y.values[at] = combine(y.values[at], x.values[pixel * channels + channel]);
    }
  });
  return [y, counts];
}

// What was padded does not count.
function poolAverage(x, options) {
  const [y, counts] = pool(x, options, 0, (a, b) => a + b);
  const channels = x.shape[2];
  y.values.forEach((value, i) => (y.values[i] = value / counts[Math.floor(i / channels)]));
  return y;
}

function poolAll(x, fill, combine) {
  const [height, width] = x.shape;
  const options = { pool_size: [height, width], strides: [1, 1], padding: "valid" };
  return flatten(pool(x, options, fill, combine)[0]);
}

function averageAll(x) {
  const y = poolAll(x, 0, (a, b) => a + b);
  y.values.forEach((value, i) => (y.values[i] = value / (x.shape[0] * x.shape[1])));
  return y;
}

function surround(x, { padding: [[top, bottom], [left, right]] }) {
  const [height, width, channels] = x.shape;
  const y = makeTensor([height + top + bottom, width + left + right, channels]);
  for (let row = 0; row < height; row++) {
    const line = x.values.subarray(row * width * channels, (row + 1) * width * channels);
    y.values.set(line, ((row + top) * y.shape[1] + left) * channels);
  }
  return y;
}

function normalize(x, options, weights) {
  const learned = weights.slice(0, -2);
  const [mean, variance] = weights.slice(-2);
  const slopes = variance.values.map((value) => 1 / Math.sqrt(value + options.epsilon));
  if (options.scale) learned.shift().values.forEach((value, i) => (slopes[i] *= value));
  const offsets = options.center ? learned.shift().values : new Float32Array(slopes.length);
  const values = x.values.map((value, i) => {
    const channel = i % slopes.length;
    return (value - mean.values[channel]) * slopes[channel] + offsets[channel];
  });
  return { shape: x.shape, values };
}

function multiply(x, options, [kernel, bias]) {
  const units = kernel.shape[1];
  // Rows of pixels too: Dense works on the last axis.
  const y = makeTensor([...x.shape.slice(0, -1), units]);
  const width = x.shape[x.shape.length - 1];
  for (let i = 0; i < x.values.length; i++) {
    const value = x.values[i];
    const start = Math.floor(i / width) * units;
    const row = (i % width) * units;
    if (value !== 0) for (let unit = 0; unit < units; unit++) y.values[start + unit] += value * kernel.values[row + unit];
  }
  if (bias) for (let i = 0; i < y.values.length; i++) y.values[i] += bias.values[i % units];
  return activate(y, options.activation);
}

const flatten = (x) => ({ shape: [x.values.length], values: x.values });

const LAYERS = {
  Rescaling: (x, { scale, offset }) => ({ shape: x.shape, values: x.values.map((value) => value * scale + offset) }),
  Conv2D: convolve,
  MaxPooling2D: (x, options) => pool(x, options, -Infinity, Math.max)[0],
  AveragePooling2D: poolAverage,
  GlobalAveragePooling2D: averageAll,
  GlobalMaxPooling2D: (x) => poolAll(x, -Infinity, Math.max),
  ZeroPadding2D: surround,
  BatchNormalization: normalize,
  Activation: (x, { activation }) => activate({ shape: x.shape, values: x.values.slice() }, activation),
  Flatten: flatten,
  Dropout: (x) => x,
  Dense: multiply,
};

// Returns what comes out of each layer for 28x28 pixels, 0..255.
function runLayers(network, pixels) {
  let x = { shape: [28, 28, 1], values: Float32Array.from(pixels) };
  return network.layers.map((layer) => (x = LAYERS[layer.kind](x, layer.options, layer.weights)));
}

// Pixels turned about their middle, bilinear, black outside: `pictures/rotations.py`.
function rotate(pixels, degrees) {
  const angle = (degrees * Math.PI) / 180;
  const middle = (IMAGE_SIZE - 1) / 2;
  const at = (x, y) => (Math.min(x, y) < 0 || Math.max(x, y) >= IMAGE_SIZE ? 0 : pixels[y * IMAGE_SIZE + x]);
  return Float32Array.from(pixels, (_, i) => {
    const x = (i % IMAGE_SIZE) - middle;
    const y = Math.floor(i / IMAGE_SIZE) - middle;
    const across = x * Math.cos(angle) - y * Math.sin(angle) + middle;
    const down = x * Math.sin(angle) + y * Math.cos(angle) + middle;
    const left = Math.floor(across);
    const top = Math.floor(down);
    const upper = at(left, top) * (left + 1 - across) + at(left + 1, top) * (across - left);
    const lower = at(left, top + 1) * (left + 1 - across) + at(left + 1, top + 1) * (across - left);
    return upper * (top + 1 - down) + lower * (down - top);
  });
}

// The mean of what comes of pixels as they are, and turned to either side.
function averageRotations(network, pixels) {
  const { rotation } = network;
  const turned = rotation ? [rotate(pixels, rotation), rotate(pixels, -rotation)] : [];
  const answers = [pixels, ...turned].map((look) => runLayers(network, look).at(-1).values);
  return answers[0].map((_, i) => answers.reduce((sum, each) => sum + each[i], 0) / answers.length);
}

// The label is "?" below the threshold, and for the class without a name.
function readImage(network, pixels) {
  const probabilities = averageRotations(network, pixels);
  const best = probabilities.indexOf(Math.max(...probabilities));
  const sure = probabilities[best] >= network.threshold;
  return { label: (sure && network.classes[best]) || "?", probability: probabilities[best], probabilities };
}
