// A file field in the page's language: the browser writes "No file chosen" in its own. The real field lies unseen over a drawn
// one (components.css, .file), so that clicks, drops and the keyboard stay the browser's; here its choice is written down.
import { closest, find } from './dom';

export function bindFiles(): void {
  document.addEventListener('change', (event) => {
    const field = closest<HTMLInputElement>(event, '.file input[type="file"]');
    const shown = field && find('[data-none]', field.parentElement ?? document);
    if (!field || !shown) return;
    const names = [...(field.files ?? [])].map((file) => file.name);
    shown.textContent = names.join(', ') || (shown.dataset['none'] ?? '');
    shown.classList.toggle('muted', names.length === 0);
  });
}
