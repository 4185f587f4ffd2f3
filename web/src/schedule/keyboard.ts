// Without a pointer: arrows walk between entries; M moves one (arrows: a quarter of an hour or a column, Shift: its length,
// Enter saves, Escape puts it back). Without dragging (WCAG 2.5.7): "Move" in an entry's panel arms it, the next free slot
// that is clicked takes it.
import { all, closest, find, say } from '../dom';
import { closePanel } from '../keys';
import { commit, holdColumns, releaseColumns } from './commit';
import { type Place, STEP, clash, columnsOf, entriesOf, lengthened, placeOf, put, rowsOf, spoken, startOfSlot } from './grid';

const ARROWS: Record<string, [across: number, down: number]> = {
  ArrowUp: [0, -1], ArrowDown: [0, 1], ArrowLeft: [-1, 0], ArrowRight: [1, 0],
};

export function bindKeyboard(grid: HTMLElement): void {
  let moved: { entry: HTMLElement; from: Place } | null = null;

  const finish = (keep: boolean): void => {
    if (!moved) return;
    const { entry, from } = moved;
    moved = null;
    entry.classList.remove('moving', 'clash');
    if (keep) void commit(grid, entry, from);
    else {
      put(entry, from);
      say(grid.dataset['sayCancel'] ?? '');
    }
    entry.focus();
    releaseColumns();
  };

  grid.addEventListener('keydown', (event) => {
    const entry = closest(event, '.ev');
    if (!entry) {
      if (event.target === grid && ARROWS[event.key]) enter(event, grid);
      return;
    }
    if (moved?.entry === entry) {
      const arrow = ARROWS[event.key];
      if (!arrow && event.key !== 'Enter' && event.key !== 'Escape') return;
      event.preventDefault();
      event.stopPropagation();
      if (arrow) step(grid, entry, arrow, event.shiftKey);
      else finish(event.key === 'Enter');
    } else if (event.code === 'KeyM' && !event.ctrlKey && !event.metaKey && !event.altKey && !('locked' in entry.dataset)) {
      event.preventDefault();
      finish(false);
      moved = { entry, from: placeOf(entry) };
      holdColumns();
      entry.classList.add('moving');
      say(grid.dataset['sayStart'] ?? '');
    } else if (ARROWS[event.key]) {
      event.preventDefault();
      walk(grid, entry, ARROWS[event.key] ?? [0, 0]);
    }
  });
  grid.addEventListener('pointerdown', (event) => {
    if (moved && closest(event, '.ev') !== moved.entry) finish(false);
  });
}

/** From the grid itself the arrows lead to what comes next today, or to the first visit of another day. */
function enter(event: KeyboardEvent, grid: HTMLElement): void {
  const now = find('.now', grid);
  const entries = all('.ev:not(.st-cancel)', grid);
  const next = now && entries.find((one) => one.getBoundingClientRect().top >= now.getBoundingClientRect().top);
  const first = next ?? entries[0];
  if (!first) return;
  event.preventDefault();
  first.focus();
}

/** One step of a keyboard move. */
function step(grid: HTMLElement, entry: HTMLElement, [across, down]: [number, number], longer: boolean): void {
  let place = placeOf(entry);
  if (longer) {
    const room = rowsOf(place.column) - place.row + 1;
    place = lengthened(place, Math.min(room, Math.max(STEP, place.span + down * STEP)));
  } else {
    const columns = columnsOf(grid);
    const last = Math.max(1, rowsOf(place.column) - place.span + 1);
    place.row = Math.min(last, Math.max(1, place.row + down * STEP));
    place.column = columns[columns.indexOf(place.column) + across] ?? place.column;
  }
  put(entry, place);
  entry.focus();
  const other = clash(entry, place);
  entry.classList.toggle('clash', other !== undefined);
  const busy = other ? ` — ${grid.dataset['sayBusy'] ?? ''} ${find('.clip', other)?.textContent ?? ''}` : '';
  say(spoken(place) + busy);
  entry.scrollIntoView({ block: 'nearest', inline: 'nearest' });
}

/** The next entry above or below, or the nearest in the next column that has any. */
function walk(grid: HTMLElement, entry: HTMLElement, [across, down]: [number, number]): void {
  const { column, row } = placeOf(entry);
  if (down) {
    const here = entriesOf(column);
    here[here.indexOf(entry) + down]?.focus();
    return;
  }
  const columns = columnsOf(grid);
  for (let at = columns.indexOf(column) + across; columns[at]; at += across) {
    const there = entriesOf(columns[at] as HTMLElement);
    const distance = (other: HTMLElement): number => Math.abs(placeOf(other).row - row);
    const nearest = there.sort((a, b) => distance(a) - distance(b))[0];
    if (nearest) {
      nearest.focus();
      return;
    }
  }
}

/** [data-arm=id] in an entry's panel; then a click on a free slot; Escape gives up. */
export function bindArming(grid: HTMLElement): void {
  const disarm = (): void => {
    all('.ev[data-armed]', grid).forEach((entry) => delete entry.dataset['armed']);
    find('#sched')?.classList.remove('finding');
  };
  document.addEventListener('click', (event) => {
    const button = closest(event, '[data-arm]');
    if (!button) return;
    disarm();
    const entry = find(`.ev[href$="/${CSS.escape(button.dataset['arm'] ?? '')}"]`, grid);
    if (!entry || 'locked' in entry.dataset) return;
    event.preventDefault();
    entry.dataset['armed'] = '';
    find('#sched')?.classList.add('finding');
    closePanel();
    find('.free', grid)?.focus();
    say(grid.dataset['sayArmed'] ?? '');
  });
  grid.addEventListener('click', (event) => {
    const slot = closest(event, '.free');
    const entry = find('.ev[data-armed]', grid);
    if (!slot || !entry) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    disarm();
    const from = placeOf(entry);
    put(entry, { ...from, ...startOfSlot(slot) });
    entry.focus();
    void commit(grid, entry, from);
  }, { capture: true });
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') disarm();
  });
}
