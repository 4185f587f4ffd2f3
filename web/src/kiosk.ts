// The tablet in the patient's hands: reading, signing, the keypad, and nothing that outlives the patient.
import './htmx'; // the lock screen asks the server what comes next: hx-trigger="every 2s"
import 'htmx-ext-sse/dist/sse.esm.js';
import 'idiomorph/htmx';
import { bindCountdowns } from './countdown';
import { forgetOnBack, ready } from './dom';
import { bindKeypad } from './keypad';
import { bindCodes, bindPhones } from './phone';
import { bindSigning } from './sign';
import { bindThemeToggle } from './theme-cookie';

forgetOnBack();
ready(() => {
  bindPhones(document);
  bindCodes(document);
  bindThemeToggle();
  bindSigning();
  bindKeypad();
  bindCountdowns();
});
