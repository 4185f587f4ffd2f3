// Where an entry of the day schedule stands, and how it is put somewhere else.
// A position is two classes, r{row} d{span}, in rows of five minutes counted from the grid's data-day-start.
import { all, find } from '../dom';

/** Rows in one step of a move: fifteen minutes. */
export const STEP = 3;
const MINUTES_A_ROW = 5;

export interface Place {
  column: HTMLElement;
  /** From 1. */
  row: number;
  /** Rows that it is drawn over. */
  span: number;
  /** Its length: short entries are drawn longer than they are (data-minutes), so that they can be hit. */
  minutes: number;
}

/** The appointment's id. */
export function idOf(entry: HTMLElement): string {
  return (entry.getAttribute('href') ?? '').replace(/^.*\//, '');
}

export function placeOf(entry: HTMLElement): Place {
  const column = entry.closest<HTMLElement>('.sc-col');
  if (!column) throw new Error('an entry outside a column');
  const span = numberIn(entry, 'd');
  return { column, row: numberIn(entry, 'r'), span, minutes: Number(entry.dataset['minutes']) || span * MINUTES_A_ROW };
}

/** The time that a free slot begins: a short entry above may be drawn over its first rows. */
export function startOfSlot(slot: HTMLElement): Pick<Place, 'column' | 'row'> {
  const { column, row } = placeOf(slot);
  const time = /starts=[\d-]+T(\d\d:\d\d)/.exec(slot.getAttribute('href') ?? '')?.[1];
  return { column, row: time ? rowAt(column, time) : row };
}

/** The same place with another length, in rows. */
export function lengthened(place: Place, span: number): Place {
  return { ...place, span, minutes: span * MINUTES_A_ROW };
}

export function put(entry: HTMLElement, place: Place): void {
  if (entry.parentElement !== place.column) place.column.append(entry);
  setPosition(entry, place);
}

/** Shows a position without changing the column. */
export function setPosition(entry: HTMLElement, place: Place): void {
  if (entry.dataset['minutes']) entry.dataset['minutes'] = String(place.minutes);
  entry.className = entry.className.replace(/\br\d+\b/, `r${place.row}`).replace(/\bd\d+\b/, `d${place.span}`);
  const time = find('time', entry);
  if (time) time.textContent = timeAt(place.column, place.row);
}

export function samePlace(a: Place, b: Place): boolean {
  return a.column === b.column && a.row === b.row && a.minutes === b.minutes;
}

export function columnsOf(grid: HTMLElement): HTMLElement[] {
  return all('.sc-col', grid);
}

export function entriesOf(column: HTMLElement): HTMLElement[] {
  return all('.ev', column).sort((a, b) => numberIn(a, 'r') - numberIn(b, 'r'));
}

/** Rows of a column. */
export function rowsOf(column: HTMLElement): number {
  return Math.round(column.getBoundingClientRect().height / rowHeight(column));
}

/** Pixels of one row. */
export function rowHeight(column: HTMLElement): number {
  return parseFloat(getComputedStyle(column).gridTemplateRows) || 6;
}

/** The clinic's time of a row: 15:45. */
export function timeAt(column: HTMLElement, row: number): string {
  const minutes = dayStart(column) + (row - 1) * MINUTES_A_ROW;
  return `${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** What the server is told: 2026-11-23T15:45. */
export function startsAt(place: Place): string {
  const day = start(place.column).slice(0, 10);
  return `${day}T${timeAt(place.column, place.row)}`;
}

/** The row in which a time of day lies. */
export function rowAt(column: HTMLElement, time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return Math.floor((hours * 60 + minutes - dayStart(column)) / MINUTES_A_ROW) + 1;
}

/** A place in words: "15:45–16:30, Seitova A. N." */
export function spoken(place: Place): string {
  const name = place.column.getAttribute('aria-label') ?? '';
  return `${timeAt(place.column, place.row)}–${timeAt(place.column, place.row + place.minutes / MINUTES_A_ROW)}, ${name}`;
}

/** An entry that the moved one would overlap. Only a hint: the server decides. */
export function clash(entry: HTMLElement, place: Place): HTMLElement | undefined {
  const end = (of: Place): number => of.row + of.minutes / MINUTES_A_ROW;
  return entriesOf(place.column).find((other) => {
    if (other === entry || other.matches('.st-cancel, .st-miss, .ghost')) return false;
    const there = placeOf(other);
    return there.row < end(place) && place.row < end(there);
  });
}

/** Moves the line that shows the present. */
export function showNow(grid: HTMLElement, time: string): void {
  const column = find('.sc-col', grid);
  if (!column) return;
  const row = rowAt(column, time);
  for (const line of all('.now, .now-l, .nowdot', grid)) {
    line.hidden = row < 1 || row > rowsOf(column);
    line.className = line.className.replace(/\br\d+\b/, `r${Math.max(row, 1)}`);
    if (line.matches('.now-l')) line.textContent = time;
  }
}

/** When the grid begins: 2026-11-23T09:00. */
function start(column: HTMLElement): string {
  return column.closest<HTMLElement>('[data-day-start]')?.dataset['dayStart'] ?? '';
}

function dayStart(column: HTMLElement): number {
  const [hours = 0, minutes = 0] = start(column).slice(11).split(':').map(Number);
  return hours * 60 + minutes;
}

function numberIn(element: HTMLElement, prefix: string): number {
  const pattern = new RegExp(`^${prefix}\\d+$`);
  const found = [...element.classList].find((name) => pattern.test(name));
  return found ? Number(found.slice(1)) : 1;
}

function pad(number: number): string {
  return String(number).padStart(2, '0');
}
