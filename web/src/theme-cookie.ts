// The theme lives in a cookie, never in browser storage: the server draws the page in it.

export type Theme = 'light' | 'dark';

/** What this browser's user chose, or null when nobody has. */
export function chosenTheme(): Theme | null {
  const found = /(?:^|;\s*)theme=(light|dark)/.exec(document.cookie);
  return (found?.[1] as Theme | undefined) ?? null;
}

/** Shows a theme without remembering it. */
export function setTheme(theme: Theme): void {
  document.documentElement.dataset['theme'] = theme;
}

/** Changes to the other theme and remembers it for a year. */
export function toggleTheme(): void {
  const theme: Theme = document.documentElement.dataset['theme'] === 'dark' ? 'light' : 'dark';
  setTheme(theme);
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
}

/** Makes every [data-theme-toggle] on the page work. */
export function bindThemeToggle(): void {
  document.addEventListener('click', (event) => {
    if (event.target instanceof Element && event.target.closest('[data-theme-toggle]')) toggleTheme();
  });
}
