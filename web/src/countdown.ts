// Seconds that run down: <b data-countdown="38">, and the button that waits for them: <button data-after="38" disabled>.
import { all } from './dom';

export function bindCountdowns(): void {
  const started = Date.now();
  const clocks = all('[data-countdown]');
  const waiting = all<HTMLButtonElement>('button[data-after]');
  if (!clocks.length && !waiting.length) return;
  const tick = (): void => {
    const passed = Math.floor((Date.now() - started) / 1000);
    for (const clock of clocks) {
      const left = Math.max(0, Number(clock.dataset['countdown']) - passed);
      clock.textContent = String(left);
      if (left === 0) clock.parentElement?.toggleAttribute('hidden', true);
    }
    for (const button of waiting) button.disabled = passed < Number(button.dataset['after']);
  };
  tick();
  setInterval(tick, 500);
}
