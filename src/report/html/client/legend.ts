import { element } from './dom.js';
import type { SeriesStyle } from './palette.js';
import type { ShownSeries } from './topSeries.js';

/** The names of a chart's series, each a switch, with the values at the cursor. */
export class Legend {
  readonly node: HTMLElement;
  readonly #when = element('span', { class: 'when' });
  readonly #values: HTMLElement[];
  readonly #hidden = new Set<number>();

  constructor(
    series: readonly ShownSeries[],
    styles: readonly SeriesStyle[],
    onChange: () => void,
  ) {
    this.#values = series.map(() => element('span', { class: 'value' }));
    const switches = series.map(({ label }, index) => {
      const swatch = element('span', { class: 'swatch', 'aria-hidden': 'true' });
      const { index: colour, dash } = styles[index]!;
      swatch.style.background = colour < 0 ? 'var(--rest)' : `var(--series-${colour})`;
      if (dash > 0) swatch.classList.add('dashed');
      const button = element(
        'button',
        { type: 'button', 'aria-pressed': 'true' },
        swatch,
        label,
        this.#values[index]!,
      );
      button.addEventListener('click', () => {
        if (!this.#hidden.delete(index)) this.#hidden.add(index);
        button.setAttribute('aria-pressed', String(this.isShown(index)));
        onChange();
      });
      return button;
    });
    this.node = element('div', { class: 'legend' }, ...switches, this.#when);
    this.clear();
  }

  isShown(index: number): boolean {
    return !this.#hidden.has(index);
  }

  show(when: string, values: readonly string[]): void {
    this.#when.textContent = when;
    values.forEach((value, index) => {
      this.#values[index]!.textContent = value;
    });
  }

  clear(): void {
    this.#when.textContent = '';
    for (const value of this.#values) value.textContent = '';
  }
}
