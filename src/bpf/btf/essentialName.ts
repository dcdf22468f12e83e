/**
 * A name without its CO-RE flavour: `task_struct___v2` is a flavour of `task_struct`
 * (libbpf's `bpf_core_essential_name_len`).
 *
 * The last `___` between two other characters counts, so `__x____y` ends at the rightmost place where that is so.
 */
export function essentialName(name: string): string {
  for (let i = name.length - 5; i >= 0; i--) {
    if (name[i] !== '_' && name.startsWith('___', i + 1) && name[i + 4] !== '_') {
      return name.slice(0, i + 1);
    }
  }
  return name;
}
