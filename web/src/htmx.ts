// htmx with its extensions, configured for the strict content security policy:
// no eval, no inline styles, nothing of a patient in sessionStorage.
import htmx from 'htmx.org';
import { ready } from './dom';

declare global {
  interface Window {
    htmx: typeof htmx;
  }
}
window.htmx = htmx; // the morph extension looks for a global

Object.assign(htmx.config, {
  // Not `style`: an empty one that a test or an extension left is inline style to the policy once it is copied.
  attributesToSettle: ['class', 'width', 'height'],
  includeIndicatorStyles: false,
  allowEval: false,
  allowScriptTags: false,
  selfRequestsOnly: true,
  defaultSettleDelay: 0, // what arrives is bound in the same moment: no key pressed on it is lost
  historyCacheSize: 0,
  refreshOnHistoryMiss: true,
  timeout: 15_000,
  responseHandling: [
    { code: '204', swap: false },
    { code: '[23]..', swap: true },
    { code: '409', swap: true, error: false, target: '#dialog-slot', swapOverride: 'innerHTML' }, // somebody changed it first
    { code: '422', swap: true, error: false }, // the form again, with what is wrong
    { code: '401', swap: false, error: true },
    { code: '...', swap: false, error: true },
  ],
});

/** htmx notes the present path in sessionStorage, which may hold an id: nothing stays in browser storage. */
const forget = (): void => sessionStorage.clear();
ready(() => setTimeout(forget));
addEventListener('pagehide', forget);

export default htmx;
