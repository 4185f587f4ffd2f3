// Dialogs, panels, toggles and filters: small behaviours that pages ask for with data- attributes.
//   <dialog data-open>            opens itself when it arrives; focus goes back to the opener when it closes
//   [data-dialog="id"]            opens that dialog          [data-close]   closes the dialog or panel around it
//   [data-panel]                  shows the booking panel    [data-toggle-class="c" data-target="#x"]
//   [data-submit-on-change]       sends its form             details.menu   closes on Escape and on a click outside
import { all, closest, find } from './dom';
import { closePanel } from './keys';

export function openArrivedDialogs(root: ParentNode): void {
  for (const dialog of all<HTMLDialogElement>('dialog[data-open]:not([open])', root)) {
    const opener = document.activeElement;
    dialog.showModal();
    dialog.addEventListener('close', () => {
      if (dialog.parentElement?.id === 'dialog-slot') dialog.remove();
      if (opener instanceof HTMLElement && opener.isConnected) opener.focus();
    });
  }
}

export function bindDialogs(): void {
  document.addEventListener('click', (event) => {
    const opener = closest(event, '[data-dialog]');
    if (opener) find<HTMLDialogElement>(`#${opener.dataset['dialog'] ?? ''}`)?.showModal();
    const closer = closest(event, '[data-close]');
    if (closer) {
      const dialog = closer.closest('dialog');
      if (dialog) dialog.close();
      else closePanel();
    }
    if (closest(event, '[data-panel]')) find('.sched')?.classList.add('panel-open');
    const toggle = closest(event, '[data-toggle-class]');
    if (toggle) {
      const on = find(toggle.dataset['target'] ?? '')?.classList.toggle(toggle.dataset['toggleClass'] ?? '') ?? false;
      toggle.setAttribute('aria-pressed', String(on));
    }
    for (const menu of all<HTMLDetailsElement>('details.menu-d[open]')) {
      if (!(event.target instanceof Node && menu.contains(event.target))) menu.open = false;
    }
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    for (const menu of all<HTMLDetailsElement>('details.menu-d[open]')) {
      menu.open = false;
      find('summary', menu)?.focus();
    }
  });
  document.addEventListener('change', (event) => {
    closest(event, '[data-submit-on-change]')?.closest('form')?.requestSubmit();
  });
}

/** A refusal (templates/web/problem.html) opens as a dialog, whatever the request's target was: nothing typed is lost. */
export function bindProblems(): void {
  document.body.addEventListener('htmx:beforeSwap', (event) => {
    const { detail } = event as CustomEvent<Swap>;
    if (!String(detail.serverResponse).includes(' data-problem')) return;
    const asked = detail.requestConfig?.triggeringEvent;
    const background = !asked || asked.type.startsWith('sse:') || asked.type === 'refresh' || asked.type === 'load';
    detail.isError = background; // what the page asked for by itself fails in silence, or with a toast
    detail.shouldSwap = !background;
    detail.swapOverride = 'innerHTML';
    const slot = find('#dialog-slot');
    if (slot) detail.target = slot;
  });
}

interface Swap {
  serverResponse: unknown;
  shouldSwap: boolean;
  isError: boolean;
  swapOverride?: string;
  target: Element;
  requestConfig?: { triggeringEvent?: Event };
}
