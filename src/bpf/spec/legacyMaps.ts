import { STT_NOTYPE, STT_OBJECT } from '../elf/constants.js';
import type { ElfSection } from '../elf/elfSection.js';
import type { ElfSymbol } from '../elf/elfSymbol.js';
import type { PlacedMap } from './btfMaps.js';
import { emptyMapDraft, finishMap, type MapDraft } from './mapDefinition.js';
import type { ObjectSource } from './objectSource.js';

/** `struct bpf_map_def`: five words. */
const DEFINITION_BYTES = 20;

/** Sections of definitions from before BTF: `maps`, or one for each map. */
export function isLegacyMapsSection({ name }: ElfSection): boolean {
  return name === 'maps' || name.startsWith('maps/');
}

/**
 * Maps as `struct bpf_map_def` (libbpf before 1.0: `bpf_object__init_user_maps`). All definitions of a section have the
 * same length; a longer one is taken if what follows the five words is zero.
 */
export function readLegacyMaps(source: ObjectSource, section: ElfSection): PlacedMap[] {
  const symbols = (source.symbolsBySection.get(section.index) ?? []).filter(
    ({ type, name }) => name !== '' && (type === STT_OBJECT || type === STT_NOTYPE),
  );
  const strideBytes = section.data.length / symbols.length;
  return symbols.map((symbol) => ({
    map: finishMap(readDefinition(section, symbol, strideBytes)),
    offset: symbol.value,
  }));
}

function readDefinition(
  section: ElfSection,
  { name, value }: ElfSymbol,
  strideBytes: number,
): MapDraft {
  const draft = emptyMapDraft(name, section.name);
  const bytes = section.data.subarray(value, value + strideBytes);
  if (!Number.isInteger(strideBytes) || bytes.length < DEFINITION_BYTES) {
    const found = `${bytes.length} of ${section.data.length} bytes`;
    return {
      ...draft,
      unsupported: `map ${name}: expected a struct bpf_map_def of ${DEFINITION_BYTES} bytes, found ${found}`,
    };
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  draft.type = view.getUint32(0, true);
  draft.keySizeBytes = view.getUint32(4, true);
  draft.valueSizeBytes = view.getUint32(8, true);
  draft.maxEntries = view.getUint32(12, true);
  draft.flags = view.getUint32(16, true);
  if (bytes.subarray(DEFINITION_BYTES).some((byte) => byte !== 0)) {
    draft.unsupported =
      `map ${name}: its definition has more than the ${DEFINITION_BYTES} bytes of struct bpf_map_def; ` +
      'iproute2\'s struct bpf_elf_map is not supported: define the map with BTF in SEC(".maps")';
  }
  return draft;
}
