// Who else has open what stands in the panel: templates/booking/_beside.html asks every few seconds, and that it asks is the sign
// that it is open. Here it asks at once when somebody came, gives no sign while nobody looks, and keeps quiet when an answer is
// missing: a lost sign is nothing to speak of, and a locked screen keeps what was typed.
import { all } from './dom';
import htmx from './htmx';

/** A sign, or the rail asking for its numbers (live.ts). */
const isSign = (event: Event): boolean => event.target instanceof Element && event.target.matches('[data-beside], #rail');

export function bindBeside(): void {
  const ask = (of?: string): void => {
    for (const place of all('[data-beside]')) if (of === undefined || place.dataset['beside'] === of) htmx.trigger(place, 'beside', {});
  };
  document.body.addEventListener('htmx:sseOpen', (event) => {
    const { source } = (event as CustomEvent<{ source: EventSource }>).detail;
    source.addEventListener('presence', (change) => ask((change as MessageEvent<string>).data));
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) ask();
  });
  document.body.addEventListener('htmx:beforeRequest', (event) => {
    if (document.hidden && isSign(event)) event.preventDefault();
  });
  document.body.addEventListener('htmx:beforeOnLoad', (event) => {
    const { xhr } = (event as CustomEvent<{ xhr: XMLHttpRequest }>).detail;
    if (xhr.status >= 400 && isSign(event)) event.preventDefault();
  });
  for (const failure of ['htmx:sendError', 'htmx:timeout']) {
    document.addEventListener(failure, (event) => {
      if (isSign(event)) event.stopImmediatePropagation();
    }, { capture: true });
  }
}
