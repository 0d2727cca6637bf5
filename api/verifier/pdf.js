// The evidence bundle inside a document on paper; the same as api/attached.py. Nothing of the PDF is
// trusted: whatever is found is checked like any bundle.

import { MAX_BUNDLE } from "./bundle.js";
import { concat } from "./bytes.js";
import { invalid } from "./refused.js";

const BEGINS = [0x25, 0x50, 0x44, 0x46, 0x2d];

export const isPdf = (bytes) => BEGINS.every((each, index) => bytes[index] === each);

export const attachedTo = async (bytes) => {
  const text = new TextDecoder("windows-1252").decode(bytes); // a character a byte
  const places = [...text.matchAll(/\/EmbeddedFile(?!s)/g)].map(({ index }) => index);
  if (places.length !== 1) throw none();
  const begins = text.lastIndexOf(" obj", places[0]);
  const stream = /^[^]*?>>\s*stream\r?\n/.exec(text.slice(places[0]));
  if (begins < 0 || !stream) throw none();
  const start = places[0] + stream[0].length;
  const said = text.slice(begins, start);
  const length = /\/Length (\d+)(?! \d+ R)/.exec(said);
  if (!length) throw none();
  const content = bytes.subarray(start, start + Number(length[1]));
  return said.includes("/FlateDecode") ? inflated(content) : content;
};

async function inflated(content) {
  const parts = [];
  let size = 0;
  try {
    const reader = new Blob([content]).stream().pipeThrough(new DecompressionStream("deflate")).getReader();
    for (let step = await reader.read(); !step.done; step = await reader.read()) {
      size += step.value.length;
      if (size > MAX_BUNDLE) throw none();
      parts.push(step.value);
    }
  } catch {
    throw none();
  }
  return concat(...parts);
}

const none = () =>
  invalid("这份 PDF 里没有可读的证据包", "there is no evidence bundle in this PDF that can be read");
