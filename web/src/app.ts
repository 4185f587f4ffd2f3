// The staff pages. They work without this file: it makes them live and quick.
import htmx from './htmx';
import 'htmx-ext-sse/dist/sse.esm.js';
import 'idiomorph/htmx'; // hx-swap="morph:outerHTML": live updates keep focus, scroll and open menus
import { bindAgain } from './again';
import { bindBeside } from './beside';
import { bindByItself } from './byitself';
import { bindComboboxes } from './combobox';
import { bindDialogs, bindProblems, openArrivedDialogs } from './dialogs';
import { bindDays } from './day';
import { closest, forgetOnBack, ready } from './dom';
import { bindFiles } from './files';
import { bindInbox } from './inbox';
import { bindKeep } from './keep';
import { bindKeys } from './keys';
import { bindLive } from './live';
import { bindPasskeys } from './passkeys';
import { bindCodes, bindPhones } from './phone';
import { bindSchedule } from './schedule';
import { bindThemeToggle } from './theme-cookie';
import { bindToasts } from './toast';

forgetOnBack();
ready(() => {
  bindKeep();
  bindByItself();
  bindBeside();
  bindKeys();
  bindComboboxes();
  bindDialogs();
  bindDays();
  bindFiles();
  bindInbox();
  bindPasskeys();
  bindProblems();
  bindThemeToggle();
  bindToasts();
  bindLive();
  bindAgain();
  bindSchedule();
  document.addEventListener('click', (event) => {
    if (closest(event, '[data-print]')) print();
  });
  htmx.onLoad((element) => {
    const root = element.parentElement ?? document;
    bindPhones(root);
    bindCodes(root);
    openArrivedDialogs(root);
  });
});
