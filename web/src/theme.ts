// Loaded first and not deferred: settles the theme before the first paint, and tells the styles that scripts run.
// The server writes data-theme from the `theme` cookie; as long as nobody has chosen, the system's choice wins.
import { chosenTheme, setTheme } from './theme-cookie';

const root = document.documentElement;
root.classList.add('js');
const dark = matchMedia('(prefers-color-scheme: dark)');
if (!chosenTheme() && dark.matches) setTheme('dark');
dark.addEventListener('change', (event) => {
  if (!chosenTheme()) setTheme(event.matches ? 'dark' : 'light');
});
