import type { DataPlane } from '../../arena/dataplane.js';
import type { BpfFunction } from '../../bpf/jit/instantiate.js';

const address = (register: bigint) => Number(BigInt.asUintN(32, register));

/** The helpers of a thread by their id. */
export function helperFunctions(dp: DataPlane): Readonly<Record<number, BpfFunction>> {
  return {
    1: (map, key) => BigInt(dp.bpfMapLookupElem(address(map), address(key))),
    2: (map, key, value, flags) =>
      BigInt(dp.bpfMapUpdateElem(address(map), address(key), address(value), flags)),
    3: (map, key) => BigInt(dp.bpfMapDeleteElem(address(map), address(key))),
    23: (ifindex, flags) => BigInt(dp.bpfRedirect(address(ifindex), flags)),
    51: (map, key, flags) => BigInt(dp.bpfRedirectMap(address(map), key, flags)),
  };
}
