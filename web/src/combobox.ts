// Search as one types: an input[role=combobox] whose options arrive by htmx into the listbox named by aria-controls.
// An option is `<a role="option" href>` (goes there) or any element with hx-get/hx-post (htmx does it): both by click().
import { all, closest, find } from './dom';
import htmx from './htmx';

type Field = HTMLInputElement;

const listOf = (field: Field): HTMLElement | null => document.getElementById(field.getAttribute('aria-controls') ?? '');
const optionsOf = (list: HTMLElement): HTMLElement[] => all('[role="option"]', list);
const fieldOf = (list: Element): Field | null => find<Field>(`[role="combobox"][aria-controls="${list.id}"]`);

export function bindComboboxes(): void {
  document.addEventListener('keydown', (event) => {
    const field = closest<Field>(event, '[role="combobox"]');
    const list = field && listOf(field);
    if (field && list) onKey(event, field, list);
  });
  document.body.addEventListener('htmx:afterSwap', (event) => {
    if (!(event.target instanceof HTMLElement) || event.target.getAttribute('role') !== 'listbox') return;
    const field = fieldOf(event.target);
    if (!field) return;
    const options = optionsOf(event.target);
    options.forEach((option, at) => (option.id ||= `${event.target instanceof HTMLElement ? event.target.id : ''}-${at}`));
    if (document.activeElement === field && field.value.trim()) open(field, event.target, event.target.childElementCount > 0);
    choose(field, options, 0);
  });
  document.addEventListener('input', (event) => {
    const field = closest<Field>(event, '[role="combobox"]');
    const list = field && listOf(field);
    if (field && list && !field.value.trim()) open(field, list, false);
  });
  document.addEventListener('focusin', (event) => {
    const field = closest<Field>(event, '[role="combobox"]');
    const list = field && listOf(field);
    if (field && list && field.value.trim() && list.childElementCount > 0) open(field, list, true);
  });
  document.addEventListener('focusout', (event) => {
    const field = closest<Field>(event, '[role="combobox"]');
    const list = field && listOf(field);
    const next = (event as FocusEvent).relatedTarget;
    if (field && list && !(next instanceof Node && list.contains(next))) open(field, list, false);
  });
  // a press on an option must not take the focus (and close the list) before the click arrives
  document.addEventListener('pointerdown', (event) => {
    if (closest(event, '[role="listbox"] [role="option"]')) event.preventDefault();
  });
}

function onKey(event: KeyboardEvent, field: Field, list: HTMLElement): void {
  const options = optionsOf(list);
  const at = options.findIndex((option) => option.getAttribute('aria-selected') === 'true');
  if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
    if (!options.length) return;
    event.preventDefault();
    if (list.hidden) open(field, list, true);
    else choose(field, options, (at + (event.key === 'ArrowDown' ? 1 : -1) + options.length) % options.length);
  } else if (event.key === 'Enter') {
    const option = options[at];
    if (list.hidden || !option) return; // without a list, Enter sends the form
    event.preventDefault();
    option.click();
    open(field, list, false);
  } else if (event.key === 'Escape') {
    if (!list.hidden) {
      event.preventDefault();
      event.stopPropagation();
      open(field, list, false);
    } else if (field.value) {
      field.value = '';
      htmx.trigger(field, 'input', {});
    } else field.blur();
  }
}

function open(field: Field, list: HTMLElement, shown: boolean): void {
  list.hidden = !shown;
  field.setAttribute('aria-expanded', String(shown));
  if (!shown) field.removeAttribute('aria-activedescendant');
}

function choose(field: Field, options: HTMLElement[], at: number): void {
  options.forEach((option, index) => option.setAttribute('aria-selected', String(index === at)));
  const option = options[at];
  if (option) {
    field.setAttribute('aria-activedescendant', option.id);
    option.scrollIntoView({ block: 'nearest' });
  } else field.removeAttribute('aria-activedescendant');
}
