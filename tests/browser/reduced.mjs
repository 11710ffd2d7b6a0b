// reduced.mjs - a screenshot as a PNG with a palette: a third of the size, and nobody sees the difference on pages of few colours. Not a test of its own.
import zlib from "node:zlib";

const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
const table = Int32Array.from({ length: 256 }, (_, n) => {
  for (let k = 0; k < 8; k++) n = n & 1 ? 0xedb88320 ^ (n >>> 1) : n >>> 1;
  return n;
});
const crc = (bytes) => ~bytes.reduce((sum, byte) => table[(sum ^ byte) & 255] ^ (sum >>> 8), -1) >>> 0;

function chunk(kind, data) {
  const body = Buffer.concat([Buffer.from(kind, "latin1"), data]);
  const framed = Buffer.alloc(body.length + 8);
  framed.writeUInt32BE(data.length, 0);
  body.copy(framed, 4);
  framed.writeUInt32BE(crc(body), body.length + 4);
  return framed;
}

/** The pixels of a PNG as Chromium writes them (8 bits, RGB or RGBA, not interlaced), three bytes each. */
function pixels(png) {
  let at = 8, head;
  const data = [];
  while (at < png.length) {
    const length = png.readUInt32BE(at), kind = png.toString("latin1", at + 4, at + 8), body = png.subarray(at + 8, at + 8 + length);
    if (kind === "IHDR") head = { width: body.readUInt32BE(0), height: body.readUInt32BE(4), depth: body[8], colour: body[9], interlaced: body[12] };
    if (kind === "IDAT") data.push(body);
    at += length + 12;
  }
  const { width, height } = head;
  const size = head.colour === 6 ? 4 : 3;
  if (head.depth !== 8 || ![2, 6].includes(head.colour) || head.interlaced) throw new Error(`not a screenshot: ${JSON.stringify(head)}`);
  const packed = zlib.inflateSync(Buffer.concat(data)), line = width * size, rgb = Buffer.alloc(width * height * 3);
  let above = new Uint8Array(line);
  for (let y = 0; y < height; y++) {
    const filter = packed[y * (line + 1)], row = new Uint8Array(line);
    for (let x = 0; x < line; x++) {
      const left = x >= size ? row[x - size] : 0, up = above[x], corner = x >= size ? above[x - size] : 0;
      const guess = left + up - corner, [a, b, c] = [left, up, corner].map((one) => Math.abs(guess - one));
      const paeth = a <= b && a <= c ? left : b <= c ? up : corner;
      row[x] = packed[y * (line + 1) + 1 + x] + [0, left, up, (left + up) >> 1, paeth][filter];
    }
    for (let x = 0; x < width; x++) rgb.set(row.subarray(x * size, x * size + 3), (y * width + x) * 3);
    above = row;
  }
  return { width, height, rgb };
}

/** The same picture in the 64 colours that it has most of; every other pixel takes the nearest of them. */
export function reduced(png, most = 64) {
  const { width, height, rgb } = pixels(png), counts = new Map();
  for (let at = 0; at < rgb.length; at += 3) {
    const colour = rgb.readUIntBE(at, 3);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  const palette = [...counts].sort((a, b) => b[1] - a[1]).slice(0, most).map(([colour]) => colour), known = new Map(palette.map((colour, n) => [colour, n]));
  const far = (a, b) => [16, 8, 0].reduce((sum, shift) => sum + (((a >> shift) & 255) - ((b >> shift) & 255)) ** 2, 0);
  const nearest = (colour) => {
    let best = 0;
    for (let n = 1; n < palette.length; n++) if (far(palette[n], colour) < far(palette[best], colour)) best = n;
    known.set(colour, best);
    return best;
  };
  const lines = Buffer.alloc(height * (width + 1));
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) {
    const colour = rgb.readUIntBE((y * width + x) * 3, 3);
    lines[y * (width + 1) + 1 + x] = known.get(colour) ?? nearest(colour);
  }
  const head = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 3, 0, 0, 0]);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  const colours = Buffer.from(palette.flatMap((colour) => [colour >> 16, (colour >> 8) & 255, colour & 255]));
  return Buffer.concat([signature, chunk("IHDR", head), chunk("PLTE", colours), chunk("IDAT", zlib.deflateSync(lines, { level: 9 })), chunk("IEND", Buffer.alloc(0))]);
}
