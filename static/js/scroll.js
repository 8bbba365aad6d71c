// Back and forward end where the page was left: htmx loads it anew and knows no more.
const key = () => `scroll:${location.pathname}${location.search}`;

function keep(value) {
  try {
    sessionStorage.setItem(key(), String(value));
  } catch {
    // storage is blocked: the page begins at its top
  }
}

function kept() {
  try {
    return Number(sessionStorage.getItem(key()) ?? 0);
  } catch {
    return 0;
  }
}

document.addEventListener('htmx:beforeRequest', ({ detail }) => {
  if (detail.boosted) keep(window.scrollY);
});
document.addEventListener('htmx:afterSettle', ({ detail }) => {
  if (!detail.xhr) window.scrollTo({ top: kept(), behavior: 'instant' });
});
