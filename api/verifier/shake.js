// SHAKE128 and SHAKE256 (FIPS 202), written for reading: a lane is a BigInt of 64 bits.

const ROUNDS = 24;

// FIPS 202 §3.2.2, §3.2.3 and §3.2.5, worked out instead of copied: where each lane goes, how far it
// is turned, and the constant of each round.
const STEPS = (() => {
  const steps = [];
  let [x, y] = [1, 0];
  for (let t = 0; t < 24; t++) {
    const to = [y, (2 * x + 3 * y) % 5];
    steps.push([x + 5 * y, to[0] + 5 * to[1], BigInt((((t + 1) * (t + 2)) / 2) % 64)]);
    [x, y] = to;
  }
  return steps;
})();

const CONSTANTS = (() => {
  let register = 1;
  return Array.from({ length: ROUNDS }, () => {
    let constant = 0n;
    for (let j = 0; j <= 6; j++) {
      if (register & 1) constant |= 1n << BigInt(2 ** j - 1);
      register <<= 1;
      if (register & 0x100) register ^= 0x171;
    }
    return constant;
  });
})();

const turn = (lane, by) => BigInt.asUintN(64, (lane << by) | (lane >> (64n - by)));

// §3.3.
function permute(lanes) {
  for (const constant of CONSTANTS) {
    const columns = [0, 1, 2, 3, 4].map(
      (x) => lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20],
    );
    for (let i = 0; i < 25; i++) lanes[i] ^= columns[(i + 4) % 5] ^ turn(columns[(i + 1) % 5], 1n);
    const moved = [lanes[0]];
    for (const [from, to, by] of STEPS) moved[to] = turn(lanes[from], by);
    for (let i = 0; i < 25; i++) {
      const row = i - (i % 5);
      lanes[i] = moved[i] ^ (BigInt.asUintN(64, ~moved[row + ((i + 1) % 5)]) & moved[row + ((i + 2) % 5)]);
    }
    lanes[0] ^= constant;
  }
}

// §4 and §6.2: yields the bytes of the output, for ever.
function* sponge(data, rate) {
  const whole = new Uint8Array((Math.floor(data.length / rate) + 1) * rate);
  whole.set(data);
  whole[data.length] ^= 0x1f;
  whole[whole.length - 1] ^= 0x80;
  const lanes = new Array(25).fill(0n);
  for (let at = 0; at < whole.length; at += rate) {
    for (let i = 0; i < rate; i++) lanes[i >> 3] ^= BigInt(whole[at + i]) << BigInt(8 * (i & 7));
    permute(lanes);
  }
  for (;;) {
    for (let i = 0; i < rate; i++) yield Number((lanes[i >> 3] >> BigInt(8 * (i & 7))) & 0xffn);
    permute(lanes);
  }
}

export const shake128 = (data) => sponge(data, 168);
export const shake256 = (data) => sponge(data, 136);

export const take = (bytes, count) => Uint8Array.from({ length: count }, () => bytes.next().value);
