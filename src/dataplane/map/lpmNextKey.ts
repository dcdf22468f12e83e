import { lock, unlock } from "../atomics";
import { current } from "../context/current";
import { BpfMap } from "../layout";
import { Errno } from "../uapi";
import { bitAt, childOf, lpmDataOf, matchLength, nodeAt, rootOf, trieOf } from "./lpmTrie";
import { LpmNode, LpmTrie } from "./structs";

/** `trie_get_next_key`: longer prefixes before the shorter ones that hold them (postorder). A system call: it locks. */

/** Writes to `next` the key after `key`; a null (0) or absent one asks for the first. 0 or -ENOENT. */
export function lpmNextKey(map: BpfMap, key: usize, next: usize): i32 {
  const trie = trieOf(map);
  lock(map.locks, current().id + 1);
  const node = nextNode(trie, key);
  if (node != null) {
    store<u32>(next, node.prefixLen);
    memory.copy(next + 4, lpmDataOf(node), trie.dataBytes);
  }
  unlock(map.locks);
  return node == null ? -Errno.ENOENT : 0;
}

function nextNode(trie: LpmTrie, key: usize): LpmNode | null {
  const root = nodeAt(rootOf(trie));
  if (key == 0 || load<u32>(key) > trie.maxPrefixLen) return firstOf(root);
  const prefixLen = load<u32>(key);
  let matched: u32 = 0;
  // What comes after the subtree that the way down is in.
  let after: LpmNode | null = null;
  let node = root;
  while (node != null) {
    matched = matchLength(trie, node, prefixLen, key + 4);
    if (node.prefixLen != matched || node.prefixLen == prefixLen) break;
    const bit = bitAt(trie, key + 4, node.prefixLen);
    const other = nodeAt(childOf(node, 1));
    if (bit == 0 && other != null) after = firstOf(other);
    else if (!node.isIntermediate) after = node;
    node = nodeAt(childOf(node, bit));
  }
  const isThere = node != null && node.prefixLen == matched && !node.isIntermediate;
  return isThere ? after : firstOf(root);
}

/** The first entry of a subtree. */
function firstOf(root: LpmNode | null): LpmNode | null {
  let found: LpmNode | null = null;
  let node = root;
  while (node != null) {
    if (!node.isIntermediate) found = node;
    const child0 = nodeAt(childOf(node, 0));
    node = child0 != null ? child0 : nodeAt(childOf(node, 1));
  }
  return found;
}
