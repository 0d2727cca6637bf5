// Arithmetic modulo a number, in BigInt.

export function mod(number, modulus) {
  const rest = number % modulus;
  return rest < 0n ? rest + modulus : rest;
}

export function power(base, exponent, modulus) {
  let result = 1n;
  let square = mod(base, modulus);
  for (let rest = exponent; rest > 0n; rest >>= 1n) {
    if (rest & 1n) result = (result * square) % modulus;
    square = (square * square) % modulus;
  }
  return result;
}

// Of a number that is prime to the modulus, which is prime: Fermat.
export const inverse = (number, prime) => power(number, prime - 2n, prime);
