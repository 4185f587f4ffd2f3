// Small helpers shared by every bundle.

export function find<E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E | null {
  return root.querySelector<E>(selector);
}

export function all<E extends Element = HTMLElement>(selector: string, root: ParentNode = document): E[] {
  return [...root.querySelectorAll<E>(selector)];
}

/** Runs once the document has been read. */
export function ready(action: () => void): void {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', action);
  else action();
}

/** The element of an event's target that matches, if any. */
export function closest<E extends Element = HTMLElement>(event: Event, selector: string): E | null {
  return event.target instanceof Element ? event.target.closest<E>(selector) : null;
}

/** A patient's page must not come back from the browser's own back cache. */
export function forgetOnBack(): void {
  addEventListener('pageshow', (event) => {
    if (event.persisted) location.reload();
  });
}

/** Speaks to a screen reader without moving anything. */
export function say(text: string): void {
  const box = find('#say');
  if (box) box.textContent = text;
}
