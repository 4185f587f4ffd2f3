// The day schedule's own behaviour, on top of what the server has drawn. Without it the grid still shows, prints and links.
import { closest, find } from '../dom';
import htmx from '../htmx';
import { bindHolding } from './commit';
import { columnsOf, showNow } from './grid';
import { bindArming, bindKeyboard } from './keyboard';
import { bindPanel } from './panel';
import { bindPointer } from './pointer';

export function bindSchedule(): void {
  const grid = find('.sched-x');
  if (!grid) return;
  bindHolding();
  bindArming(grid);
  bindPointer(grid);
  bindKeyboard(grid);
  bindPanel(grid);
  bindOpening(grid);
  bindChanges(grid);
  // the line of the present follows the clinic's clock, not this computer's
  document.addEventListener('clinic:time', (event) => {
    const time = (event as CustomEvent<string>).detail;
    if (/^\d\d:\d\d$/.test(time) && 'today' in grid.dataset) showNow(grid, time);
  });
  find('.now', grid)?.scrollIntoView({ block: 'center', inline: 'nearest' });
}

/** Entries and free slots open in the panel: said once here, not in attributes on each of them, so that the page stays small. */
function bindOpening(grid: HTMLElement): void {
  grid.addEventListener('click', (event) => {
    const link = closest<HTMLAnchorElement>(event, 'a.ev, a.free');
    if (!link || event.defaultPrevented || event.button || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    find('#sched')?.classList.add('panel-open');
    void htmx.ajax('get', link.getAttribute('href') ?? '', { target: '#bk', swap: 'innerHTML' });
  });
}

/**
 * Which column is to ask again: the one that changed, and the one with the appointment that a message is about. Said here for
 * all of them, and not in each one's hx-trigger, so that the page stays small.
 */
function bindChanges(grid: HTMLElement): void {
  const refresh = (column?: Element | null): void => {
    if (column) htmx.trigger(column, 'refresh', {});
  };
  document.body.addEventListener('htmx:sseOpen', (event) => {
    const { source } = (event as CustomEvent<{ source: EventSource }>).detail;
    const on = (name: string, found: (id: string) => Element | null | undefined): void => {
      source.addEventListener(name, (change) => refresh(found(CSS.escape((change as MessageEvent<string>).data))));
    };
    on(`column:${grid.dataset['day'] ?? ''}`, (id) => find(`.sc-col[data-resource="${id}"]`, grid));
    on('message:appointment', (id) => find(`.ev[href$="/${id}"]`, grid)?.closest('.sc-col'));
    source.addEventListener('lagged', () => columnsOf(grid).forEach(refresh));
  });
}
