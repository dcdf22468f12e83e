/** What the recordings, made with all privileges and without device-bound programs, do not show. */

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MapType } from '../../src/arena/layout.generated.js';
import type { KernelVersion } from '../../src/machine/kernel.js';
import { System } from '../../src/machine/system.js';
import { ERRNO } from '../../src/maps/errno.js';
import { u32ToBytes } from '../../src/maps/kernelMap.js';
import { ATTACH_TYPE } from '../../src/maps/objects.js';
import { BpfSyscalls } from '../../src/maps/syscall.js';

function boot(kernel: KernelVersion, isPrivileged: boolean): System {
  return new System({ kernel, nrCpus: 2, nowNs: () => 0, isPrivileged });
}

const attributes = { keySize: 4, valueSize: 8, maxEntries: 4, mapFlags: 0 };
const { EPERM, EINVAL, ENOMEM } = ERRNO;

/** errno of creating a map of each type without privilege: of a valid one, and of one without entries. */
function createErrnos(kernel: KernelVersion): Record<string, [number, number]> {
  const { bpf } = boot(kernel, false);
  const types = {
    cpumap: MapType.CPUMAP,
    devmap: MapType.DEVMAP,
    devmap_hash: MapType.DEVMAP_HASH,
  };
  return Object.fromEntries(
    Object.entries({ ...types, xskmap: MapType.XSKMAP }).map(([name, type]) => {
      const valueSize = type === MapType.XSKMAP ? 4 : 8;
      const valid = bpf.mapCreate({ ...attributes, type, valueSize });
      const invalid = bpf.mapCreate({ ...attributes, type, valueSize, maxEntries: 0 });
      return [name, [-valid, -invalid]];
    }),
  );
}

test('without privilege no map is created, and 6.18 looks at the attributes of devmaps first', () => {
  assert.equal(createErrnos(618), {
    cpumap: [EPERM, EPERM],
    devmap: [EPERM, EINVAL],
    devmap_hash: [EPERM, EINVAL],
    xskmap: [EPERM, EPERM],
  });
});

test('without privilege 6.1 looks at nothing', () => {
  assert.equal(createErrnos(601), {
    cpumap: [EPERM, EPERM],
    devmap: [EPERM, EPERM],
    devmap_hash: [EPERM, EPERM],
    xskmap: [EPERM, EPERM],
  });
});

test('a map that is too large is no matter before privilege is', () => {
  const maxEntries = 2 ** 32 - 1;

  const { bpf } = boot(618, false);
  assert.is(bpf.mapCreate({ ...attributes, type: MapType.DEVMAP, maxEntries }), -EPERM);
  const { bpf: privileged } = boot(618, true);
  assert.is(privileged.mapCreate({ ...attributes, type: MapType.DEVMAP, maxEntries }), -ENOMEM);
});

test('an unprivileged process may freeze a map that it can write to now, and could not before', () => {
  const errnos = ([601, 618] as const).map((kernel) => {
    const system = boot(kernel, true);
    const fd = system.bpf.mapCreate({ ...attributes, type: MapType.DEVMAP });
    const caller = { isOld: kernel < 618, isPrivileged: false };
    return new BpfSyscalls(system, system.files, caller).mapFreeze(fd);
  });

  assert.equal(errnos, [-EPERM, 0]);
});

test('a program bound to a device is refused in values, and leaves the map without an owner', () => {
  const system = boot(618, true);
  const { bpf, files } = system;
  const add = (name: string, change: object) => {
    const spec = { name, expectedAttachType: ATTACH_TYPE.XDP_CPUMAP, hasFrags: false, ...change };
    return files.open({ kind: 'program', program: system.addProgram(spec) });
  };
  const bound = add('bound', { hasFrags: true, isDevBound: true });
  const free = add('free', {});
  const fd = bpf.mapCreate({ ...attributes, type: MapType.CPUMAP });
  const store = (program: number) =>
    bpf.mapUpdateElem(fd, u32ToBytes(0), u32ToBytes(8, program), 0n);

  assert.is(store(bound), -ENOMEM);
  assert.is(store(free), 0);
});

test.run();
