// The inbox from the keyboard: J and K or the arrows walk along the list, R goes to the field, / in an empty field opens the
// quick replies, whose words are put in where the cursor is. A conversation is read from its end.
import { all, closest, find } from './dom';

const END_PX = 80;
let atEnd = true;

export function bindInbox(): void {
  if (!find('.inbox')) return;
  toEnd();
  document.body.addEventListener('htmx:beforeSwap', () => {
    const said = find('#inbox-talk');
    atEnd = said !== null && said.scrollHeight - said.scrollTop - said.clientHeight < END_PX;
  });
  document.body.addEventListener('htmx:afterSwap', () => { if (atEnd) toEnd(); });
  document.addEventListener('keydown', walk);
  document.addEventListener('click', (event) => {
    const words = closest(event, '[data-words]')?.dataset['words'];
    if (words) putIn(words);
  });
}

function toEnd(): void {
  const said = find('#inbox-talk');
  if (said) said.scrollTop = said.scrollHeight;
}

function walk(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || find('dialog[open]')) return;
  const text = find<HTMLTextAreaElement>('#text');
  if (event.target === text && text) {
    if (event.key === '/' && text.value === '') {
      event.preventDefault();
      const quick = find<HTMLDetailsElement>('#quick');
      if (quick) quick.open = true;
      find('[data-words]')?.focus();
    }
    return;
  }
  if (event.key === 'Escape' && closest(event, '#quick')) {
    text?.focus();
    return;
  }
  if (closest(event, 'input,textarea,select,summary,.menu,#inbox-talk') || document.documentElement.dataset['keys'] === 'off') return;
  if (event.code === 'KeyR' && !event.shiftKey) {
    event.preventDefault();
    text?.focus();
    return;
  }
  const by = event.code === 'KeyJ' || event.key === 'ArrowDown' ? 1 : event.code === 'KeyK' || event.key === 'ArrowUp' ? -1 : 0;
  if (!by) return;
  const rows = all<HTMLAnchorElement>('a.inbox-row');
  const here = rows.findIndex((row) => row === document.activeElement);
  const from = here >= 0 ? here : rows.findIndex((row) => row.hasAttribute('aria-current'));
  const next = rows[from < 0 ? 0 : Math.min(Math.max(from + by, 0), rows.length - 1)];
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function putIn(words: string): void {
  const text = find<HTMLTextAreaElement>('#text');
  if (!text) return;
  text.setRangeText(words, text.selectionStart, text.selectionEnd, 'end');
  const quick = find<HTMLDetailsElement>('#quick');
  if (quick) quick.open = false;
  text.focus();
  text.dispatchEvent(new Event('input', { bubbles: true }));
}
