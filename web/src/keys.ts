// Keyboard shortcuts, by event.code so that they work in Russian and Kazakh layouts. Single keys act only outside fields
// and are off when <html data-keys="off"> (WCAG 2.1.4). All are listed behind "?".
import { closest, find } from './dom';

/** After G: the rail entry ([data-nav]) to open. */
const GO: Record<string, string> = {
  KeyT: 'today', KeyS: 'schedule', KeyP: 'patients', KeyL: 'leads', KeyR: 'recall', KeyA: 'audit', KeyB: 'backup',
};
/** What else a letter presses: [data-key]. */
const LETTERS: Record<string, string> = { KeyN: 'n', KeyR: 'r', KeyW: 'w' };
const GO_MS = 900;
let pressedG = 0;

export function bindKeys(): void {
  document.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.code === 'KeyK') {
      event.preventDefault();
      search();
      return;
    }
    if ((event.ctrlKey || event.metaKey) && event.key === 'Enter') {
      // With the focus nowhere, the page's own form is meant.
      const form = closest<HTMLFormElement>(event, 'form[data-ctrl-enter]')
        ?? (event.target === document.body ? find<HTMLFormElement>('form[data-ctrl-enter]') : null);
      if (form) {
        event.preventDefault();
        form.requestSubmit();
      }
      return;
    }
    if (event.key === 'Escape') closePanel();
    if (closest(event, 'input,textarea,select,[contenteditable]') || event.ctrlKey || event.metaKey || event.altKey) return;
    if (find('dialog[open]') || document.documentElement.dataset['keys'] === 'off') return;
    single(event);
  });
}

function single(event: KeyboardEvent): void {
  if (pressedG && Date.now() - pressedG < GO_MS) {
    pressedG = 0;
    const target = GO[event.code];
    if (target) find(`[data-nav="${target}"]`)?.click();
    return;
  }
  if (event.code === 'KeyG' && !event.shiftKey) {
    pressedG = Date.now();
  } else if (event.key === '?' || (event.code === 'Slash' && event.shiftKey) || (event.code === 'Digit7' && event.shiftKey)) {
    find<HTMLDialogElement>('#keys')?.showModal();
  } else if (event.code === 'Slash') {
    event.preventDefault();
    search();
  } else if (LETTERS[event.code] && !event.shiftKey) {
    const control = find(`[data-key="${LETTERS[event.code]}"]`);
    if (!control) return;
    event.preventDefault();
    control.click();
  }
}

function search(): void {
  const field = find<HTMLInputElement>('#q');
  field?.focus();
  field?.select();
}

/** Closes the booking panel where it lies over the schedule. */
export function closePanel(): void {
  find('.sched')?.classList.remove('panel-open');
}
