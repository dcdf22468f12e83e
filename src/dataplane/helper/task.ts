import { current } from "../context/current";
import { BpfCpuMapEntry, ContextKind } from "../layout";
import { Errno } from "../uapi";
import { asResult, writableArgument } from "./arguments";
import { affordCopy } from "./work";

/**
 * Helpers about the task that a program interrupts: the idle task of the CPU (`swapper/N`), or a cpumap kthread. DIVERGES:
 * the kthread too has process number 0.
 */

/** `bpf_get_current_pid_tgid()`, `bpf_get_current_uid_gid()` and `bpf_get_cgroup_classid()`: of kernel tasks all are 0. */
export function helperZero(_r1: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return 0;
}

/** `cgroup_id` of the root, which kernel tasks are in. */
const ROOT_CGROUP_ID: u64 = 1;

/** `bpf_get_current_cgroup_id()`. */
export function helperGetCurrentCgroupId(_r1: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return ROOT_CGROUP_ID;
}

/** `bpf_get_current_ancestor_cgroup_id(level)`: the root is at level 0, and nothing above it. */
export function helperGetCurrentAncestorCgroupId(level: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return <i32>level == 0 ? ROOT_CGROUP_ID : 0;
}

/** `bpf_get_ns_current_pid_tgid(dev, ino, nsdata, size)`: no namespace of user space is the task's. */
export function helperGetNsCurrentPidTgid(_dev: u64, _ino: u64, nsdata: u64, size: u64, _r5: u64): u64 {
  if (!writableArgument(3, nsdata, <u32>size) || !affordCopy(<u32>size)) return 0;
  memory.fill(<usize>nsdata, 0, <u32>size);
  return asResult(-Errno.EINVAL);
}

/** `bpf_send_signal(sig)` and `bpf_send_signal_thread(sig)`: kernel tasks get none. */
export function helperSendSignal(_sig: u64, _r2: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  return asResult(-Errno.EPERM);
}

/** TASK_COMM_LEN, the NUL included. */
const COMM_BYTES: u32 = 16;

/** Where the name is being written, and how much of it fits. */
let comm: usize = 0;
let room: u32 = 0;

/** `bpf_get_current_comm(buf, size)`. */
export function helperGetCurrentComm(buf: u64, size: u64, _r3: u64, _r4: u64, _r5: u64): u64 {
  const bytes = <u32>size;
  if (!writableArgument(1, buf, bytes) || !affordCopy(bytes) || bytes == 0) return 0;
  memory.fill(<usize>buf, 0, bytes);
  comm = <usize>buf;
  room = min(bytes, COMM_BYTES) - 1;
  const ctx = current();
  const kthread = ctx.kind == ContextKind.CPUMAP ? ctx.kthread : null;
  if (kthread == null) {
    putText(SWAPPER);
    putNumber(ctx.cpu!.id);
  } else {
    putKthread(kthread);
  }
  return 0;
}

/** As in kernel/bpf/cpumap.c:__cpu_map_entry_alloc. */
function putKthread(kthread: BpfCpuMapEntry): void {
  putText(CPUMAP);
  putNumber(kthread.cpu);
  putText(MAP);
  putNumber(kthread.mapId);
}

/** Texts of at most 8 characters, the first in the lowest byte: "swapper/", "cpumap/", "/map:". */
const SWAPPER: u64 = 0x2f72657070617773;
const CPUMAP: u64 = 0x2f70616d757063;
const MAP: u64 = 0x3a70616d2f;

function putText(text: u64): void {
  for (; text != 0; text >>= 8) put(<u32>text & 0xff);
}

function putNumber(value: u32): void {
  let divisor: u32 = 1;
  while (value / divisor >= 10) divisor *= 10;
  for (; divisor != 0; divisor /= 10) put(0x30 + (value / divisor) % 10);
}

function put(char: u32): void {
  if (room == 0) return;
  store<u8>(comm++, <u8>char);
  room--;
}
