// Passkeys (W3C Web Authentication): asks the server for a question, the browser's key for the answer, and sends the
// form with it. Without this file, or in a browser without passkeys, the forms stay hidden.
//   <form method="post" action="…" data-passkey="/where/to/ask" data-passkey-page="/this" [data-passkey-make] hidden>
//     <input type="hidden" name="answer" value=""> … <p data-passkey-problem hidden>…</p></form>
//   <p data-passkey-none>shown only where there are none</p>
import { all, find } from './dom';

export function bindPasskeys(): void {
  if (typeof PublicKeyCredential === 'undefined' || !('parseRequestOptionsFromJSON' in PublicKeyCredential)) return;
  for (const note of all('[data-passkey-none]')) note.hidden = true;
  for (const form of all<HTMLFormElement>('form[data-passkey]')) {
    form.hidden = false;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      void answer(form);
    });
  }
}

async function answer(form: HTMLFormElement): Promise<void> {
  const problem = find('[data-passkey-problem]', form);
  const button = find<HTMLButtonElement>('button[type="submit"]', form);
  if (!button || button.disabled) return;
  if (problem) problem.hidden = true;
  button.disabled = true;
  try {
    const field = find<HTMLInputElement>('input[name="answer"]', form);
    const key = await ask(form);
    if (!field || !key) return;
    field.value = JSON.stringify(key.toJSON());
    form.submit(); // past the listener above
  } catch {
    // Cancelled, took too long, or no key of this server is at hand: the browser does not say which.
    if (problem) problem.hidden = false;
  } finally {
    button.disabled = false;
  }
}

async function ask(form: HTMLFormElement): Promise<PublicKeyCredential | null> {
  const reply = await fetch(form.dataset['passkey'] ?? '', { method: 'POST', headers: { accept: 'application/json' } });
  if (!reply.ok) {
    // Signed out, locked, or the proof ran out: the page itself says what to do.
    location.assign(form.dataset['passkeyPage'] ?? '/');
    return null;
  }
  const asked = await reply.json();
  const made = form.dataset['passkeyMake'] !== undefined
    ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
    : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) });
  return made as PublicKeyCredential | null;
}
