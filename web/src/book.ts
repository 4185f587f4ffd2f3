// Online booking on the patient's phone: the proof of work before the code is asked for, the height of the widget.
import { find } from './dom';

/** How long a form waits for its proof before it goes without: the server is stricter then. */
const PATIENCE_MS = 12_000;

/** Starts the work when the page has come, so that it is done before anybody has typed a name. */
export function bindWork(): void {
  const form = find<HTMLFormElement>('form[data-work]');
  const field = form?.querySelector<HTMLInputElement>('input[name="work"]');
  const key = form?.querySelector<HTMLInputElement>('input[name="key"]')?.value;
  if (!form || !field || !key || !('Worker' in window)) return;
  const bits = Number(form.dataset['bits']);
  const done = new Promise<void>((resolve) => {
    const worker = new Worker(form.dataset['work'] ?? '');
    worker.onmessage = (event: MessageEvent<string>) => {
      field.value = event.data;
      worker.terminate();
      resolve();
    };
    worker.onerror = () => resolve();
    worker.postMessage({ key, bits });
  });
  let leaving = false;
  form.addEventListener('submit', (event) => {
    // A second tap sends nothing: the first is on its way.
    if (leaving) { event.preventDefault(); return; }
    leaving = true;
    const button = form.querySelector<HTMLButtonElement>('button[data-busy]');
    if (button) { button.setAttribute('aria-disabled', 'true'); button.textContent = button.dataset['busy'] ?? ''; }
    if (field.value) return;
    event.preventDefault();
    const late = new Promise<void>((resolve) => { setTimeout(resolve, PATIENCE_MS); });
    void Promise.race([done, late]).then(() => HTMLFormElement.prototype.submit.call(form));
  });
}

/** Inside another site: tells the loader how tall the page is. Nothing but a height leaves. */
export function tellHeight(): void {
  if (parent === window || !document.body.classList.contains('embedded')) return;
  const tell = (): void => parent.postMessage({ tirkeu: 1, height: Math.ceil(find('.p')?.getBoundingClientRect().height ?? 600) }, '*');
  new ResizeObserver(tell).observe(find('.p') ?? document.body);
  tell();
}
