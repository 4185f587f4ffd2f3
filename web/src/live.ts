// The live mark in the top bar and the strip shown when the link to the clinic's server is lost.
// The server sends `event: ping` every few seconds on each stream (data: the clinic's time, HH:MM). When no ping has come
// for ten seconds the page says so, keeps what it shows, and switches off every button that writes. Nothing is queued.
import { all, find } from './dom';
import htmx from './htmx';

const SILENCE_MS = 10_000;
let timer = 0;
let lastTime = '';

export function bindLive(): void {
  const mark = find('#live');
  document.body.addEventListener('htmx:sseOpen', (event) => {
    const { source } = (event as CustomEvent<{ source: EventSource }>).detail;
    back(mark);
    source.addEventListener('ping', (ping) => {
      lastTime = (ping as MessageEvent<string>).data;
      document.dispatchEvent(new CustomEvent('clinic:time', { detail: lastTime }));
      back(mark);
      arm(mark);
    });
    source.addEventListener('waiting', askForRail);
    source.addEventListener('lagged', askForEverything);
  });
  document.body.addEventListener('htmx:sseError', () => arm(mark));
  document.addEventListener('clinic:back', askForRail);
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) askForRail();
  });
  addEventListener('offline', () => lost(mark));
  addEventListener('online', () => {
    if (!mark) back(mark); // pages without a stream: the next request will tell
  });
}

/** Something waits for somebody, or no longer does: the rail's numbers are others. Like a sign of presence it is not asked
 * for while nobody looks, and a missing answer is nothing to speak of (beside.ts). */
function askForRail(): void {
  const rail = find('#rail');
  if (rail?.checkVisibility()) htmx.trigger(rail, 'waiting', {});
}

/** The server could not say all that changed: every live part of the page asks again. */
function askForEverything(): void {
  for (const part of all('[hx-trigger*="sse:"]')) {
    const name = /sse:[^\s,]+/.exec(part.getAttribute('hx-trigger') ?? '');
    if (name) htmx.trigger(part, name[0], {});
  }
  askForRail();
}

/** Counts the silence from now. */
function arm(mark: HTMLElement | null): void {
  clearTimeout(timer);
  timer = window.setTimeout(() => lost(mark), SILENCE_MS);
}

function back(mark: HTMLElement | null): void {
  clearTimeout(timer);
  if (mark) {
    mark.className = mark.className.replace(/\boff\b/, '').trim();
    mark.textContent = mark.dataset['on'] ?? '';
  }
  const strip = find('#lost');
  const wasLost = strip !== null && !strip.hidden;
  if (strip) strip.hidden = true;
  for (const control of all<HTMLButtonElement>('[data-lost-link]')) {
    control.disabled = false;
    delete control.dataset['lostLink'];
  }
  if (wasLost) document.dispatchEvent(new Event('clinic:back'));
}

function lost(mark: HTMLElement | null): void {
  const since = lastTime || new Date().toTimeString().slice(0, 5);
  if (mark) {
    mark.classList.add('off');
    mark.textContent = (mark.dataset['off'] ?? '').replace('{time}', since);
  }
  const strip = find('#lost');
  if (strip) {
    strip.hidden = false;
    const time = find('time', strip);
    if (time) time.textContent = since;
  }
  const writing = 'form[method="post"] button:not([type="button"]), button[form], button[hx-post]';
  for (const control of all<HTMLButtonElement>(writing)) {
    if (control.disabled) continue;
    control.disabled = true;
    control.dataset['lostLink'] = '';
  }
}

/** True while the link is lost: nothing may be written. */
export function linkIsLost(): boolean {
  const strip = find('#lost');
  return strip !== null && !strip.hidden;
}
