// Tells the server that an entry was moved. The entry is already in its new place; it goes back when the answer is no.
//   POST {data-move-url}: starts (2026-11-23T15:45), resource (the column's), minutes, version (the entry's)
//   2xx        done: both columns are asked for again. HX-Trigger may carry a toast, ETag the new version
//   409, 422   a <dialog data-open>: the entry goes back and the dialog says why
import { openArrivedDialogs } from '../dialogs';
import { find, say } from '../dom';
import htmx from '../htmx';
import { linkIsLost } from '../live';
import { toast, toastFromHeader } from '../toast';
import { type Place, idOf, placeOf, put, samePlace, spoken, startsAt } from './grid';

const TIMEOUT_MS = 15_000;
let moving = 0;
const waiting = new Set<Element>();

/** Columns wait with other people's changes while something is being moved. */
export function holdColumns(): void {
  moving += 1;
}

export function releaseColumns(): void {
  moving = Math.max(0, moving - 1);
  if (moving) return;
  const columns = [...waiting];
  waiting.clear();
  columns.forEach(refresh);
}

/** Keeps back the requests of columns while they wait. */
export function bindHolding(): void {
  document.body.addEventListener('htmx:beforeRequest', (event) => {
    if (!moving || !(event.target instanceof Element) || !event.target.matches('.sc-col')) return;
    event.preventDefault();
    waiting.add(event.target);
  });
}

export async function commit(grid: HTMLElement, entry: HTMLElement, from: Place): Promise<void> {
  const to = placeOf(entry);
  if (samePlace(from, to)) return;
  if (linkIsLost()) {
    put(entry, from);
    fail(grid);
    return;
  }
  holdColumns();
  entry.classList.add('saving');
  try {
    const answer = await send(grid, entry, to);
    entry.classList.remove('saving');
    if (answer.ok) done(grid, entry, answer, from, to);
    else await refused(grid, entry, answer, from);
  } catch {
    entry.classList.remove('saving');
    put(entry, from);
    fail(grid);
  } finally {
    releaseColumns();
  }
}

function send(grid: HTMLElement, entry: HTMLElement, to: Place): Promise<Response> {
  const url = (grid.dataset['moveUrl'] ?? '').replace('{id}', idOf(entry));
  const body = new URLSearchParams({
    starts: startsAt(to),
    resource: to.column.dataset['resource'] ?? '',
    minutes: String(to.minutes),
    version: entry.dataset['v'] ?? '',
  });
  return fetch(url, { method: 'POST', body, headers: { 'HX-Request': 'true' }, signal: AbortSignal.timeout(TIMEOUT_MS) });
}

function done(grid: HTMLElement, entry: HTMLElement, answer: Response, from: Place, to: Place): void {
  const version = answer.headers.get('ETag')?.replace(/^W\/|"/g, '');
  if (version) entry.dataset['v'] = version;
  const words = `${grid.dataset['sayMoved'] ?? ''} ${spoken(to)}`;
  say(words);
  if (!toastFromHeader(answer.headers.get('HX-Trigger'))) toast({ text: words });
  waiting.add(from.column).add(to.column);
  refreshPanel(idOf(entry));
}

async function refused(grid: HTMLElement, entry: HTMLElement, answer: Response, from: Place): Promise<void> {
  put(entry, from);
  if (answer.status === 401) location.reload();
  else if (answer.status === 409 || answer.status === 422) {
    const slot = find('#dialog-slot');
    if (!slot) return;
    entry.focus();
    slot.innerHTML = await answer.text();
    htmx.process(slot);
    openArrivedDialogs(slot);
    say(grid.dataset['sayConflict'] ?? '');
    waiting.add(from.column);
  } else if (!toastFromHeader(answer.headers.get('HX-Trigger'))) fail(grid);
}

function fail(grid: HTMLElement): void {
  toast({ text: grid.dataset['sayFail'] ?? '', bad: true });
}

/** The panel must not go on showing the old hours of what was moved beside it. */
function refreshPanel(id: string): void {
  if (!find(`#bk [action^="/appointments/${id}/"]`)) return;
  void htmx.ajax('get', `/appointments/${id}`, { target: '#bk', swap: 'innerHTML' });
}

function refresh(column: Element): void {
  if (column.isConnected) htmx.trigger(column, 'refresh', {});
}
