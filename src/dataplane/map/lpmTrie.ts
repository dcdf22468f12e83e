import { load32, lock, spin, store32, unlock } from "../atomics";
import { current } from "../context/current";
import { BpfMap } from "../layout";
import { spend } from "../helper/work";
import { Errno, UpdateFlag } from "../uapi";
import { LpmNode, LpmTrie } from "./structs";

/**
 * LPM_TRIE (kernel/bpf/lpm_trie.c): keys are `{ u32 prefixlen; u8 data[]; }`, a lookup finds the longest prefix.
 *
 * Writers hold the map's lock. Readers hold nothing: nodes are used anew as soon as they are free, so a reader checks
 * that no writer came in between (`sequence`), and after a few tries takes the lock. Node addresses are always nodes, so
 * a reader that is overtaken reads nonsense but nothing else, and its way down is bounded.
 */

const READ_TRIES: u32 = 16;

// @ts-ignore: decorator
@inline
export function trieOf(map: BpfMap): LpmTrie {
  return changetype<LpmTrie>(map.slots);
}

// @ts-ignore: decorator
@inline
export function rootOf(trie: LpmTrie): usize {
  return changetype<usize>(trie) + offsetof<LpmTrie>("root");
}

// @ts-ignore: decorator
@inline
function sequenceOf(trie: LpmTrie): usize {
  return changetype<usize>(trie) + offsetof<LpmTrie>("sequence");
}

// @ts-ignore: decorator
@inline
export function lpmDataOf(node: LpmNode): usize {
  return changetype<usize>(node) + offsetof<LpmNode>();
}

/** Where the pointer to a node's child is. */
// @ts-ignore: decorator
@inline
export function childOf(node: LpmNode, bit: u32): usize {
  const first = changetype<usize>(node) + offsetof<LpmNode>("child0");
  return bit == 0 ? first : changetype<usize>(node) + offsetof<LpmNode>("child1");
}

// @ts-ignore: decorator
@inline
export function nodeAt(link: usize): LpmNode | null {
  return changetype<LpmNode | null>(<usize>load32(link));
}

// @ts-ignore: decorator
@inline
function setLink(link: usize, node: LpmNode | null): void {
  store32(link, <u32>changetype<usize>(node));
}

/** `extract_bit`; 0 behind the key's end, where only a reader that was overtaken looks. */
export function bitAt(trie: LpmTrie, data: usize, index: u32): u32 {
  if (index >= trie.maxPrefixLen) return 0;
  return (load<u8>(data + (index >>> 3)) >> <u8>(7 - (index & 7))) & 1;
}

/** `longest_prefix_match`: bits that the node and the key have in common, at most the shorter one's. */
export function matchLength(trie: LpmTrie, node: LpmNode, prefixLen: u32, data: usize): u32 {
  const limit = min(node.prefixLen, prefixLen);
  const own = lpmDataOf(node);
  spend(1 + (limit >>> 3));
  for (let i: u32 = 0; i < trie.dataBytes; i++) {
    const diff = <u32>(load<u8>(own + i) ^ load<u8>(data + i));
    if (diff != 0) return min(limit, i * 8 + clz(diff) - 24);
    if (i * 8 + 8 >= limit) return limit;
  }
  return limit;
}

// -- reading

/** Address of the value of the longest prefix of `key`, or 0. */
export function lpmLookup(map: BpfMap, key: usize): usize {
  const trie = trieOf(map);
  const prefixLen = load<u32>(key);
  if (prefixLen > trie.maxPrefixLen) return 0;
  for (let tries: u32 = 0; tries < READ_TRIES; tries++) {
    // Pairs with beginWrite and endWrite.
    const sequence = load32(sequenceOf(trie));
    if ((sequence & 1) == 0) {
      const value = walk(trie, prefixLen, key + 4);
      if (load32(sequenceOf(trie)) == sequence) return value;
    }
    spin(sequenceOf(trie));
  }
  lock(map.locks, current().id + 1);
  const value = walk(trie, prefixLen, key + 4);
  unlock(map.locks);
  return value;
}

/** `trie_lookup_elem`. */
function walk(trie: LpmTrie, prefixLen: u32, data: usize): usize {
  let found: usize = 0;
  let node = nodeAt(rootOf(trie));
  for (let depth: u32 = 0; node != null && depth <= trie.maxPrefixLen; depth++) {
    const matched = matchLength(trie, node, prefixLen, data);
    if (matched == trie.maxPrefixLen) return node.value;
    if (matched < node.prefixLen) break;
    if (!node.isIntermediate) found = node.value;
    node = nodeAt(childOf(node, bitAt(trie, data, node.prefixLen)));
  }
  return found;
}

// -- writing, under the map's lock

function beginWrite(map: BpfMap): void {
  lock(map.locks, current().id + 1);
  const trie = trieOf(map);
  // Plain: only who holds the lock writes it. A writer that died may have left it odd.
  store32(sequenceOf(trie), trie.sequence | 1);
}

function endWrite(map: BpfMap): void {
  const trie = trieOf(map);
  // Plain: as above.
  store32(sequenceOf(trie), trie.sequence + 1);
  unlock(map.locks);
}

/** There is one for every entry, one to join each two, and one to replace another: it never comes back empty. */
function takeNode(trie: LpmTrie): LpmNode {
  const node = trie.freeList!;
  trie.freeList = nodeAt(childOf(node, 0));
  setLink(childOf(node, 0), null);
  setLink(childOf(node, 1), null);
  node.isIntermediate = 0;
  return node;
}

