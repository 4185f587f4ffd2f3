declare module 'htmx-ext-sse/dist/sse.esm.js';
declare module 'idiomorph/htmx';
