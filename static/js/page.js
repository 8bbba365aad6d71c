/** Calls `fn` for the first page, after every swap, and when the browser brings a page back from its memory. */
export function onPage(fn) {
  fn(document);
  document.addEventListener('htmx:afterSettle', () => fn(document));
}

/** One listener on the document for elements that come and go: `fn(element, event)` for the closest match. */
export function on(type, selector, fn) {
  document.addEventListener(type, (event) => {
    const element = event.target instanceof Element ? event.target.closest(selector) : null;
    if (element) fn(element, event);
  });
}
