// Phone field: +7 (701) 234-56-78 while typing; 8701…, 7701…, 701… are understood, other countries stay as typed after +.
// The server parses the number again: this only helps the eye.

export function formatPhone(raw: string): string {
  const kept = raw.replace(/[^\d+]/g, '');
  if (kept.startsWith('+') && !kept.startsWith('+7')) return '+' + kept.slice(1).replace(/\D/g, '').slice(0, 15);
  let digits = kept.replace(/\D/g, '');
  if (!digits) return kept.startsWith('+') ? '+' : '';
  const prefixed = digits[0] === '8' || (digits[0] === '7' && (digits.length > 1 || kept.startsWith('+')));
  if (prefixed && !(digits[0] === '7' && digits.length === 10 && !kept.startsWith('+'))) digits = digits.slice(1);
  digits = digits.slice(0, 10);
  let out = '+7';
  if (digits.length) out += ' (' + digits.slice(0, 3);
  if (digits.length >= 3) out += ')';
  if (digits.length > 3) out += ' ' + digits.slice(3, 6);
  if (digits.length > 6) out += '-' + digits.slice(6, 8);
  if (digits.length > 8) out += '-' + digits.slice(8, 10);
  return out;
}

export function bindPhones(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLInputElement>('input[type="tel"]:not([data-bound])')) {
    field.dataset['bound'] = '';
    field.addEventListener('input', (event) => {
      if ((event as InputEvent).inputType?.startsWith('delete')) return;
      const atEnd = field.selectionStart === field.value.length;
      if (atEnd && /\d/.test(field.value)) field.value = formatPhone(field.value);
    });
    field.addEventListener('blur', () => {
      if (field.value.replace(/\D/g, '').length >= 4) field.value = formatPhone(field.value);
    });
  }
}

/** One-time codes: digits only, whatever was pasted. */
export function bindCodes(root: ParentNode): void {
  for (const field of root.querySelectorAll<HTMLInputElement>('input[autocomplete="one-time-code"]:not([data-bound])')) {
    field.dataset['bound'] = '';
    field.addEventListener('input', () => {
      const clean = field.value.replace(/\D/g, '').slice(0, field.maxLength > 0 ? field.maxLength : 6);
      if (clean !== field.value) field.value = clean;
    });
  }
}
