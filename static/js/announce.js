// Focus and speech after swaps: what sighted people notice by themselves.
let wait;

/** Says `text` to screen readers, through a region that no swap replaces. */
export function say(text) {
  // Behind an open dialog nothing is read.
  const region = document.querySelector('dialog[open] [role="status"]') ?? document.getElementById('announcer');
  if (!region || !text) return;
  clearTimeout(wait);
  region.textContent = '';
  // Emptied first and filled a moment later, or the same text twice is said once.
  wait = setTimeout(() => { region.textContent = text; }, 60);
}

/** Moves the focus, also to a thing that is no control by itself. */
function focusOn(element, options) {
  if (!element) return;
  if (!element.matches('a, button, input, select, textarea, [tabindex]')) element.tabIndex = -1;
  element.focus(options);
}

const firstProblem = (scope) => scope.querySelector('[data-error-summary]') ?? scope.querySelector('[aria-invalid="true"]');

document.addEventListener('htmx:afterSettle', ({ target, detail }) => {
  // One event an element that came in; what came out of band speaks for itself alone.
  const element = target instanceof Element ? target : document.body;
  if (!detail.xhr) {
    // Back or forward: no request of an element's, and scroll.js puts the page where it was.
    focusOn(document.querySelector('main h1'), { preventScroll: true });
    return;
  }
  const { status } = detail.xhr;
  if (status >= 400 && firstProblem(document)) {
    focusOn(firstProblem(document));
  } else if (detail.boosted) {
    focusOn(document.querySelector('main h1'));
    const toast = document.querySelector('[data-toast]')?.dataset.say;
    say(toast ? `${toast} ${document.title}` : document.title);
    return;
  }
  const speaking = element.matches('[data-say]') ? element : element.querySelector('[data-say]');
  if (speaking) say(speaking.dataset.say);
});

// A full load: an unsuccessful form begins at its summary; a message is said.
focusOn(document.querySelector('[data-error-summary]'));
say(document.querySelector('[data-toast]')?.dataset.say);
