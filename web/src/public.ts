// What a patient's phone runs on signing, booking and message pages. Every page works without it.
import { bindWork, tellHeight } from './book';
import { all, find, forgetOnBack, ready } from './dom';
import { bindCodes, bindPhones } from './phone';
import { bindSigning } from './sign';
import { bindThemeToggle } from './theme-cookie';

forgetOnBack();
ready(() => {
  bindPhones(document);
  bindCodes(document);
  bindThemeToggle();
  bindSigning();
  bindWork();
  tellHeight();
  for (const row of all('[data-scroll]')) find('[aria-current]', row)?.scrollIntoView({ block: 'nearest', inline: 'center' });
});
