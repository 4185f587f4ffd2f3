// The panel beside the grid. It takes the focus when it was asked for, so that a visit is booked without a pointer, and gives
// it back on Escape; its button says which time is chosen.
import { closest, find } from '../dom';

/** Where the work goes on, in this order: what is wrong, who, what, when; else the panel's head. */
const NEXT = ['[aria-invalid="true"]', '#query', '#name:placeholder-shown', 'select#service', '#starts input:checked', '#starts input', 'h2'];

export function bindPanel(grid: HTMLElement): void {
  const panel = find('#bk');
  if (!panel) return;
  let opener = '';
  let expected = find('.sched.panel-open') !== null;
  document.addEventListener('click', (event) => {
    const link = closest(event, 'a.ev, a.free');
    if (link) opener = link.getAttribute('href') ?? '';
    const anew = closest(event, '[data-panel]');
    if (anew && isBlank(panel)) { // it stands there already: whoever types on at once loses no letter
      event.preventDefault();
      event.stopPropagation();
      find('.sched')?.classList.add('panel-open');
      focusIn(panel);
    } else if (link || anew) expected = true;
  }, { capture: true });
  document.body.addEventListener('htmx:beforeSwap', (event) => {
    if (event.target === panel && panel.contains(document.activeElement)) expected = true;
  });
  document.body.addEventListener('htmx:afterSwap', (event) => {
    if (event.target !== panel) return;
    // a morph keeps the focus where it was: then nothing is to be done
    if (expected && !panel.contains(document.activeElement)) focusIn(panel);
    expected = false;
    sayChosen(panel);
  });
  panel.addEventListener('change', () => sayChosen(panel));
  panel.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || event.defaultPrevented) return;
    const link = opener && find(`a[href=${JSON.stringify(opener)}]`, grid);
    (link || grid).focus();
  });
}

/** Whether it is the panel of a new visit in which nothing was said yet. */
function isBlank(panel: HTMLElement): boolean {
  const query = find<HTMLInputElement>('form#bk-f #query', panel);
  const chosen = find<HTMLSelectElement>('select#service', panel)?.value;
  return query !== null && !query.value && !chosen && !find('input[name="starts"]', panel);
}

function focusIn(panel: HTMLElement): void {
  const form = find<HTMLFormElement>('form#bk-f', panel);
  const chosen = find<HTMLSelectElement>('select#service', panel)?.value;
  const places = form ? NEXT.filter((place) => !(chosen && place === 'select#service')) : ['h2'];
  const next = places.map((place) => find(place, panel)).find((found) => found !== null);
  if (next?.matches('h2')) next.tabIndex = -1;
  next?.focus({ preventScroll: true });
}

/** «Записать · Завтра 09:00». */
function sayChosen(panel: HTMLElement): void {
  const place = find('[data-chosen]', panel);
  const radio = find<HTMLInputElement>('input[name="starts"]:checked', panel);
  const typed = find<HTMLInputElement>('input[name="time"]', panel)?.value.trim();
  if (place) place.textContent = radio && !typed ? `· ${radio.closest('label')?.textContent?.trim() ?? ''}` : '';
}