function freeNode(trie: LpmTrie, node: LpmNode): void {
  setLink(childOf(node, 0), trie.freeList);
  trie.freeList = node;
}

/** `trie_update_elem`. */
export function lpmUpdate(map: BpfMap, key: usize, value: usize, flags: u64): i32 {
  if (flags > <u64>UpdateFlag.EXIST) return -Errno.EINVAL;
  const trie = trieOf(map);
  // Read once: the key is where programs may write.
  const prefixLen = load<u32>(key);
  if (prefixLen > trie.maxPrefixLen) return -Errno.EINVAL;
  beginWrite(map);
  const node = takeNode(trie);
  node.prefixLen = prefixLen;
  memory.copy(lpmDataOf(node), key + 4, trie.dataBytes);
  memory.copy(node.value, value, map.valueSize);
  const err = attach(map, trie, node, flags);
  if (err != 0) freeNode(trie, node);
  endWrite(map);
  return err;
}

/** `trie_check_add_elem`. */
function checkAdd(map: BpfMap, flags: u64): i32 {
  if (flags == UpdateFlag.EXIST) return -Errno.ENOENT;
  if (map.count == map.maxEntries) return -Errno.ENOSPC;
  map.count++;
  return 0;
}

function attach(map: BpfMap, trie: LpmTrie, added: LpmNode, flags: u64): i32 {
  const data = lpmDataOf(added);
  const link = findPlace(trie, added.prefixLen, data);
  const node = nodeAt(link);
  const matched = node == null ? 0 : matchLength(trie, node, added.prefixLen, data);
  const isSame = node != null && node.prefixLen == matched;
  const isThere = isSame && !node!.isIntermediate;
  if (isThere && flags == UpdateFlag.NOEXIST) return -Errno.EEXIST;
  const err = isThere ? 0 : checkAdd(map, flags);
  if (err != 0) return err;
  if (node == null) {
    setLink(link, added);
  } else if (isSame) {
    setLink(childOf(added, 0), nodeAt(childOf(node, 0)));
    setLink(childOf(added, 1), nodeAt(childOf(node, 1)));
    setLink(link, added);
    freeNode(trie, node);
  } else if (matched == added.prefixLen) {
    setLink(childOf(added, bitAt(trie, lpmDataOf(node), matched)), node);
    setLink(link, added);
  } else {
    join(trie, link, node, added, matched);
  }
  return 0;
}

/** The link to the node that the prefix replaces or is put in front of, or an empty one. */
function findPlace(trie: LpmTrie, prefixLen: u32, data: usize): usize {
  let link = rootOf(trie);
  for (let node = nodeAt(link); node != null; node = nodeAt(link)) {
    const matched = matchLength(trie, node, prefixLen, data);
    if (node.prefixLen != matched || node.prefixLen == prefixLen || node.prefixLen == trie.maxPrefixLen) break;
    link = childOf(node, bitAt(trie, data, node.prefixLen));
  }
  return link;
}

/** Puts an intermediate node of `prefixLen` bits above two nodes that part there. */
function join(trie: LpmTrie, link: usize, node: LpmNode, added: LpmNode, prefixLen: u32): void {
  const joint = takeNode(trie);
  joint.prefixLen = prefixLen;
  joint.isIntermediate = 1;
  memory.copy(lpmDataOf(joint), lpmDataOf(node), trie.dataBytes);
  const bit = bitAt(trie, lpmDataOf(added), prefixLen);
  setLink(childOf(joint, bit), added);
  setLink(childOf(joint, bit ^ 1), node);
  setLink(link, joint);
}

/** `trie_delete_elem`. */
export function lpmDelete(map: BpfMap, key: usize): i32 {
  const trie = trieOf(map);
  const prefixLen = load<u32>(key);
  if (prefixLen > trie.maxPrefixLen) return -Errno.EINVAL;
  beginWrite(map);
  const err = detach(trie, prefixLen, key + 4);
  if (err == 0) map.count--;
  endWrite(map);
  return err;
}

function detach(trie: LpmTrie, prefixLen: u32, data: usize): i32 {
  let link = rootOf(trie);
  let parentLink = link;
  let parent: LpmNode | null = null;
  let matched: u32 = 0;
  let node = nodeAt(link);
  while (node != null) {
    matched = matchLength(trie, node, prefixLen, data);
    if (node.prefixLen != matched || node.prefixLen == prefixLen) break;
    parent = node;
    parentLink = link;
    link = childOf(node, bitAt(trie, data, node.prefixLen));
    node = nodeAt(link);
  }
  if (node == null || node.prefixLen != prefixLen || node.prefixLen != matched || node.isIntermediate) return -Errno.ENOENT;
  const child0 = nodeAt(childOf(node, 0));
  const child1 = nodeAt(childOf(node, 1));
  if (child0 != null && child1 != null) {
    node.isIntermediate = 1;
    return 0;
  }
  const child = child0 != null ? child0 : child1;
  if (parent != null && parent.isIntermediate && child == null) {
    // An intermediate node has two children: its other one takes its place.
    const other = link == childOf(parent, 0) ? childOf(parent, 1) : childOf(parent, 0);
    setLink(parentLink, nodeAt(other));
    freeNode(trie, parent);
  } else {
    setLink(link, child);
  }
  freeNode(trie, node);
  return 0;
}
