/**
 * Colours of series, in pairs for the light and the dark page; each has a contrast of 3 : 1 at least with its page
 * (WCAG 1.4.11). Past the last one they begin again.
 */
export const COLOURS: readonly { readonly light: string; readonly dark: string }[] = [
  { light: '#0b62c4', dark: '#6cb2ff' },
  { light: '#b85000', dark: '#ffa057' },
  { light: '#007a5e', dark: '#3fd6a7' },
  { light: '#a3157f', dark: '#ff85d0' },
  { light: '#7a6500', dark: '#dcc64a' },
  { light: '#5b3fd6', dark: '#b5a3ff' },
  { light: '#c1121f', dark: '#ff8080' },
  { light: '#00708f', dark: '#55d3ee' },
];
/** What is no thing of its own. */
export const REST_COLOUR = { light: '#6b6f76', dark: '#9aa0a8' };
export const PAGE_COLOUR = { light: '#ffffff', dark: '#15181d' };

export interface SeriesStyle {
  /** In COLOURS; -1 for what is no thing of its own. */
  readonly index: number;
  readonly light: string;
  readonly dark: string;
  /** How many series of the chart had the colour before. */
  readonly dash: number;
}

/** What of a series its colour goes by. */
export interface Coloured {
  /** What it is about. */
  readonly target: string;
  readonly isRest: boolean;
}

/** A target has the same colour wherever it stands. */
export class Palette {
  readonly #indices = new Map<string, number>();

  /** The colours of targets that come up first go in this order. */
  reserve(targets: Iterable<string>): void {
    for (const target of targets) this.#indexOf(target);
  }

  /** Styles of the series of one chart: what shares a colour there is told apart by dashes. */
  stylesOf(series: readonly Coloured[]): SeriesStyle[] {
    const uses = new Map<number, number>();
    return series.map(({ target, isRest }) => {
      if (isRest) return { index: -1, ...REST_COLOUR, dash: 0 };
      const index = this.#indexOf(target) % COLOURS.length;
      const dash = uses.get(index) ?? 0;
      uses.set(index, dash + 1);
      return { index, ...COLOURS[index]!, dash };
    });
  }

  #indexOf(target: string): number {
    const known = this.#indices.get(target);
    if (known !== undefined) return known;
    const index = this.#indices.size;
    this.#indices.set(target, index);
    return index;
  }
}
