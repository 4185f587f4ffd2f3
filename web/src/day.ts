// A calendar for a field of a day (day_field of lib/ui.html). The field is text, ДД.ММ.ГГГГ: the browser's own would follow the
// browser's language. Its calendar is borrowed: an unseen field beside it opens it, and what is chosen is written as text.
import { closest, find } from './dom';

export function bindDays(): void {
  document.addEventListener('click', (event) => {
    const box = closest(event, '[data-day-pick]')?.closest<HTMLElement>('.day');
    const [field, calendar] = box ? partsOf(box) : [];
    if (!field || !calendar || !('showPicker' in calendar)) return;
    const typed = /^(\d{1,2})\D(\d{1,2})\D(\d{4})$/.exec(field.value.trim());
    calendar.value = typed ? [typed[3], pad(typed[2]), pad(typed[1])].join('-') : '';
    calendar.showPicker();
  });
  document.addEventListener('change', (event) => {
    const box = closest<HTMLInputElement>(event, '.day-p')?.closest<HTMLElement>('.day');
    const [field, calendar] = box ? partsOf(box) : [];
    if (!field || !calendar?.value) return;
    field.value = calendar.value.split('-').reverse().join('.');
    field.focus();
    field.dispatchEvent(new Event('change', { bubbles: true }));
  });
}

const partsOf = (box: HTMLElement): [HTMLInputElement | null, HTMLInputElement | null] => [
  find<HTMLInputElement>('.in-date', box), find<HTMLInputElement>('.day-p', box),
];

const pad = (digits = ''): string => digits.padStart(2, '0');
