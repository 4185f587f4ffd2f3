// A form marked data-again carries the id of what it makes, so that sending it twice makes one thing. When its answer is lost on
// the way it keeps what was typed, says so, and sends itself again until the server has answered.
//   [data-unsent-note]    shown while it waits          [data-unsent-locked]   shown when the screen has locked itself meanwhile
import { find } from './dom';
import htmx from './htmx';

const WAITS_MS = [2_000, 4_000, 8_000, 15_000];
const unsent = new Map<HTMLFormElement, { tries: number; timer: number }>();
const locked = new Set<HTMLFormElement>();

const formOf = (event: Event): HTMLFormElement | null => {
  const { elt } = (event as CustomEvent<{ elt?: unknown }>).detail;
  return elt instanceof HTMLFormElement && elt.matches('[data-again]') ? elt : null;
};

/** Whether what failed will be sent again by itself. */
export const sendsItself = (event: Event): boolean => formOf(event) !== null;

export function bindAgain(): void {
  document.body.addEventListener('htmx:sendError', (event) => wait(formOf(event), false));
  document.body.addEventListener('htmx:timeout', (event) => wait(formOf(event), false));
  // a locked screen would lead away from what was typed: while something waits, every way out stays on the page
  document.body.addEventListener('htmx:beforeOnLoad', (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    const waiting = [...unsent.keys()].filter((form) => form.isConnected);
    if (xhr.status !== 401 || !waiting.length) return;
    event.preventDefault();
    waiting.forEach((form) => wait(form, true));
  });
  document.body.addEventListener('htmx:responseError', (event) => settled(formOf(event)));
  document.body.addEventListener('htmx:beforeSwap', (event) => {
    settled(formOf(event));
  });
  document.addEventListener('clinic:back', sendAll);
  addEventListener('online', sendAll);
  addEventListener('beforeunload', (event) => {
    if ([...unsent.keys()].some((form) => form.isConnected)) event.preventDefault();
  });
}

function wait(form: HTMLFormElement | null, isLocked: boolean): void {
  if (!form) return;
  const tries = (unsent.get(form)?.tries ?? 0) + 1;
  const after = WAITS_MS[Math.min(tries, WAITS_MS.length) - 1] ?? 0;
  clearTimeout(unsent.get(form)?.timer);
  unsent.set(form, { tries, timer: window.setTimeout(() => send(form), after) });
  if (isLocked) locked.add(form);
  show(form);
}

function send(form: HTMLFormElement): void {
  if (!form.isConnected) settled(form);
  else if (unsent.has(form)) htmx.trigger(form, 'submit', {});
}

function sendAll(): void {
  [...unsent.keys()].forEach(send);
}

function settled(form: HTMLFormElement | null): void {
  if (!form) return;
  clearTimeout(unsent.get(form)?.timer);
  unsent.delete(form);
  locked.delete(form);
  show(form);
}

function show(form: HTMLFormElement): void {
  const note = find('[data-unsent-note]', form);
  if (!note) return;
  note.hidden = !unsent.has(form);
  const words = find('[data-unsent-locked]', note);
  if (words) words.hidden = !locked.has(form);
  if (!note.hidden) note.scrollIntoView({ block: 'nearest' });
}
