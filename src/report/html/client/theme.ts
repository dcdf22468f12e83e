import { COLOURS, PAGE_COLOUR, REST_COLOUR } from './palette.js';

type Theme = 'light' | 'dark';
type Pair = Readonly<Record<Theme, string>>;

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const root = document.documentElement;
const listeners: (() => void)[] = [];

export function theme(): Theme {
  const chosen = root.dataset['theme'];
  if (chosen === 'light' || chosen === 'dark') return chosen;
  return systemIsDark.matches ? 'dark' : 'light';
}

/** Told whenever the page changes from light to dark or back: what is drawn has to be drawn again. */
export function onThemeChange(listener: () => void): void {
  listeners.push(listener);
}

/** Gives the style sheet the colours, and the button its meaning. */
export function startTheme(button: HTMLButtonElement): void {
  const define = (name: string, { light, dark }: Pair) =>
    root.style.setProperty(name, `light-dark(${light}, ${dark})`);
  define('--page', PAGE_COLOUR);
  define('--rest', REST_COLOUR);
  COLOURS.forEach((colour, index) => {
    define(`--series-${index}`, colour);
  });
  const changed = () => {
    button.textContent = theme() === 'dark' ? 'Light theme' : 'Dark theme';
    for (const listener of listeners) listener();
  };
  button.addEventListener('click', () => {
    root.dataset['theme'] = theme() === 'dark' ? 'light' : 'dark';
    changed();
  });
  systemIsDark.addEventListener('change', changed);
  changed();
}
