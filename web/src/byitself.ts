// What a page asks of its own accord, by the clock or because something changed, is no sign that anybody sits before it: it is
// marked, and does not keep a screen from locking itself (src/web/mod.rs).
const CHANGES = /^(sse:|refresh$|beside$|waiting$)/;

export function bindByItself(): void {
  document.body.addEventListener('htmx:configRequest', (event) => {
    const { elt, headers, triggeringEvent } = (event as CustomEvent<{ elt: Element; headers: Record<string, string>; triggeringEvent?: Event }>).detail;
    const asked = triggeringEvent?.type;
    const polls = asked === undefined && /\bevery \d/.test(elt.getAttribute('hx-trigger') ?? '');
    if (polls || (asked !== undefined && CHANGES.test(asked))) headers['X-By-Itself'] = '1';
  });
}
