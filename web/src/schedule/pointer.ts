// Moving with a mouse or a finger: a mouse starts after five pixels, a finger after a hold, so that scrolling still works.
// The grip at an entry's foot changes its length.
import { closest, find } from '../dom';
import { commit, holdColumns, releaseColumns } from './commit';
import { type Place, STEP, clash, columnsOf, lengthened, placeOf, put, rowHeight, rowsOf, setPosition, timeAt } from './grid';

const START_PX = 5;
const HOLD_MS = 350;
const GRIP_PX = 7;

interface Drag {
  entry: HTMLElement;
  pointer: number;
  touch: boolean;
  resize: boolean;
  from: Place;
  to: Place;
  /** Where the pointer went down, and how far below the entry's top. */
  x: number;
  y: number;
  below: number;
  begun: boolean;
  timer: number;
  ghost: HTMLElement | null;
}

export function bindPointer(grid: HTMLElement): void {
  let drag: Drag | null = null;

  grid.addEventListener('dragstart', (event) => event.preventDefault()); // an entry is a link: no link dragging
  grid.addEventListener('pointerdown', (event) => {
    const entry = closest(event, '.ev');
    if (!entry || event.button !== 0 || 'locked' in entry.dataset) return;
    const from = placeOf(entry);
    const touch = event.pointerType !== 'mouse';
    drag = {
      entry, from, touch, to: from, pointer: event.pointerId, resize: onGrip(entry, event.clientY),
      x: event.clientX, y: event.clientY, below: event.clientY - entry.getBoundingClientRect().top,
      begun: false, ghost: null, timer: 0,
    };
    if (touch) drag.timer = window.setTimeout(() => drag && begin(grid, drag), HOLD_MS);
  });
  grid.addEventListener('pointermove', (event) => {
    if (!drag || event.pointerId !== drag.pointer) return;
    if (!drag.begun) {
      if (Math.hypot(event.clientX - drag.x, event.clientY - drag.y) <= START_PX) return;
      if (drag.touch) { // a finger that moves before the hold is scrolling
        clearTimeout(drag.timer);
        drag = null;
        return;
      }
      begin(grid, drag);
    }
    event.preventDefault();
    if (drag.resize) stretch(drag, event.clientY);
    else carry(grid, drag, event);
  });
  grid.addEventListener('touchmove', (event) => {
    if (drag?.begun) event.preventDefault();
  }, { passive: false });

  const end = (keep: boolean): void => {
    if (!drag) return;
    const ended = drag;
    drag = null;
    clearTimeout(ended.timer);
    if (!ended.begun) return;
    ended.ghost?.remove();
    ended.entry.classList.remove('dragging');
    columnsOf(grid).forEach((column) => column.classList.remove('over'));
    swallowClick(ended.entry);
    put(ended.entry, keep ? ended.to : ended.from);
    if (keep) void commit(grid, ended.entry, ended.from);
    releaseColumns();
  };
  addEventListener('pointerup', () => end(true));
  addEventListener('pointercancel', () => end(false));
  document.addEventListener('keydown', (event) => {
    if (event.key === 'Escape' && drag?.begun) {
      event.stopPropagation();
      end(false);
    }
  }, { capture: true });
}

/** The foot of an entry, where the pointer shows that it can be stretched. */
function onGrip(entry: HTMLElement, y: number): boolean {
  const { bottom, height } = entry.getBoundingClientRect();
  return bottom - y <= Math.min(GRIP_PX, height / 3);
}

function begin(grid: HTMLElement, drag: Drag): void {
  drag.begun = true;
  holdColumns();
  drag.entry.setPointerCapture(drag.pointer);
  if (drag.resize) return;
  const { width, height } = drag.entry.getBoundingClientRect();
  const ghost = drag.entry.cloneNode(true) as HTMLElement;
  ghost.removeAttribute('id');
  ghost.setAttribute('aria-hidden', 'true');
  ghost.tabIndex = -1;
  ghost.classList.add('ghost');
  ghost.style.width = `${width}px`;
  ghost.style.height = `${height}px`;
  grid.append(ghost);
  drag.ghost = ghost;
  drag.entry.classList.add('dragging');
}

function stretch(drag: Drag, y: number): void {
  const rows = (y - drag.entry.getBoundingClientRect().top) / rowHeight(drag.from.column) / STEP;
  const room = rowsOf(drag.from.column) - drag.from.row + 1;
  drag.to = lengthened(drag.from, Math.min(room, Math.max(STEP, Math.round(rows) * STEP)));
  setPosition(drag.entry, drag.to);
}

function carry(grid: HTMLElement, drag: Drag, event: PointerEvent): void {
  const columns = columnsOf(grid);
  const over = columns.find((column) => {
    const { left, right } = column.getBoundingClientRect();
    return event.clientX >= left && event.clientX < right;
  });
  const column = over ?? drag.to.column;
  const box = column.getBoundingClientRect();
  const height = rowHeight(column);
  const offset = Math.round((event.clientY - drag.below - box.top) / height / STEP) * STEP;
  const row = Math.min(Math.max(rowsOf(column) - drag.from.span, 0), Math.max(0, offset)) + 1;
  drag.to = { ...drag.from, column, row };
  columns.forEach((each) => each.classList.toggle('over', each === column));
  if (!drag.ghost) return;
  const frame = grid.getBoundingClientRect();
  drag.ghost.style.left = `${box.left - frame.left + grid.scrollLeft + 3}px`;
  drag.ghost.style.top = `${box.top - frame.top + grid.scrollTop + (row - 1) * height}px`;
  drag.ghost.style.width = `${box.width - 12}px`;
  drag.ghost.classList.toggle('clash', clash(drag.entry, drag.to) !== undefined);
  const time = find('time', drag.ghost);
  if (time) time.textContent = timeAt(column, row);
}

/** A drop is not a click: the entry must not open. */
function swallowClick(entry: HTMLElement): void {
  const swallow = (event: Event): void => {
    event.preventDefault();
    event.stopPropagation();
  };
  entry.addEventListener('click', swallow, { once: true, capture: true });
  setTimeout(() => entry.removeEventListener('click', swallow, { capture: true }), 50);
}
