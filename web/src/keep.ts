// What is typed or chosen while an answer is on its way outlives the answer: it shows the form as it was when it was asked.
import { all } from './dom';

type Field = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;
interface Asked { asked: Map<string, string>; meanwhile: Map<string, string> }

const underWay = new WeakMap<XMLHttpRequest, Asked>();

/** Passwords and codes are not for keeping; what is hidden is the server's own. */
const FIELDS = 'input[id]:not([type=hidden], [type=password], [type=file], [type=radio], [type=submit]), textarea[id], select[id]';

const valueOf = (field: Field): string =>
  field instanceof HTMLInputElement && field.type === 'checkbox' ? String(field.checked) : field.value;

function give(field: Field, value: string): void {
  if (field instanceof HTMLInputElement && field.type === 'checkbox') field.checked = value === 'true';
  else if (!(field instanceof HTMLSelectElement) || [...field.options].some((option) => option.value === value)) field.value = value;
}

const valuesIn = (root: ParentNode): Map<string, string> =>
  new Map(all<Field>(FIELDS, root).map((field) => [field.id, valueOf(field)]));

export function bindKeep(): void {
  document.body.addEventListener('htmx:beforeSend', (event) => {
    const { xhr, target } = (event as CustomEvent<{ xhr: XMLHttpRequest; target: Element }>).detail;
    underWay.set(xhr, { asked: valuesIn(target), meanwhile: new Map() });
  });
  document.body.addEventListener('htmx:beforeSwap', (event) => {
    const { xhr, target } = (event as CustomEvent<{ xhr: XMLHttpRequest; target: Element }>).detail;
    const known = underWay.get(xhr);
    if (!known) return;
    for (const [id, value] of valuesIn(target)) {
      const before = known.asked.get(id);
      if (before !== undefined && before !== value) known.meanwhile.set(id, value);
    }
  });
  document.body.addEventListener('htmx:afterSwap', (event) => {
    const { xhr, target } = (event as CustomEvent<{ xhr: XMLHttpRequest; target: Element }>).detail;
    const meanwhile = underWay.get(xhr)?.meanwhile;
    underWay.delete(xhr);
    if (!meanwhile?.size) return;
    for (const field of all<Field>(FIELDS, target)) {
      const value = meanwhile.get(field.id);
      if (value !== undefined) give(field, value);
    }
  });
}
