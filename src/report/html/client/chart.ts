import type uPlot from 'uplot';
import { binTable } from './binTable.js';
import type { ChartSpec, TimeAxis } from './chartSpec.js';
import { element } from './dom.js';
import { Legend } from './legend.js';
import { exact, time, timeUnit } from './numbers.js';
import type { Palette, SeriesStyle } from './palette.js';
import { PLOT_HEIGHT, plot } from './plot.js';
import { onThemeChange } from './theme.js';

const WIDTH_MIN = 200;

/** A chart over time: the plot, a legend with the values under the cursor, and the values as a table. */
export class Chart {
  readonly node: HTMLElement;
  readonly #spec: ChartSpec;
  readonly #styles: readonly SeriesStyle[];
  readonly #axis: TimeAxis;
  readonly #frame: HTMLElement;
  readonly #legend: Legend;
  readonly #times: readonly number[];
  #plot: uPlot | undefined;
  #bin: number | null = null;

  constructor(spec: ChartSpec, axis: TimeAxis, palette: Palette) {
    this.#spec = spec;
    this.#axis = axis;
    this.#times = Array.from({ length: axis.bins + 1 }, (_, bin) => {
      return (bin * axis.binNs) / axis.unit.ns;
    });
    this.#frame = element('div', {
      class: 'plot',
      tabindex: '0',
      role: 'application',
      'aria-label': `${spec.title}, ${spec.unit}. Left and right move along the time.`,
    });
    this.#frame.style.minHeight = `${PLOT_HEIGHT}px`;
    this.#styles = palette.stylesOf(spec.series);
    this.#legend = new Legend(spec.series, this.#styles, () => this.#draw());
    this.node = element(
      'figure',
      {},
      element('figcaption', {}, element('h3', {}, spec.title), element('p', {}, this.#about())),
      this.#frame,
      this.#legend.node,
      binTable(spec, axis),
    );
    this.#frame.addEventListener('keydown', (event) => this.#key(event));
    this.#frame.addEventListener('blur', () => this.#moveTo(null));
    new ResizeObserver(() => this.#resize()).observe(this.#frame);
    onThemeChange(() => this.#draw());
  }

  #about(): string {
    const { unit, note } = this.#spec;
    const { binNs } = this.#axis;
    const width = `bins of ${time(binNs, timeUnit(binNs))}`;
    return [unit, width, ...(note === undefined ? [] : [note])].join('; ');
  }

  #resize(): void {
    const width = this.#width();
    if (this.#plot === undefined) this.#draw();
    else if (this.#plot.width !== width) this.#plot.setSize({ width, height: PLOT_HEIGHT });
  }

  #width(): number {
    return Math.max(WIDTH_MIN, Math.floor(this.#frame.clientWidth));
  }

  #draw(): void {
    if (!this.node.isConnected) return;
    this.#plot?.destroy();
    this.#plot = plot(
      {
        spec: this.#spec,
        styles: this.#styles,
        unit: this.#axis.unit,
        times: this.#times,
        isShown: (index) => this.#legend.isShown(index),
        width: this.#width(),
        onCursor: (bin) => this.#show(bin),
      },
      this.#frame,
    );
  }

  #show(bin: number | null): void {
    this.#bin = bin === null ? null : Math.min(bin, this.#axis.bins - 1);
    const at = this.#bin;
    if (at === null) this.#legend.clear();
    else {
      const values = this.#spec.series.map(({ values: all }) => all[at]!);
      this.#legend.show(
        `at ${time(at * this.#axis.binNs, this.#axis.unit)}`,
        values.map((value) => (Number.isNaN(value) ? '\u2013' : exact(value))),
      );
    }
  }

  /** The cursor goes where the keys lead it. */
  #key(event: KeyboardEvent): void {
    const last = this.#axis.bins - 1;
    const step = event.shiftKey ? 10 : 1;
    const at = this.#bin ?? 0;
    const to: Readonly<Record<string, number | null>> = {
      ArrowLeft: Math.max(0, at - step),
      ArrowRight: this.#bin === null ? 0 : Math.min(last, at + step),
      Home: 0,
      End: last,
      Escape: null,
    };
    const bin = to[event.key];
    if (bin === undefined) return;
    event.preventDefault();
    this.#moveTo(bin);
  }

  #moveTo(bin: number | null): void {
    const made = this.#plot;
    if (made === undefined) return;
    const left = bin === null ? -10 : made.valToPos(this.#times[bin]!, 'x');
    made.setCursor({ left, top: bin === null ? -10 : 10 });
    this.#show(bin);
  }
}
