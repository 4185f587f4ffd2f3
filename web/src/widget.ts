// The loader that a clinic puts on its own site:
//   <div data-tirkeu data-service="…" data-doctor="…" data-lang="kk" data-src="site"></div>
//   <div data-tirkeu="ask"></div> leaves a number to be called back.
//   <script src="https://clinic/widget.js" async></script>
// It puts the booking page into a frame and follows its height. It reads nothing of the site and stores nothing.
(() => {
  const me = document.currentScript as HTMLScriptElement | null;
  if (!me) return;
  const origin = new URL(me.src).origin;
  const frames: HTMLIFrameElement[] = [];
  const code = (text: string | undefined): string => encodeURIComponent(text ?? '');

  const put = (place: HTMLElement): void => {
    const { service, doctor, lang, src } = place.dataset;
    const asks = place.dataset.tirkeu === 'ask';
    const way = asks ? '/ask' : service ? `/book/${code(service)}${doctor ? `/${code(doctor)}` : ''}` : '/book';
    const query = [`embed=1`, `src=${code(src ?? 'site')}`];
    if (lang) query.push(`lang=${code(lang)}`);
    if (doctor && !service) query.push(`doctor=${code(doctor)}`);
    for (const [name, value] of new URLSearchParams(location.search)) if (/^utm_(source|medium|campaign)$/.test(name)) query.push(`${name}=${code(value)}`);
    const frame = document.createElement('iframe');
    frame.src = `${origin}${way}?${query.join('&')}`;
    frame.title = place.title || (asks ? 'Обратный звонок' : 'Онлайн-запись');
    frame.loading = 'lazy';
    Object.assign(frame.style, { width: '100%', maxWidth: '560px', height: '640px', border: '0', display: 'block', margin: '0 auto' });
    frames.push(frame);
    place.replaceChildren(frame);
  };

  addEventListener('message', (event: MessageEvent<{ tirkeu?: number; height?: number } | null>) => {
    const said = event.data;
    if (event.origin !== origin || said?.tirkeu !== 1 || typeof said.height !== 'number') return;
    const frame = frames.find((one) => one.contentWindow === event.source);
    if (frame) frame.style.height = `${Math.min(Math.max(said.height, 200), 10_000)}px`;
  });

  const start = (): void => {
    const places = document.querySelectorAll<HTMLElement>('[data-tirkeu]');
    for (const place of places) put(place);
  };
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', start);
  else start();
})();
