// Toasts: what has just happened, with one undo at a time. The server sends them in a response header,
// HX-Trigger: {"toast":{"text":"…","undo":"/appointments/7/undo","bad":false}} — ASCII only (\uXXXX), headers are Latin-1.
import { sendsItself } from './again';
import htmx from './htmx';
import { find } from './dom';

export interface Toast {
  text: string;
  /** Address that takes the change back by POST. */
  undo?: string;
  /** An error: stays until closed, spoken at once. */
  bad?: boolean;
}

const PLAIN_MS = 6000;

export function toast({ text, undo, bad = false }: Toast): void {
  const box = find('#toasts');
  if (!box || !text) return;
  if (undo) box.querySelectorAll('.toast:not(.toast-bad)').forEach((old) => old.remove()); // only the last change can be undone
  const element = document.createElement('div');
  element.className = bad ? 'toast toast-bad' : 'toast';
  if (bad) element.setAttribute('role', 'alert');
  const words = document.createElement('span');
  words.className = 'grow';
  words.textContent = text;
  element.append(words);
  if (undo) {
    element.append(button(box.dataset['undo'] ?? 'Undo', () => {
      element.remove();
      void htmx.ajax('post', undo, { target: '#dialog-slot', swap: 'innerHTML' });
    }));
  }
  if (undo || bad) element.append(button(box.dataset['close'] ?? 'Close', () => element.remove()));
  else setTimeout(() => element.remove(), PLAIN_MS);
  box.append(element);
}

/** Shows the toast of an HX-Trigger header, for answers that did not come through htmx. */
export function toastFromHeader(header: string | null): boolean {
  if (!header?.startsWith('{')) return false;
  const parsed = (JSON.parse(header) as { toast?: Toast }).toast;
  if (parsed) toast(parsed);
  return parsed !== undefined;
}

export function bindToasts(): void {
  const box = find('#toasts');
  document.body.addEventListener('toast', (event) => toast((event as CustomEvent<Toast>).detail));
  // a form that sends itself again says so in its own place (web/src/again.ts)
  const failed = (text?: string) => (event: Event): void => {
    if (!sendsItself(event)) toast({ text: text ?? '', bad: true });
  };
  document.body.addEventListener('htmx:sendError', failed(box?.dataset['lost']));
  document.body.addEventListener('htmx:timeout', failed(box?.dataset['timeout']));
  document.body.addEventListener('htmx:responseError', (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    if (xhr.status === 401) location.reload(); // the session is over: the server answers with the sign-in page
    else if (!xhr.getResponseHeader('HX-Trigger')?.includes('"toast"')) toast({ text: box?.dataset['failed'] ?? '', bad: true });
  });
}

function button(label: string, action: () => void): HTMLButtonElement {
  const element = document.createElement('button');
  element.className = 'btn btn-sm';
  element.type = 'button';
  element.textContent = label;
  element.addEventListener('click', action);
  return element;
}
