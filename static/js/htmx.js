// htmx with the configuration of <meta name="htmx-config">, the loading line, and a way out of a page whose release is gone.
import htmx from 'htmx.org';

const root = document.documentElement;

document.addEventListener('htmx:beforeRequest', (event) => {
  if (event.detail.boosted) root.dataset.loading = '';
});
for (const end of ['htmx:afterRequest', 'htmx:historyRestore']) {
  document.addEventListener(end, () => delete root.dataset.loading);
}

// A form that comes back with problems stays where it was: its own address may know no GET to reload.
document.addEventListener('htmx:beforeOnLoad', ({ detail }) => {
  if (detail.boosted && detail.requestConfig.verb !== 'get' && detail.xhr.status >= 400) detail.etc.push = 'false';
});

// Whether a page asks for a style sheet that this one has not loaded.
const lacksStyle = (text) => [...text.matchAll(/<link rel="stylesheet" href="([^"]+)"/g)].some(([, href]) => !document.querySelector(`link[href="${CSS.escape(href)}"]`));

const isPage = (text) => /^\s*<!doctype html/i.test(text);

document.addEventListener('htmx:beforeSwap', (event) => {
  const { detail } = event;
  const { xhr, boosted } = detail;
  if (!boosted) return;
  if (!isPage(xhr.responseText)) {
    // Not one of the shop's pages (a proxy's, a file): let the browser show it, but never send a form twice.
    if (detail.requestConfig.verb === 'get') {
      detail.shouldSwap = false;
      location.assign(detail.pathInfo.finalRequestPath);
    }
    return;
  }
  // An error page is a page too.
  if (xhr.status >= 400) {
    detail.shouldSwap = true;
    detail.isError = false;
    detail.target = document.body;
    detail.swapOverride = 'innerHTML';
  }
  // A new release brings new styles and scripts, and so does a page with some of its own (the desk): load it whole, once. What was posted
  // has led there by then; an answer to a form itself is shown as it is.
  const isGot = detail.requestConfig.verb === 'get' || xhr.status < 400 && new URL(xhr.responseURL || location.href).pathname !== detail.pathInfo.requestPath.split('?')[0];
  if (isGot && lacksStyle(xhr.responseText)) {
    detail.shouldSwap = false;
    location.assign(xhr.responseURL || detail.pathInfo.responsePath || detail.pathInfo.finalRequestPath);
  }
});

// A part of a page changes at once: while a transition runs, clicks (a quick − −) would be lost.
document.addEventListener('htmx:beforeTransition', (event) => {
  if (event.detail.xhr && !event.detail.boosted) event.preventDefault();
});

// Back to a page that the server now answers with an error: let the browser show it.
document.addEventListener('htmx:historyCacheMissLoadError', () => location.reload());

// The desk's script is a file of its own and makes links live with the same one.
window.htmx = htmx;

export default htmx;
