// Reading and signing a document.
// The signature goes to the server as vector strokes (JSON in the hidden field #pad-data), never as a data: image.
//   strokes = [{ "points": [{ "x", "y", "time" (ms), "pressure" }], … }], in CSS pixels of the pad; its size goes along
//   in #pad-data's form as hidden fields #pad-width and #pad-height when they exist.
import SignaturePad from 'signature_pad';
import { all, find } from './dom';

export function bindSigning(): void {
  bindPad();
  bindReading();
}

function bindPad(): void {
  const canvas = find<HTMLCanvasElement>('#pad');
  const out = find<HTMLInputElement>('#pad-data');
  if (!canvas || !out) return;
  const pad = new SignaturePad(canvas, { minWidth: 1.2, maxWidth: 3.4, penColor: getComputedStyle(canvas).color });
  const hint = find('#pad-hint');
  const next = find<HTMLButtonElement>('#pad-next');
  const sync = (): void => {
    const empty = pad.isEmpty();
    if (hint) hint.hidden = !empty;
    if (next) next.disabled = empty;
    out.value = empty ? '' : JSON.stringify(pad.toData().map(({ points }) => ({ points })));
    setValue('#pad-width', canvas.offsetWidth);
    setValue('#pad-height', canvas.offsetHeight);
  };
  const fit = (): void => {
    const ratio = Math.max(devicePixelRatio || 1, 1);
    const strokes = pad.toData();
    canvas.width = canvas.offsetWidth * ratio;
    canvas.height = canvas.offsetHeight * ratio;
    canvas.getContext('2d')?.scale(ratio, ratio);
    pad.clear();
    pad.fromData(strokes);
    sync();
  };
  pad.addEventListener('endStroke', sync);
  find('#pad-clear')?.addEventListener('click', () => {
    pad.clear();
    sync();
  });
  find('#pad-undo')?.addEventListener('click', () => {
    const strokes = pad.toData();
    strokes.pop();
    pad.clear();
    pad.fromData(strokes);
    sync();
  });
  addEventListener('resize', fit);
  fit();
}

/** "I have read it" opens at the end of the text. Without JavaScript the button is simply enabled. */
function bindReading(): void {
  const text = find('#read');
  const go = find<HTMLButtonElement>('#read-ok');
  const bar = find<HTMLProgressElement>('#read-bar');
  if (!text || !go) return;
  let done = false;
  const settle = (): void => {
    const seen = Math.min(100, Math.round(((text.scrollTop + text.clientHeight) / text.scrollHeight) * 100));
    if (bar) bar.value = seen;
    done ||= seen >= 98;
    go.disabled = !done;
    if (done) setValue('#read-done', 1);
  };
  text.addEventListener('scroll', settle, { passive: true });
  addEventListener('resize', settle);
  const sizes = all<HTMLButtonElement>('button[data-size]');
  for (const size of sizes) {
    size.addEventListener('click', () => {
      text.dataset['size'] = size.dataset['size'] ?? 'm';
      for (const other of sizes) other.setAttribute('aria-pressed', String(other === size));
      settle();
    });
  }
  settle();
}

function setValue(selector: string, value: number): void {
  const field = find<HTMLInputElement>(selector);
  if (field) field.value = String(value);
}
