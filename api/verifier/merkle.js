// The Merkle tree of RFC 9162, and draft-ietf-plants-merkle-tree-certs §4 for its subtrees; the same
// as domain/proof/merkle.py. Sizes and places are BigInt.

import { HASH_SIZE, concat, sameBytes } from "./bytes.js";
import { notProved } from "./refused.js";
import { sha256 } from "./sha2.js";

export const EMPTY_ROOT = sha256(new Uint8Array());

// RFC 9162 §2.1.1.
export const leafHash = (leaf) => sha256(concat([0], leaf));
const nodeHash = (left, right) => sha256(concat([1], left, right));

// RFC 9162 §2.1.3.2.
export function verifyInclusion(index, size, leaf, proof, root) {
  verifySubtreeInclusion(index, 0n, size, leaf, proof, root);
}

// draft §4.3.
export function verifySubtreeInclusion(index, start, end, leaf, proof, root) {
  if (!(start >= 0n && start <= index && index < end && isSubtree(start, end)))
    throw notProved("所证位置不在树内", "the index does not lie in the tree");
  if (!sameBytes(inclusionRoot(index - start, end - start, leaf, proof), root))
    throw notProved("存在性证明与树根不符", "the inclusion proof leads to another root");
}

function inclusionRoot(index, size, leaf, proof) {
  checkForm([leaf, ...proof]);
  let [node, last, result] = [index, size - 1n, leaf];
  for (const sibling of proof) {
    if (last === 0n) throw notProved("存在性证明过长", "the inclusion proof is too long");
    if (node & 1n || node === last) {
      result = nodeHash(sibling, result);
      while (!(node & 1n)) [node, last] = [node >> 1n, last >> 1n];
    } else {
      result = nodeHash(result, sibling);
    }
    [node, last] = [node >> 1n, last >> 1n];
  }
  if (last) throw notProved("存在性证明过短", "the inclusion proof is too short");
  return result;
}

// RFC 9162 §2.1.4.2. Every tree begins with the empty one, so a proof from size 0 shows nothing.
export function verifyConsistency(oldSize, size, proof, oldRoot, root) {
  if (oldSize <= 0n)
    throw notProved("从空树出发的一致性证明没有意义", "a proof from size 0 shows nothing");
  verifySubtree(0n, oldSize, size, proof, oldRoot, root);
}

// draft §4.4.3.
export function verifySubtree(start, end, size, proof, subtree, root) {
  if (!(start >= 0n && start <= end && end <= size && isSubtree(start, end)))
    throw notProved("所证范围不在树内", "the range does not lie in the tree");
  checkForm(proof);
  if (start === end) {
    if (proof.length || !sameBytes(subtree, EMPTY_ROOT))
      throw notProved("空范围的证明须为空", "an empty range needs an empty proof");
    return;
  }
  const [old, whole] = subtreeRoots(start, end, size, proof, subtree);
  if (!sameBytes(old, subtree) || !sameBytes(whole, root))
    throw notProved("一致性证明不成立", "the consistency proof does not hold");
}

function subtreeRoots(start, end, size, proof, subtree) {
  let [first, last, tree] = [start, end - 1n, size - 1n];
  const up = () => ([first, last, tree] = [first >> 1n, last >> 1n, tree >> 1n]);
  const atEdge = last === tree;
  while (first !== last && (atEdge || last & 1n)) up();
  const rest = first === last ? proof : proof.slice(1);
  let old = first === last ? subtree : proof[0] ?? new Uint8Array();
  let whole = old;
  for (const sibling of rest) {
    if (tree === 0n) throw notProved("一致性证明过长", "the consistency proof is too long");
    if (last & 1n || last === tree) {
      if (first < last) old = nodeHash(sibling, old);
      whole = nodeHash(sibling, whole);
      while (!(last & 1n)) up();
    } else {
      whole = nodeHash(whole, sibling);
    }
    up();
  }
  if (tree) throw notProved("一致性证明过短", "the consistency proof is too short");
  return [old, whole];
}

// draft §4.1: the start is a multiple of the smallest power of two that holds the range.
function isSubtree(start, end) {
  if (start >= end) return true;
  let width = 1n;
  while (width < end - start) width <<= 1n;
  return start % width === 0n;
}

function checkForm(hashes) {
  if (hashes.some((hash) => hash.length !== HASH_SIZE))
    throw notProved("证明中的散列值须为 32 字节", "a hash in the proof has not 32 bytes");
}
