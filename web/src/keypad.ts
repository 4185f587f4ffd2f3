// On-screen keypad: types into #code, so that the system keyboard never covers the page.
//   <input id="code" maxlength="6" inputmode="none" …>   <button data-k="1">   <button data-k="x">   <button id="code-ok">
import { all, find } from './dom';

export function bindKeypad(): void {
  const field = find<HTMLInputElement>('#code');
  if (!field) return;
  if (matchMedia('(max-width: 560px)').matches) field.inputMode = 'numeric'; // a phone has a better one
  const full = field.maxLength > 0 ? field.maxLength : 6;
  for (const key of all('[data-k]')) {
    key.addEventListener('click', () => {
      const digit = key.dataset['k'] ?? '';
      field.value = digit === 'x' ? field.value.slice(0, -1) : (field.value + digit).slice(0, full);
      field.dispatchEvent(new Event('input', { bubbles: true }));
    });
  }
  const go = find<HTMLButtonElement>('#code-ok');
  const settle = (): void => {
    if (go) go.disabled = field.value.length < full;
  };
  field.addEventListener('input', settle);
  settle();
}
